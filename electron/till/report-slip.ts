import { z } from 'zod';
import { amountSchema, assetSchema, formatAmount } from '../../shared/money.ts';
import { buildKind, labelsOf, type SlipLook } from '../devices/layouts.ts';
import type { SlipDocument } from '../devices/slip.ts';
import { place } from '../store/slip-jobs.ts';
import { POINTS_WORD } from './slip.ts';

/** Slips that are laid out and printed as the others, and that nothing in the product issues yet. */

const timeSchema = z.number().int();

/** What the slip of a top-up says. `cashier`: who took the money. */
export const topupSlipPayloadSchema = z.object({
  ...place,
  cashier: z.string(),
  customer: z.object({
    name: z.string(),
    memberNo: z.string().nullable(),
    phoneMasked: z.string().nullable(),
  }),
  saleRef: z.string().nullable(),
  asset: assetSchema,
  amount: amountSchema,
  availableAfter: z.number().int(),
});
export type TopupSlipPayload = z.infer<typeof topupSlipPayloadSchema>;

/** What the report of a shift says; money in minor units. What the drawer should hold follows from it. */
export const shiftSlipPayloadSchema = z.object({
  ...place,
  cashier: z.string(),
  from: timeSchema,
  to: timeSchema,
  openingFloat: z.number().int().nonnegative(),
  /** Cash that came in (above zero) and went out (below), by what it was for; the names are the store's. */
  movements: z
    .array(z.object({ name: z.string().trim().min(1).max(40), amount: z.number().int() }))
    .min(1)
    .max(20),
  cashCounted: z.number().int().nonnegative(),
});
export type ShiftSlipPayload = z.infer<typeof shiftSlipPayloadSchema>;

type Place = Pick<TopupSlipPayload, 'language' | 'timezone' | 'store' | 'tillName' | 'reference'>;

/** Without its dashes a UUID is as wide as 58 mm paper. */
export const printedReference = ({ reference }: Pick<Place, 'reference'>): string =>
  reference.replaceAll('-', '');

export const storeLinesOf = ({ store, tillName }: Pick<Place, 'store' | 'tillName'>): string[] =>
  [...store.address.split('\n'), tillName].filter((line) => line !== '');

export function timeOf({ language, timezone }: Pick<Place, 'language' | 'timezone'>, at: number): string {
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: timezone,
  });
  return format.format(at);
}

/** Throws ZodError for a payload that is none. */
export function topupSlipDocument(payload: TopupSlipPayload, copyNo: number, look: SlipLook): SlipDocument {
  const slip = topupSlipPayloadSchema.parse(payload);
  const { language, asset, currency, customer } = slip;
  const labels = labelsOf(look);
  const money = (amount: number) => formatAmount(amount, asset, currency, language, POINTS_WORD[language]);
  const values = {
    storeName: slip.store.name,
    time: timeOf(slip, slip.at),
    saleRef: slip.saleRef ?? '',
    cashier: slip.cashier,
    customer: [customer.name, customer.memberNo ?? customer.phoneMasked ?? ''].join(' ').trim(),
    assetLabel: asset === 'points' ? labels.topupPoints : labels.topupDeposit,
    amount: money(slip.amount),
    balanceAfter: money(slip.availableAfter),
    reference: printedReference(slip),
    copy: copyNo > 0,
  };
  const footer = slip.store.footer || labels.thanks;
  return buildKind('topup', values, look, { storeLines: storeLinesOf(slip), footer });
}

/** Throws ZodError for a payload that is none. */
export function shiftSlipDocument(payload: ShiftSlipPayload, copyNo: number, look: SlipLook): SlipDocument {
  const slip = shiftSlipPayloadSchema.parse(payload);
  const { language, currency } = slip;
  const money = (amount: number) => formatAmount(amount, 'deposit', currency, language);
  const expected = slip.movements.reduce((sum, { amount }) => sum + amount, slip.openingFloat);
  const values = {
    storeName: slip.store.name,
    cashier: slip.cashier,
    from: timeOf(slip, slip.from),
    to: timeOf(slip, slip.to),
    openingFloat: money(slip.openingFloat),
    sums: slip.movements.map(({ name, amount }) => ({ left: name, right: money(amount) })),
    cashExpected: money(expected),
    cashCounted: money(slip.cashCounted),
    difference: money(slip.cashCounted - expected),
    reference: printedReference(slip),
    copy: copyNo > 0,
  };
  return buildKind('shift', values, look, { storeLines: storeLinesOf(slip), footer: '' });
}
