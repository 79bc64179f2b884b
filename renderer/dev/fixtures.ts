import type { RedemptionView, TillView } from '../../shared/bridge.ts';
import type { Language } from '../../shared/errors.ts';
import type { FoundCustomer } from '../state/store.ts';
import { APPROVAL_KINDS } from './approval-fixtures.ts';
import { amountOf, STAFF, uuid, wire } from './base-fixtures.ts';

export { amountOf, SECOND_MANAGER, STAFF, uuid, wire } from './base-fixtures.ts';

const customer = (
  number: number,
  name: string,
  memberNo: string | null,
  tail: string | null,
  deposit: number,
  points: number,
): FoundCustomer => ({
  id: uuid(100 + number),
  name,
  memberNo,
  phoneMasked: tail === null ? null : `+62•••••••${tail}`,
  language: 'id',
  canReceiveCode: tail !== null,
  balances: [
    { asset: 'deposit', available: deposit, reserved: 0 },
    { asset: 'points', available: points, reserved: 0 },
  ],
});

export const SITI = customer(1, 'Siti Rahmawati', 'M-1042', '7890', 1_250_000, 3_480);
export const CUSTOMERS: readonly FoundCustomer[] = [
  SITI,
  customer(2, 'Sitti Nurhaliza Binti Abdullah', 'M-1177', '2231', 75_500, 120),
  customer(3, 'Sitompul, Marihot', null, '0042', 0, 15_000),
  customer(4, 'Sita Dewi', 'M-2004', null, 500_000, 0),
];

export const CODE: NonNullable<RedemptionView['code']> = {
  digits: 6,
  expiresInMs: 287_000,
  triesLeft: 5,
  sends: 1,
  sendsLeft: 2,
  resendInMs: 0,
  delivery: { channel: 'whatsapp', state: 'delivered', reason: null },
};

export const REDEMPTION: RedemptionView = {
  id: uuid(500),
  stage: 'awaiting_code',
  startedBy: 'cashier',
  saleRef: 'S-4K7QX2MD',
  asset: 'deposit',
  amount: amountOf(350_000),
  currency: 'IDR',
  customer: { name: SITI.name, memberNo: SITI.memberNo, phoneMasked: SITI.phoneMasked },
  availableAfter: 900_000,
  code: CODE,
  sealed: null,
  drawer: { state: 'not_needed', error: null },
  slip: { state: 'waiting', error: null, copiesLeft: 3 },
  settlement: 'none',
  error: null,
};

/** Signed in, all well, nothing on. */
export function baseView(language: Language, theme: TillView['settings']['theme']): TillView {
  return {
    host: 'browser',
    appVersion: '0.1.0',
    settings: { language, theme },
    till: {
      name: 'Kasir 2',
      storeName: 'Toko Sinar Jaya',
      currency: 'IDR',
      country: 'ID',
      drawerPolicy: 'on_request',
    },
    staff: STAFF,
    session: { staffId: uuid(1), name: 'Ayu Lestari', role: 'cashier' },
    login: null,
    codeAlarms: [],
    status: {
      gateway: { state: 'online', skewMs: 40, error: null },
      printer: { state: 'ready', label: 'Star mPOP' },
      drawer: { state: 'closed' },
      messages: { waiting: 0 },
      outbox: { pending: 0, attention: 0, draining: null },
      sealed: { codesLeft: 6, expiresInMs: 5 * 86_400_000 },
      cache: { customers: 1_204, ageMs: 12_000 },
    },
    trouble: [],
    drawerWatch: { unexplained: [], openLong: false, fault: null },
    quitAsked: false,
    redemption: null,
    cashSale: { manual: false, left: 96, few: false, amountMax: null },
    cashShift: null,
    approvals: [],
    approvalKinds: APPROVAL_KINDS,
    recent: [],
  };
}

const row = (number: number, change: Partial<TillView['recent'][number]>): TillView['recent'][number] => ({
  id: uuid(600 + number),
  stage: 'done',
  saleRef: `S-${(7_340_000 + number * 7_919).toString(36).toUpperCase()}`,
  asset: 'deposit',
  amount: amountOf(50_000 * (number + 1)),
  currency: 'IDR',
  customer: REDEMPTION.customer,
  slip: { state: 'printed', error: null, copiesLeft: 3 },
  settlement: 'confirmed',
  offline: false,
  at: Date.UTC(2026, 10, 21, 3, 55) - number * 540_000,
  ...change,
});

export const RECENT: TillView['recent'] = [
  row(0, {
    slip: { state: 'failed', error: wire('printer_paper_out'), copiesLeft: 3 },
    settlement: 'queued',
  }),
  row(1, { asset: 'points', amount: amountOf(1_250), offline: true, settlement: 'queued' }),
  row(2, { stage: 'cancelled', settlement: 'confirmed' }),
  row(3, { slip: { state: 'printed', error: null, copiesLeft: 0 } }),
  row(4, { stage: 'expired', settlement: 'none' }),
  row(5, { settlement: 'refused' }),
  row(6, { stage: 'failed', settlement: 'none', customer: null }),
  row(7, {
    slip: { state: 'waiting', error: wire('printer_absent'), copiesLeft: 3, goesOn: true },
  }),
  row(8, {}),
];
