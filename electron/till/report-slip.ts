import { z } from 'zod';
import type { Localised } from '../../shared/approval-policy.ts';
import type { CashReport } from '../../shared/cash-shift.ts';
import type { Language } from '../../shared/errors.ts';
import { amountSchema, assetSchema, formatAmount } from '../../shared/money.ts';
import { buildKind, labelsOf, type SlipLook } from '../devices/layouts.ts';
import type { SlipDocument } from '../devices/slip.ts';
import { place, type ShiftSlipPayload } from '../store/slip-jobs.ts';
import { POINTS_WORD } from './points-word.ts';

/** Slips of what is no redemption and no approval: a top-up, which nothing in the product issues yet, and a shift's reports. */

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

/** The slip of an X or Z report, in the store's language: it stays in the shop. */
export function shiftSlipDocument(payload: ShiftSlipPayload, copyNo: number, look: SlipLook): SlipDocument {
  const { language, currency, report, second } = payload;
  const labels = labelsOf(look);
  const money = (amount: number) => formatAmount(amount, 'deposit', currency, language);
  const orNothing = (amount: number | null) => (amount === null ? '' : money(amount));
  const named = (name: Localised) =>
    second == null || name[second] === name[language]
      ? name[language]
      : `${name[language]} / ${name[second]}`;
  const times = (label: string, count: number, sum: string) => ({
    left: `${label} (${count})`,
    right: sum,
  });
  const moves = report.moves.map(({ name, way, count, sum }) => {
    const label =
      name === null
        ? `${way === 'in' ? labels.cashIn : labels.cashOut}, ${labels.withoutApproval}`
        : named(name);
    return times(label, count, money(way === 'in' ? sum : -sum));
  });
  const values = {
    title: report.zNo === null ? labels.xTitle : `${labels.zTitle} ${report.zNo}`,
    storeName: payload.store.name,
    cashier: report.cashier,
    from: timeOf(payload, report.from),
    to: timeOf(payload, report.to),
    openingFloat: money(report.float),
    // Said where it is another one.
    lastLeft: report.lastLeft === null || report.lastLeft === report.float ? '' : money(report.lastLeft),
    floatAfterCount: report.floatAfterCount,
    sums: [times(labels.cashSales, report.sales.count, orNothing(report.sales.sum)), ...moves],
    cashExpected: orNothing(report.expected),
    cashCounted: orNothing(report.counted),
    difference: orNothing(report.difference),
    reason: report.reason ?? '',
    allowed: allowedWords(report, labels),
    leftInDrawer: orNothing(report.left),
    // One count says nothing that is not said above.
    counts:
      report.zNo === null || report.counts.length < 2
        ? []
        : report.counts.map(({ counted }, index) => ({
            left: `${labels.count} ${index + 1}`,
            right: money(counted),
          })),
    facts: factsOf(report, labels, money, named, language),
    reference: printedReference(payload),
    copy: copyNo > 0,
  };
  return buildKind('shift', values, look, { storeLines: storeLinesOf(payload), footer: '' });
}

type Labels = ReturnType<typeof labelsOf>;

function allowedWords({ allowed }: CashReport, labels: Labels): string {
  if (allowed === 'approved') return labels.allowedApproved;
  if (allowed === 'attended') return labels.allowedAttended;
  return allowed === 'offline' ? labels.allowedOffline : '';
}

/** What a report says beside the cash; what did not happen is left out, but for openings that nothing explains. */
function factsOf(
  report: CashReport,
  labels: Labels,
  money: (amount: number) => string,
  named: (name: Localised) => string,
  language: Language,
): { left: string; right: string }[] {
  const { redemptions, openings } = report;
  const { deposit, points } = redemptions;
  const pointsText = formatAmount(points.sum, 'points', report.currency, language, POINTS_WORD[language]);
  const row = (label: string, count: number, right = String(count)) =>
    count === 0 ? [] : [{ left: label, right }];
  return [
    ...row(`${labels.redeemedDeposit} (${deposit.count})`, deposit.count, money(deposit.sum)),
    ...row(`${labels.redeemedPoints} (${points.count})`, points.count, pointsText),
    ...report.approvals.flatMap(({ name, count, sum }) =>
      sum === 0 ? row(named(name), count) : row(`${named(name)} (${count})`, count, money(sum)),
    ),
    ...row(labels.openingsSale, openings.cashSale),
    ...row(labels.openingsRedemption, openings.redemption),
    ...row(labels.openingsApproval, openings.approval),
    { left: labels.openingsUnexplained, right: String(openings.unexplained) },
    ...row(labels.reprints, report.reprints),
    ...row(labels.slipsFailed, report.slipsFailed),
    ...row(labels.takenOver, report.takenOver),
  ];
}
