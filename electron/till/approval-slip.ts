import type { Approval } from '../../shared/approvals.ts';
import type { ApprovalGrantClaims } from '../../shared/grants.ts';
import { formatAmount } from '../../shared/money.ts';
import { type ApprovalLayout, buildApprovalSlip, type SlipLook } from '../devices/layouts.ts';
import type { SlipDocument } from '../devices/slip.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import type { CachedContext } from '../store/identity.ts';
import type { ApprovalSlipPayload } from '../store/slip-jobs.ts';
import { lookOf } from './slip-look.ts';

/** What the slip of an approval says, in the store's language: it stays in the shop. Fixed from now on. */
export function approvalSlipPayload(
  { row, answer, claims }: { row: ApprovalRow; answer: Approval; claims: ApprovalGrantClaims },
  { store, policy }: CachedContext,
  tillName: string,
  at: number,
): ApprovalSlipPayload {
  const { amount, basisPoints, saleRef, note } = row.request;
  return {
    ...lookOf(policy, store.language, null),
    timezone: store.timezone,
    store: { name: store.name, address: store.address, footer: store.footer },
    tillName,
    reference: answer.id,
    currency: row.currency,
    at,
    approval: {
      kind: row.request.kind,
      kindName: row.kindName[store.language],
      amount,
      basisPoints,
      reason: row.reason,
      note,
      saleRef,
      requestedBy: row.requestedBy,
      approvedBy: decidersOf(answer, claims.deciders),
    },
  };
}

/** The names of those who said yes, in order. */
export function decidersOf(answer: Approval | null, deciders: readonly string[]): string[] {
  return deciders.flatMap((id) => answer?.asked.find(({ staffId }) => staffId === id)?.name ?? []);
}

/** Kinds that have a layout of their own; the others, and a store's own kinds, are headed as approvals. */
const LAYOUTS: ReadonlyMap<string, ApprovalLayout> = new Map([
  ['void', 'void'],
  ['refund', 'refund'],
  ['discount', 'discount'],
  ['no_sale', 'drawer'],
]);
export const layoutOf = (kind: string): ApprovalLayout => LAYOUTS.get(kind) ?? 'approval';

export function approvalSlipDocument(
  payload: ApprovalSlipPayload,
  copyNo: number,
  look: SlipLook,
): SlipDocument {
  const { approval, language, currency, store } = payload;
  const time = new Intl.DateTimeFormat(language, {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: payload.timezone,
  });
  return buildApprovalSlip(
    {
      storeName: store.name,
      storeLines: [...store.address.split('\n'), payload.tillName].filter((line) => line !== ''),
      time: time.format(payload.at),
      layout: layoutOf(approval.kind ?? ''),
      kind: approval.kindName,
      amount: approval.amount === null ? '' : formatAmount(approval.amount, 'deposit', currency, language),
      percent: approval.basisPoints === null ? '' : formatPercent(approval.basisPoints, language),
      reason: approval.reason,
      note: approval.note,
      saleRef: approval.saleRef ?? '',
      requestedBy: approval.requestedBy,
      approvedBy: approval.approvedBy.join(', '),
      // Without its dashes a UUID is as wide as 58 mm paper.
      reference: payload.reference.replaceAll('-', ''),
      copy: copyNo > 0,
    },
    look,
  );
}

/** 1250 → '12.5%' in the person's language. Exact: Intl takes the decimal string as it is. */
function formatPercent(basisPoints: number, language: string): string {
  const format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 });
  const digits = String(basisPoints).padStart(5, '0');
  return format.format(`${digits.slice(0, -4)}.${digits.slice(-4)}` as Intl.StringNumericLiteral);
}
