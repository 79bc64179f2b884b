import type { AuditEvent } from '../../shared/audit/event.ts';
import type { Floor } from './floor.ts';
import { getOrMake } from './memory.ts';
import type { Exposure } from './signal.ts';

/** How often things could have happened: of one person at one till in one part of the day. */
export interface ExposureCell {
  readonly personId: string;
  readonly tillId: string | null;
  readonly part: number;
  readonly counts: Partial<Record<Exposure, number>>;
}

interface OpenCell {
  readonly personId: string;
  readonly tillId: string | null;
  readonly part: number;
  readonly counts: Partial<Record<Exposure, number>>;
  /** Quarter hour that was counted last. */
  quarter: number;
}

const QUARTER_MS = 900_000;
const EXPOSURE_OF: Readonly<Record<string, Exposure>> = {
  'shift.used': 'sales',
  'cash.counted': 'shifts',
  'redemption.authorised': 'redemptions',
  'code.sent': 'codes',
  'wallet.earned': 'earned',
  'approval.requested': 'asks',
};

export function countExposures(floor: Floor) {
  const days = new Map<
    string,
    { storeId: string; day: number; cells: Map<string, OpenCell>; salesByHour: number[] }
  >();

  function dayOf(storeId: string, day: number) {
    return getOrMake(days, `${storeId}/${day}`, () => ({
      ...{ storeId, day },
      cells: new Map<string, OpenCell>(),
      salesByHour: new Array<number>(24).fill(0),
    }));
  }

  function add(event: AuditEvent, personId: string, exposure: Exposure | null): void {
    const { day, part, minute } = floor.localOf(event);
    const { cells, salesByHour } = dayOf(event.storeId ?? '', day);
    const key = `${personId}/${event.tillId ?? ''}/${part}`;
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = { personId, tillId: event.tillId, part, counts: {}, quarter: 0 };
      cells.set(key, cell);
    }
    const quarter = Math.floor(event.at / QUARTER_MS);
    // Whoever decides does so on a phone, away from the tills.
    if (quarter !== cell.quarter && exposure !== 'decisions') {
      cell.quarter = quarter;
      cell.counts.hours = (cell.counts.hours ?? 0) + 0.25;
    }
    if (exposure !== null) cell.counts[exposure] = (cell.counts[exposure] ?? 0) + 1;
    if (exposure === 'sales')
      salesByHour[Math.floor(minute / 60)] = (salesByHour[Math.floor(minute / 60)] ?? 0) + 1;
  }

  return {
    see(event: AuditEvent): void {
      const { kind } = event;
      // The most frequent of all, and each comes with one that is counted.
      if (kind === 'drawer.opened' || kind === 'drawer.closed') return;
      const staffId = floor.staffOf(event);
      if (staffId !== null) add(event, staffId, EXPOSURE_OF[kind] ?? null);
      if (kind !== 'approval.approved' && kind !== 'approval.rejected') return;
      if (staffId !== null && event.detail.action === 'discount' && kind === 'approval.approved') {
        add(event, staffId, 'discounts');
      }
      if (event.approverId !== null && event.detail.via === 'tap') add(event, event.approverId, 'decisions');
    },

    /** Days and stores of which anything was seen, by day, then by store. */
    places(): { storeId: string; day: number }[] {
      return [...days.values()]
        .map(({ storeId, day }) => ({ storeId, day }))
        .sort((a, b) => a.day - b.day || (a.storeId < b.storeId ? -1 : 1));
    },

    take(storeId: string, day: number): { cells: ExposureCell[]; salesByHour: number[] } {
      const { cells, salesByHour } = dayOf(storeId, day);
      days.delete(`${storeId}/${day}`);
      return {
        cells: [...cells.values()].map(({ personId, tillId, part, counts }) => ({
          personId,
          tillId,
          part,
          counts,
        })),
        salesByHour,
      };
    },
  };
}
