import type { TillView } from '../../shared/bridge.ts';
import type { CashReport, CashShiftPage } from '../../shared/cash-shift.ts';
import { APPROVAL_KINDS } from './approval-fixtures.ts';
import { uuid } from './base-fixtures.ts';

type Shift = NonNullable<TillView['cashShift']>;
type Open = NonNullable<Shift['open']>;

const OPENED_AT = Date.UTC(2026, 10, 21, 0, 58);
const HOUR_MS = 3_600_000;

/** A till of a shop with shifts, and none open. */
export const SHIFT: Shift = {
  ...{ mode: 'required', count: 'either', usualFloat: 500_000, lastLeft: 500_000, takeoverCount: false },
  denominations: [100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100],
  freeBelow: { in: 0, out: 0 },
  kinds: { in: 'cash_in', out: 'cash_out', float: 'float_change' },
  open: null,
  last: {
    ...{ id: uuid(801), zNo: 41, cashier: 'Budi Santoso', closedAt: OPENED_AT - 11 * HOUR_MS },
    ...{ difference: -2_000, left: 500_000, slip: { state: 'printed', error: null, copiesLeft: 3 } },
  },
};

export const OPEN_SHIFT: Open = {
  ...{ id: uuid(802), cashier: 'Ayu Lestari', mine: true, may: true, openedAt: OPENED_AT, leftOpen: false },
  ...{ float: 500_000, floatAfterCount: false },
  paidIn: { count: 1, sum: 200_000 },
  paidOut: { count: 2, sum: 150_000 },
  counted: null,
};

export const COUNTED: NonNullable<Open['counted']> = {
  ...{ counted: 2_995_000, expected: 3_000_000, difference: -5_000, stale: false, recountsLeft: 2 },
  ...{ needsReason: true, needsApproval: false, approval: 'none' },
};

const nameOf = (key: string) => {
  const kind = APPROVAL_KINDS.find((known) => known.key === key);
  return kind?.name ?? { id: key, en: key, tr: key };
};

/** So far, as a cashier sees it before the count. */
export const X_REPORT: CashReport = {
  ...{ kind: 'x', shiftId: OPEN_SHIFT.id, zNo: null, cashier: OPEN_SHIFT.cashier },
  ...{ from: OPENED_AT, to: OPENED_AT + 7 * HOUR_MS, currency: 'IDR', float: 500_000, lastLeft: 500_000 },
  ...{ floatChanges: 0, floatAfterCount: false, takenOver: 0, sales: { count: 38, sum: null } },
  moves: [
    {
      kind: 'cash_in',
      name: { id: 'Kas masuk', en: 'Cash in', tr: 'Kasaya giriş' },
      way: 'in',
      count: 1,
      sum: 200_000,
    },
    { kind: 'cash_out', name: nameOf('cash_out'), way: 'out', count: 2, sum: 150_000 },
  ],
  redemptions: { deposit: { count: 12, sum: 1_840_000 }, points: { count: 3, sum: 4_500 } },
  approvals: [
    { kind: 'void', name: nameOf('void'), count: 1, sum: 75_000 },
    { kind: 'discount', name: nameOf('discount'), count: 2, sum: 60_000 },
    { kind: 'no_sale', name: nameOf('no_sale'), count: 1, sum: 0 },
  ],
  openings: { redemption: 4, approval: 4, cashSale: 38, unexplained: 1 },
  ...{ noSale: 1, reprints: 2, slipsFailed: 1, counts: [] },
  ...{ expected: null, counted: null, difference: null, reason: null, allowed: null, left: null },
};

export const SHIFT_PAGE: CashShiftPage = {
  shifts: [
    {
      ...{ id: uuid(802), tillId: uuid(71), tillName: 'Kasir 2', cashierId: uuid(1), cashier: 'Ayu Lestari' },
      ...{ openedAt: OPENED_AT, currency: 'IDR', float: 500_000, lastLeft: 500_000, closed: null, flags: [] },
    },
    {
      ...{
        id: uuid(801),
        tillId: uuid(71),
        tillName: 'Kasir 2',
        cashierId: uuid(2),
        cashier: 'Budi Santoso',
      },
      ...{ openedAt: OPENED_AT - 22 * HOUR_MS, currency: 'IDR', float: 450_000, lastLeft: 500_000 },
      closed: {
        ...{
          at: OPENED_AT - 11 * HOUR_MS,
          zNo: 41,
          expected: 2_750_000,
          counted: 2_748_000,
          difference: -2_000,
        },
        ...{ counts: 2, reason: 'Kembalian kurang', allowed: 'reason' },
      },
      flags: ['float_differs'],
    },
    {
      ...{ id: uuid(803), tillId: uuid(72), tillName: 'Kasir 1', cashierId: uuid(1), cashier: 'Ayu Lestari' },
      ...{ openedAt: OPENED_AT - 23 * HOUR_MS, currency: 'IDR', float: 500_000, lastLeft: null },
      closed: {
        ...{
          at: OPENED_AT - 12 * HOUR_MS,
          zNo: 7,
          expected: 1_900_000,
          counted: 1_780_000,
          difference: -120_000,
        },
        ...{ counts: 3, reason: 'Belum ditemukan', allowed: 'offline' },
      },
      flags: ['unapproved', 'float_after_count'],
    },
  ],
  next: null,
  differences: [
    {
      ...{ cashierId: uuid(1), cashier: 'Ayu Lestari', tillId: uuid(72), tillName: 'Kasir 1' },
      ...{ shifts: 1, short: 1, over: 0, missing: -120_000, surplus: 0 },
    },
    {
      ...{ cashierId: uuid(2), cashier: 'Budi Santoso', tillId: uuid(71), tillName: 'Kasir 2' },
      ...{ shifts: 1, short: 1, over: 0, missing: -2_000, surplus: 0 },
    },
  ],
};
