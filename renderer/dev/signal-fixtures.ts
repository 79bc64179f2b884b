import type { TimelineEvent } from '../../shared/audit/timeline.ts';
import type { FindingDetail, ShownFinding } from '../../shared/findings-api.ts';
import { STAFF, uuid } from './base-fixtures.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const now = Date.now();
const today = Math.floor(now / DAY_MS);

function finding(id: number, change: Partial<ShownFinding>): ShownFinding {
  return {
    id,
    storeId: uuid(900),
    signal: 'void_rate',
    person: { kind: 'cashier', id: STAFF[0]?.id ?? '' },
    personName: STAFF[0]?.name ?? null,
    tillId: uuid(901),
    tillName: 'Kasir 1',
    window: { from: today - 20, to: today + 8 },
    revision: 1,
    severity: 'medium',
    score: 58,
    figures: { count: 19, expected: 4.3, exposure: 612, value: 0.031, median: 0.007, mad: 0.002, z: 7.1 },
    eventIds: Array.from({ length: 19 }, (_, index) => 4_000 + id * 30 + index),
    foundAt: now - id * 2 * HOUR_MS,
    state: 'new',
    acknowledged: null,
    ...change,
  };
}

export const FINDINGS: readonly ShownFinding[] = [
  finding(12, {}),
  finding(11, {
    ...{ signal: 'fast_approval', severity: 'high', score: 84, tillId: null, tillName: null },
    person: { kind: 'approver', id: STAFF[2]?.id ?? '' },
    personName: STAFF[2]?.name ?? null,
  }),
  finding(10, {
    ...{ signal: 'customers_one_phone', severity: 'low', score: 41, personName: null },
    person: { kind: 'phone', id: 'tag-77' },
  }),
  finding(9, {
    ...{ signal: 'unexplained_opening', state: 'seen', personName: STAFF[1]?.name ?? null },
    person: { kind: 'cashier', id: STAFF[1]?.id ?? '' },
    acknowledged: { state: 'seen', staffId: STAFF[3]?.id ?? '', note: '', at: now - HOUR_MS },
  }),
  finding(8, {
    ...{ signal: 'redemption_after_wrong_codes', state: 'dismissed', severity: 'low' },
    acknowledged: {
      ...{ state: 'innocent', staffId: STAFF[3]?.id ?? '', at: now - 5 * HOUR_MS },
      note: 'Pelanggan lansia, salah ketik',
    },
  }),
];

export function eventsOf(ids: readonly number[]): TimelineEvent[] {
  return ids.map((id, index) => ({
    id,
    storeId: uuid(900),
    tillId: uuid(901),
    source: 'gateway',
    seq: id,
    at: now - (ids.length - index) * 11 * HOUR_MS,
    kind: index % 5 === 4 ? 'approval.rejected' : 'approval.approved',
    staffId: STAFF[0]?.id ?? null,
    approverId: STAFF[2]?.id ?? null,
    customerId: null,
    saleRef: `POS-2026-00${1_200 + index}`,
    subjectId: null,
    asset: 'cash',
    amount: 48_500 + index * 1_500,
    outcome: index % 5 === 4 ? 'refused' : 'ok',
    detail: { action: 'void' },
    ...{ tillName: 'Kasir 1', staffName: STAFF[0]?.name ?? null, approverName: STAFF[2]?.name ?? null },
    customerName: null,
    hash: id.toString(16).padStart(64, '0'),
  }));
}

/** As many as the digest says. */
export const YESTERDAYS_VOIDS: readonly TimelineEvent[] = eventsOf([1, 2, 3, 4, 5]).map((event, index) => ({
  ...event,
  at: (today - 1) * DAY_MS + (9 + index) * HOUR_MS,
  kind: 'approval.approved',
  outcome: 'ok',
}));

export function wordsOf({ acknowledged }: ShownFinding): FindingDetail['words'] {
  if (acknowledged === null) return [];
  const { at, state, note } = acknowledged;
  return [{ at, state, note, staffName: 'Hendra' }];
}
