import type { OutboxItemView, ReconciliationView, RedemptionView, Trouble } from '../../shared/bridge.ts';
import { amountOf, uuid, wire } from './base-fixtures.ts';

/** The sealed code that the scripted till takes, of whomever. */
export const DEV_SEALED = 'K7QM3XW9';

const NOW = Date.UTC(2026, 10, 24, 6, 40);

export const SEALED: NonNullable<RedemptionView['sealed']> = {
  supervisors: [
    { id: uuid(3), name: 'Dewi Anggraini Kusumawardhani', codesLeft: 3 },
    { id: uuid(4), name: 'Hendra', codesLeft: 1 },
    { id: uuid(5), name: 'Rina Marlina', codesLeft: 0 },
  ],
  triesLeft: 5,
  lockedForMs: null,
  available: 1_250_000,
  ageMs: 7_800_000,
  left: { customer: 200_000, till: 850_000 },
};

const item = (number: number, change: Partial<OutboxItemView>): OutboxItemView => ({
  id: uuid(900 + number),
  kind: 'capture',
  state: 'pending',
  saleRef: `S-7Q${number}XK2MD`,
  customerName: 'Siti Rahmawati',
  asset: 'deposit',
  amount: amountOf(50_000 * (number + 1)),
  attempts: 3,
  at: NOW - number * 540_000,
  nextTryInMs: 14_000,
  reason: wire('gateway_unreachable'),
  actions: ['retry'],
  ...change,
});

export const WAITING_ITEMS: readonly OutboxItemView[] = [
  item(0, {
    kind: 'offline_redemption',
    state: 'refused',
    attempts: 1,
    nextTryInMs: null,
    reason: wire('customer_unknown'),
    actions: ['editCustomer', 'retry', 'handOver'],
  }),
  item(1, {
    state: 'refused',
    customerName: 'Sitti Nurhaliza Binti Abdullah',
    attempts: 1,
    nextTryInMs: null,
    reason: wire('redemption_state', { status: 'released' }),
    actions: ['retry', 'handOver'],
  }),
  item(2, { attempts: 12, reason: wire('internal'), actions: ['retry', 'handOver'] }),
  item(3, { kind: 'approval_cancel', customerName: null, asset: null, amount: null, saleRef: null }),
  item(4, {
    kind: 'offline_redemption',
    asset: 'points',
    amount: amountOf(1_250),
    attempts: 0,
    reason: null,
    actions: [],
  }),
];

const tally = (count: number, sum: number) => ({ count, sum });

export const REPORT: ReconciliationView = {
  from: NOW,
  to: NOW,
  till: {
    captured: { deposit: tally(42, 6_150_000), points: tally(11, 23_400) },
    offline: { deposit: tally(6, 540_000), points: tally(1, 1_250) },
    cancelled: { count: 3 },
  },
  gateway: {
    captured: { deposit: tally(42, 6_150_000), points: tally(11, 23_400) },
    offline: { deposit: tally(6, 540_000), points: tally(1, 1_250) },
    cancelled: { count: 3 },
  },
  cashSales: { till: tally(118, 9_412_500), gateway: { ...tally(118, 9_412_500), flagged: 0, granted: 320 } },
  agrees: true,
  unsent: 0,
  missingAtGateway: [],
  missingAtTill: [],
  losses: [],
  chain: { length: 18_442, ok: true, countersignedSeq: 18_440, countersignedAt: NOW },
};

export const REPORT_DIFFERS: ReconciliationView = {
  ...REPORT,
  agrees: false,
  cashSales: { till: tally(118, 9_412_500), gateway: { ...tally(117, 9_300_000), flagged: 2, granted: 320 } },
  unsent: 2,
  gateway: {
    ...REPORT.gateway,
    captured: { ...REPORT.gateway.captured, deposit: tally(41, 5_800_000) },
    cancelled: { count: 4 },
  },
  missingAtGateway: ['S-4K7QX2MD'],
  missingAtTill: ['POS-2026-001182'],
  losses: [
    {
      redemptionId: uuid(950),
      customerName: 'Siti Rahmawati',
      asset: 'deposit',
      amount: amountOf(180_000),
      loss: amountOf(65_000),
      saleRef: 'S-9PLM22QA',
      at: NOW,
    },
  ],
  chain: { length: 18_442, ok: false, countersignedSeq: null, countersignedAt: null },
};

const NOTHING: ReconciliationView['till'] = {
  captured: { deposit: tally(0, 0), points: tally(0, 0) },
  offline: { deposit: tally(0, 0), points: tally(0, 0) },
  cancelled: { count: 0 },
};
export const REPORT_EMPTY: ReconciliationView = {
  ...REPORT,
  till: NOTHING,
  gateway: NOTHING,
  cashSales: { till: tally(0, 0), gateway: { ...tally(0, 0), flagged: 0, granted: 0 } },
};

const TROUBLE_ERRORS: Readonly<Record<Trouble['kind'], Trouble['error']>> = {
  disk_full: wire('disk_full'),
  disk_failed: wire('store_failed'),
  database_locked: wire('database_locked'),
  database_corrupt: wire('database_corrupt'),
  recovered: wire('database_recovered', { minutes: 42 }),
  old_copy: wire('audit_head_behind'),
  chain_broken: wire('chain_broken', { seq: 1042 }),
  clock_back: wire('clock_back', { minutes: 180 }),
};

export const troubleOf = (kind: Trouble['kind'], stopsMoney = true): Trouble => ({
  kind,
  error: TROUBLE_ERRORS[kind],
  stopsMoney,
  since: NOW,
});
