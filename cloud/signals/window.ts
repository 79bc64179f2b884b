import type { SignalId } from '../../shared/signal-policy.ts';
import type { DayRecord } from './day.ts';
import type { Facts } from './facts.ts';
import { getOrMake } from './memory.ts';
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
  const used = records.filter(({ day }) => day >= from - BASELINE_DAYS && day < to);
  let cells: WindowCell[] | null = null;
  return {
    from,
    to,
    facts,
    get cells() {
      // Only what is compared by exposure needs them.
      cells ??= sumCells(used, from);
      return cells;
    },
    occurrences(id) {
      const [base, now]: [Occurrence[], Occurrence[]] = [[], []];
      for (const record of used) {
        const own = record.occurrences[id];
        if (own !== undefined) (record.day >= from ? now : base).push(...own);
      }
      return { base, now };
    },
  };
}

function sumCells(records: readonly DayRecord[], from: number): WindowCell[] {
  const cells = new Map<string, WindowCell & Record<'now' | 'base', Record<Exposure, number>>>();
  for (const { storeId, day, cells: ofDay } of records) {
    for (const { personId, tillId, part, counts } of ofDay) {
      const key = `${storeId}/${personId}/${tillId ?? ''}/${part}`;
      const { now, base } = getOrMake(cells, key, () => ({
        ...{ storeId, personId, tillId, part },
        ...{ now: noExposure(), base: noExposure() },
      }));
      for (const exposure of EXPOSURES) {
        const count = counts[exposure];
        if (count === undefined) continue;
        base[exposure] += count;
        if (day >= from) now[exposure] += count;
      }
    }
  }
  return [...cells.values()];
}

const noExposure = (): Record<Exposure, number> => ({
  ...{
    sales: 0,
    hours: 0,
    shifts: 0,
    redemptions: 0,
    codes: 0,
    discounts: 0,
    asks: 0,
    decisions: 0,
    earned: 0,
  },
});
