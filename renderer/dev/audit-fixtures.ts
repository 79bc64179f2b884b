import {
  type AuditCharts,
  CHART_MEASURE_NAMES,
  type ChartCounts,
  type ChartsWish,
} from '../../shared/audit/charts.ts';
import type { AuditAbout, AuditView, TimelineEvent } from '../../shared/audit/timeline.ts';
import { STAFF, uuid } from './base-fixtures.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const now = Date.now();
const [AYU, BUDI, DEWI, HENDRA] = STAFF;
const STORE_ID = uuid(900);
const TILLS = [
  { id: uuid(901), name: 'Kasir 1' },
  { id: uuid(902), name: 'Kasir 2' },
];
const SITI = { customerId: uuid(101), customerName: 'Siti Rahmawati' };

export const ABOUT: AuditAbout = {
  stores: [{ id: STORE_ID, name: 'Toko Sinar Jaya', currency: 'IDR', timezone: 'Asia/Jakarta' }],
  tills: TILLS,
  staff: [
    ...STAFF.map(({ id, name, role }) => ({ id, name, role, active: true })),
    { id: uuid(7), name: 'Sari Wulandari', role: 'cashier' as const, active: false },
  ],
};

export const VIEWS: readonly AuditView[] = [
  { id: uuid(950), name: 'Laci tanpa penjelasan', filter: { kinds: ['drawer.unexplained_opening'] } },
];

type Told = Partial<Omit<TimelineEvent, 'detail'>> &
  Pick<TimelineEvent, 'kind'> & { detail?: TimelineEvent['detail'] };

const by = (member: (typeof STAFF)[number] | undefined) => ({
  staffId: member?.id ?? null,
  staffName: member?.name ?? null,
});
const decidedBy = (member: (typeof STAFF)[number] | undefined) => ({
  approverId: member?.id ?? null,
  approverName: member?.name ?? null,
});

export function madeEvent(id: number, at: number, told: Told): TimelineEvent {
  return {
    ...{ id, at, seq: id + 12_000, source: 'gateway', storeId: STORE_ID },
    ...{ tillId: TILLS[id % 2]?.id ?? null, tillName: TILLS[id % 2]?.name ?? null },
    ...{ staffId: null, staffName: null, approverId: null, approverName: null },
    ...{ customerId: null, customerName: null, saleRef: null, subjectId: null },
    ...{ asset: null, amount: null, outcome: 'ok', detail: {} },
    hash: `${String(id).padStart(8, '0')}${'3f9a1c'.repeat(10)}`.slice(0, 64).padEnd(64, '0'),
    ...told,
  };
}

/** A redemption, a void, a drawer that nothing explains, a refused code: as a day has them. */
const DAY: readonly Told[] = [
  {
    ...{ kind: 'drawer.unexplained_opening', source: 'till', outcome: null },
    ...by(BUDI),
    detail: { id: uuid(801), staffId: BUDI?.id ?? '' },
  },
  {
    ...{ kind: 'redemption.captured', ...by(AYU), ...SITI, saleRef: 'POS-2026-001182', subjectId: uuid(802) },
    ...{ asset: 'deposit', amount: 350_000, detail: { offline: false, slip: 'printed' } },
  },
  {
    ...{
      kind: 'drawer.opened',
      source: 'till',
      ...by(AYU),
      saleRef: 'POS-2026-001182',
      subjectId: uuid(802),
    },
    detail: { cause: 'redemption', jti: uuid(803) },
  },
  {
    ...{
      kind: 'redemption.authorised',
      ...by(AYU),
      ...SITI,
      saleRef: 'POS-2026-001182',
      subjectId: uuid(802),
    },
    ...{ asset: 'deposit', amount: 350_000, detail: { ms: 41_000 } },
  },
  {
    ...{ kind: 'code.wrong', ...by(AYU), ...SITI, saleRef: 'POS-2026-001182', subjectId: uuid(802) },
    ...{ asset: 'deposit', amount: 350_000, outcome: 'refused', detail: { triesLeft: 4, why: 'wrong' } },
  },
  {
    ...{ kind: 'approval.approved', ...by(BUDI), ...decidedBy(DEWI), saleRef: 'POS-2026-001179' },
    ...{ amount: 187_500, subjectId: uuid(804), detail: { action: 'void', ms: 8_400, via: 'tap' } },
  },
  {
    ...{ kind: 'approval.rejected', ...by(AYU), ...decidedBy(DEWI), saleRef: 'POS-2026-001171' },
    ...{ amount: 95_000, outcome: 'refused', subjectId: uuid(805) },
    detail: { action: 'discount', basisPoints: 1_250, ms: 190_000, via: 'tap' },
  },
  { kind: 'approval.expired', ...by(BUDI), amount: 60_000, outcome: 'lapsed', detail: { action: 'refund' } },
  { kind: 'slip.failed', source: 'till', outcome: 'failed', detail: { error: 'printer_paper_out' } },
  {
    kind: 'cash.closed',
    ...by(AYU),
    asset: 'cash',
    amount: -12_500,
    detail: { zNo: 41, counted: 987_500, expected: 1_000_000 },
  },
  { kind: 'session.pin_wrong', source: 'till', ...by(BUDI), outcome: 'refused', detail: { triesLeft: 3 } },
  { kind: 'wallet.earned', ...SITI, asset: 'points', amount: 1_250, detail: { by: 'gateway' } },
  { kind: 'audit.read', ...by(HENDRA) },
  { kind: 'something.unheard', ...by(AYU), detail: { odd: true } },
];

export const EVENTS: readonly TimelineEvent[] = Array.from({ length: 140 }, (_, index) =>
  madeEvent(
    1_000 - index,
    now - (index * 11 + 2) * MINUTE_MS,
    DAY[index % DAY.length] ?? { kind: 'audit.read' },
  ),
);

/** What comes in while somebody looks. */
export const NEWS: Told = {
  ...{ kind: 'approval.requested', ...by(AYU), saleRef: 'POS-2026-001190', amount: 425_000 },
  ...{ subjectId: uuid(806), detail: { action: 'void', reasonKey: 'wrong_item' } },
};

/** Numbers that look like a shop's, the same every time. */
const wave = (seed: number, most: number) => Math.round(((Math.sin(seed * 12.9898) + 1) / 2) * most);
const countsOf = (seed: number, events: number): ChartCounts => ({
  ...{ events, redemptions: wave(seed, events / 9), voids: wave(seed + 1, events / 40) },
  ...{ discounts: wave(seed + 2, events / 30), openings: wave(seed + 3, events / 4) },
  ...{ unexplained: wave(seed + 4, events / 200), wrong: wave(seed + 5, events / 60) },
});
const sum = (list: readonly ChartCounts[]): ChartCounts =>
  Object.fromEntries(
    CHART_MEASURE_NAMES.map((name) => [name, list.reduce((total, one) => total + one[name], 0)]),
  ) as ChartCounts;
const OPEN_HOURS = [0, 0, 0, 0, 0, 0, 0, 2, 8, 22, 31, 40, 44, 30, 26, 29, 38, 47, 52, 41, 20, 6, 0, 0];

export function madeCharts({ from, to }: ChartsWish): AuditCharts {
  const length = Math.max(1, Math.ceil((to - from) / DAY_MS));
  const days = Array.from({ length }, (_, day) => ({
    ...countsOf(day, 260 + wave(day + 9, 180)),
    ...{ messages: 40 + wave(day, 30), spent: (40 + wave(day, 30)) * 367 },
    ...{ from: from + day * DAY_MS, to: Math.min(to, from + (day + 1) * DAY_MS) },
  }));
  const total = sum(days);
  const people = [AYU, BUDI, DEWI].map((member, index) => ({
    ...{
      staffId: member?.id ?? '',
      name: member?.name ?? null,
      counts: countsOf(index + 20, 900 - index * 240),
    },
    hours: OPEN_HOURS.map((share, hour) =>
      Math.round((share * (3 - index)) / 2 + wave(hour + index, share / 3)),
    ),
  }));
  return {
    ...{ from, to, currency: 'IDR', days, total },
    hours: OPEN_HOURS.map((share, hour) => countsOf(hour, share * 12)),
    cashiers: people,
    tills: [
      ...TILLS.map(({ id, name }, index) => ({
        tillId: id,
        name,
        counts: countsOf(index + 40, 1_200 - index * 500),
      })),
      { tillId: null, name: null, counts: countsOf(44, 60) },
    ],
    approvals: {
      total: { approved: 61, rejected: 9, medianMs: 24_000, p90Ms: 210_000 },
      approvers: [
        {
          staffId: DEWI?.id ?? '',
          name: DEWI?.name ?? null,
          approved: 48,
          rejected: 6,
          medianMs: 19_000,
          p90Ms: 95_000,
        },
        {
          staffId: HENDRA?.id ?? '',
          name: HENDRA?.name ?? null,
          approved: 13,
          rejected: 3,
          medianMs: 88_000,
          p90Ms: 640_000,
        },
      ],
    },
    redemptions: { captured: 312, released: 21, expired: 34, failed: 5, offline: 12 },
  };
}

export const noCharts = (wish: ChartsWish): AuditCharts => {
  const made = madeCharts(wish);
  const none = countsOf(0, 0);
  return {
    ...{ ...made, total: none, cashiers: [], tills: [], hours: made.hours.map(() => none) },
    days: made.days.map((day) => ({ ...day, ...none, messages: 0, spent: 0 })),
    approvals: { total: { approved: 0, rejected: 0, medianMs: null, p90Ms: null }, approvers: [] },
    redemptions: { captured: 0, released: 0, expired: 0, failed: 0, offline: 0 },
  };
};
