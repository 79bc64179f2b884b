import type { SignalId } from '../../shared/signal-policy.ts';
import type { DayRecord } from './day.ts';
import type { Facts } from './facts.ts';
import { EXPOSURES, type Exposure, type Occurrence } from './signal.ts';

/** Days before a window that its baseline is taken from, beside the window itself. */
export const BASELINE_DAYS = 28;

/** One person at one till in one part of the day, over the window and over the window with its baseline. */
export interface WindowCell {
  readonly storeId: string;
  readonly personId: string;
  readonly tillId: string | null;
  readonly part: number;
  readonly now: Readonly<Record<Exposure, number>>;
  readonly base: Readonly<Record<Exposure, number>>;
}

/** What findings are judged by: the records of stores that are peers, from `BASELINE_DAYS` before the window to its end. */
export interface Window {
  /** Epoch days in each store's own calendar; `to` not included. */
  readonly from: number;
  readonly to: number;
  readonly facts: Facts;
  readonly cells: readonly WindowCell[];
  /** Of the baseline and of the window, in that order of time. */
  occurrences(id: SignalId): { readonly base: readonly Occurrence[]; readonly now: readonly Occurrence[] };
}

/** The window of `days` whole days that `day` lies in: windows follow each other and do not overlap, so their keys stay. */
export function windowOf(day: number, days: number): { from: number; to: number } {
  const from = day - (day % days);
  return { from, to: from + days };
}

export function createWindow(
  { from, to }: { from: number; to: number },
  facts: Facts,
  records: readonly DayRecord[],
): Window {
  const cells = new Map<
    string,
    { cell: WindowCell; now: Record<Exposure, number>; base: Record<Exposure, number> }
  >();
  const used = records.filter(({ day }) => day >= from - BASELINE_DAYS && day < to);
  for (const record of used) {
    for (const { personId, tillId, part, counts } of record.cells) {
      const key = `${record.storeId}/${personId}/${tillId ?? ''}/${part}`;
      let found = cells.get(key);
      if (found === undefined) {
        const [now, base] = [noExposure(), noExposure()];
        found = { now, base, cell: { storeId: record.storeId, personId, tillId, part, now, base } };
        cells.set(key, found);
      }
      for (const name in counts) {
        const exposure = name as Exposure;
        found.base[exposure] += counts[exposure] ?? 0;
        if (record.day >= from) found.now[exposure] += counts[exposure] ?? 0;
      }
    }
  }
  return {
    from,
    to,
    facts,
    cells: [...cells.values()].map(({ cell }) => cell),
    occurrences(id) {
      const [base, now]: [Occurrence[], Occurrence[]] = [[], []];
      for (const record of used) (record.day >= from ? now : base).push(...(record.occurrences[id] ?? []));
      return { base, now };
    },
  };
}

function noExposure(): Record<Exposure, number> {
  return Object.fromEntries(EXPOSURES.map((name) => [name, 0])) as Record<Exposure, number>;
}
