import { DEFAULT_APPROVALS } from '../../shared/approval-policy.ts';
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

const MOVEMENTS: Record<Language, readonly [string, string, string]> = {
  id: ['Penjualan tunai', 'Isi saldo', 'Kas keluar'],
  en: ['Cash sales', 'Top-ups', 'Cash out'],
  tr: ['Nakit satış', 'Bakiye yükleme', 'Kasadan çıkış'],
};

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
    case 'shift': {
      const [sales, topups, out] = MOVEMENTS[store.language];
      const movements = [
        { name: sales, amount: money(2_450_000) },
        { name: topups, amount: money(300_000) },
        { name: out, amount: -money(150_000) },
      ];
      const cash = { openingFloat: money(500_000), movements, cashCounted: money(3_095_000) };
      return shiftSlipDocument(
        { ...place, ...cash, cashier: CASHIER, from: at - 8 * HOUR_MS, to: at },
        copyNo,
        look,
      );
    }
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
