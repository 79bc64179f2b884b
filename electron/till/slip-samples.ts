import { CASH_KINDS, DEFAULT_APPROVALS } from '../../shared/approval-policy.ts';
import type { CashReport } from '../../shared/cash-shift.ts';
import type { Language } from '../../shared/errors.ts';
import type { Store } from '../../shared/gateway-api.ts';
import { amountSchema, CURRENCY_DIGITS } from '../../shared/money.ts';
import type { SlipDesign } from '../../shared/slip-design.ts';
import type { SlipKind } from '../../shared/slip-layouts.ts';
import type { SlipDocument } from '../devices/slip.ts';
import { testPage } from '../devices/test-page.ts';
import { approvalSlipDocument } from './approval-slip.ts';
import { shiftSlipDocument, timeOf, topupSlipDocument } from './report-slip.ts';
import { slipDocument } from './slip.ts';
import { lookOf, printedLook } from './slip-look.ts';

export interface SampleWish {
  readonly kind: SlipKind;
  readonly design: SlipDesign;
  readonly store: Pick<Store, 'name' | 'address' | 'footer' | 'language' | 'timezone' | 'currency'>;
  readonly tillName: string;
  readonly customerLanguage: Language;
  /** Marked as one. */
  readonly copy: boolean;
  readonly columns: number;
  readonly at: number;
}

const HOUR_MS = 3_600_000;
const REFERENCE = '0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f5a6';
const CUSTOMER = { name: 'Budi Santoso', memberNo: 'M-00042', phoneMasked: null };
const CASHIER = 'Dewi Lestari';
const SALE_REF = 'INV-2026-0042';
/** In rupiah; see `money`. */
const AMOUNT = 50_000;
const PERCENT_10 = 1_000;

/** Approvals that are shown for a layout: the policy's kind, and what it names. */
const ASKED = {
  approval: { kind: 'cash_out', amount: AMOUNT, basisPoints: null },
  void: { kind: 'void', amount: AMOUNT, basisPoints: null },
  refund: { kind: 'refund', amount: AMOUNT, basisPoints: null },
  discount: { kind: 'discount', amount: AMOUNT, basisPoints: PERCENT_10 },
  drawer: { kind: 'no_sale', amount: null, basisPoints: null },
} as const;

/** A slip of a kind as this store would get it, filled with an example, built by what builds the real ones. */
export function sampleSlip(wish: SampleWish): SlipDocument {
  const { kind, design, store, at } = wish;
  const copyNo = wish.copy ? 1 : 0;
  const forCustomer = kind === 'redemption' || kind === 'topup';
  const chosen = lookOf({ slipDesign: design }, store.language, forCustomer ? wish.customerLanguage : null);
  const look = printedLook(chosen, design.logo);
  const place = {
    ...chosen,
    timezone: store.timezone,
    store: { name: store.name, address: store.address, footer: store.footer },
    tillName: wish.tillName,
    reference: REFERENCE,
    currency: store.currency,
    at,
  };
  // A thousandth of as many in the larger currencies.
  const money = (rupiah: number) =>
    amountSchema.parse(
      store.currency === 'IDR' ? rupiah : (rupiah / 1000) * 10 ** CURRENCY_DIGITS[store.currency],
    );
  switch (kind) {
    case 'redemption': {
      const amounts = { asset: 'deposit' as const, amount: money(AMOUNT), availableAfter: money(1_250_000) };
      const payload = { ...place, ...amounts, staffName: CASHIER, customer: CUSTOMER, saleRef: SALE_REF };
      return slipDocument({ payload, copyNo }, design.logo);
    }
    case 'topup': {
      const amounts = { asset: 'deposit' as const, amount: money(AMOUNT), availableAfter: money(1_300_000) };
      return topupSlipDocument(
        { ...place, ...amounts, cashier: CASHIER, customer: CUSTOMER, saleRef: null },
        copyNo,
        look,
      );
    }
    case 'shift':
      return shiftSlipDocument({ ...place, report: sampleReport(store.currency, at, money) }, copyNo, look);
    case 'test':
      return testPage({ look, device: 'Saksi', time: timeOf(place, at), columns: wish.columns });
    default: {
      const { amount, ...asked } = ASKED[kind];
      const known = DEFAULT_APPROVALS.kinds.find(({ key }) => key === asked.kind);
      const approval = {
        ...asked,
        amount: amount === null ? null : money(amount),
        kindName: known?.name[store.language] ?? '',
        reason: known?.reasons[0]?.name[store.language] ?? '',
        note: '',
        saleRef: amount === null ? null : SALE_REF,
        requestedBy: CASHIER,
        approvedBy: ['Siti Rahma'],
      };
      return approvalSlipDocument({ ...place, approval }, copyNo, look);
    }
  }
}

/** A shift that was short by a little, taken over once, with something of everything. */
function sampleReport(
  currency: CashReport['currency'],
  at: number,
  money: (rupiah: number) => number,
): CashReport {
  const nameOf = (kind: string) => {
    const found = [...DEFAULT_APPROVALS.kinds, ...CASH_KINDS].find(({ key }) => key === kind);
    if (found === undefined) throw new RangeError(`no kind ${kind}`);
    return { kind, name: found.name };
  };
  const move = (kind: string, way: 'in' | 'out', count: number, rupiah: number) => ({
    ...nameOf(kind),
    ...{ way, count, sum: money(rupiah) },
  });
  const approval = (kind: string, count: number, rupiah: number) => ({
    ...nameOf(kind),
    ...{ count, sum: rupiah === 0 ? 0 : money(rupiah) },
  });
  const expected = money(500_000) + money(2_450_000) + money(200_000) - money(150_000);
  const counted = expected - money(5_000);
  return {
    ...{ kind: 'z', shiftId: REFERENCE, zNo: 42, cashier: CASHIER, from: at - 8 * HOUR_MS, to: at, currency },
    ...{ float: money(500_000), lastLeft: money(450_000), floatChanges: 0, floatAfterCount: false },
    takenOver: 1,
    sales: { count: 38, sum: money(2_450_000) },
    moves: [move('cash_in', 'in', 1, 200_000), move('cash_out', 'out', 2, 150_000)],
    redemptions: {
      deposit: { count: 12, sum: money(840_000) },
      points: { count: 3, sum: 450 },
    },
    approvals: [approval('discount', 2, 60_000), approval('no_sale', 1, 0), approval('void', 1, 75_000)],
    openings: { redemption: 4, approval: 4, cashSale: 38, unexplained: 1 },
    ...{ noSale: 1, reprints: 2, slipsFailed: 1 },
    counts: [
      { counted: counted - money(20_000), expected, at: at - 600_000 },
      { counted, expected, at: at - 300_000 },
    ],
    ...{ expected, counted, difference: counted - expected },
    ...{ reason: 'INV-7', allowed: 'reason', left: money(500_000) },
  };
}
