/** How approvals reach people: the WhatsApp side of `ApprovalMessaging`. */
import type { Delivery } from '../../shared/delivery.ts';
import { formatAmount } from '../../shared/money.ts';
import type { Announcement, ApprovalFacts, ApprovalMessaging, Db, Ended, Trx } from '../approvals/ports.ts';
import { type ContactKey, openWindows } from '../conversations/windows.ts';
import { addressOf, type Identity, identitiesOf, staffContacts } from '../staff/identities.ts';
import { DELIVERY_CHAIN } from '../whatsapp/delivery-state.ts';
import type { Address } from '../whatsapp/outgoing.ts';
import type { Replies } from '../whatsapp/replies.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import { deliveryView } from './delivery-view.ts';
import type { MessageStore, StaffMessage } from './store.ts';

/** Together with the template's own text these stay below Meta's 1024 characters. */
const WORD_LENGTH_MAX = { kind: 60, store: 80, till: 80, cashier: 80, amount: 60, reason: 300, sale: 64 };
/** What somebody is told is of no interest later. */
export const NOTE_TTL_MS = 10 * 60_000;

export interface ApprovalMessagingOptions {
  readonly store: Pick<MessageStore, 'addForStaff'>;
  readonly now: () => number;
  readonly contactKey: ContactKey;
  readonly replies: Replies;
}

export function createApprovalMessaging(options: ApprovalMessagingOptions): ApprovalMessaging {
  const { store, now, contactKey, replies } = options;

  async function announce(trx: Trx, { approval, recipients }: Announcement): Promise<void> {
    const identities = await identitiesOf(
      trx,
      recipients.map(({ staffId }) => staffId),
    );
    const content = { kind: 'request', words: requestWords(approval), answer: approval.answer } as const;
    const messages = recipients.flatMap(({ staffId, ref }): StaffMessage[] => {
      const address = addressOfStaff(identities, staffId);
      if (address === null) return [];
      const { storeId, tillId, language, expiresAt, approvalId } = approval;
      const common = { storeId, tillId, language, expiresAt, address, question: { approvalId, ref } };
      const request: StaffMessage = { ...common, kind: 'approval_request', content };
      if (approval.answer === 'tap') return [request];
      return [request, { ...common, kind: 'approval_code', content: null }];
    });
    await store.addForStaff(trx, messages);
  }

  /** Only inside each person's window: outside it a message would cost money, and a tap is answered anyway. */
  async function tellOthers(trx: Trx, ended: Ended): Promise<void> {
    const identities = await identitiesOf(
      trx,
      ended.recipients.map(({ staffId }) => staffId),
    );
    const at = now();
    const { whatsapp_account: account } = await trx
      .selectFrom('stores')
      .select('whatsapp_account')
      .where('id', '=', ended.approval.storeId)
      .executeTakeFirstOrThrow();
    const notes = notesTo(replies, ended, identities, at);
    const open = await openWindows(
      trx,
      notes.map(({ address }) => contactKey(address, account)),
      at,
    );
    await store.addForStaff(
      trx,
      notes.filter(({ address }) => open.has(contactKey(address, account))),
    );
  }

  return { announce, tellOthers, deliveryOf, contactsOf: staffContacts };
}

/** What those who need not answer any more are told: to each who has an address, whether or not their window is open. */
export function notesTo(
  replies: Replies,
  { approval, decidedBy, recipients }: Ended,
  identities: ReadonlyMap<string, Identity>,
  now: number,
): StaffMessage[] {
  const text = toldText(replies, approval, decidedBy?.name ?? null);
  const { storeId, tillId, language } = approval;
  const common = { storeId, tillId, language, kind: 'note', question: null } as const;
  return recipients.flatMap(({ staffId }): StaffMessage[] => {
    const address = addressOfStaff(identities, staffId);
    if (address === null) return [];
    return [{ ...common, address, content: { kind: 'text', text }, expiresAt: now + NOTE_TTL_MS }];
  });
}

/** Where a person gets a request and a code, the one that came less far counts: both are needed. */
async function deliveryOf(db: Db, refs: readonly string[]): Promise<ReadonlyMap<string, Delivery>> {
  const deliveries = new Map<string, Delivery>();
  if (refs.length === 0) return deliveries;
  const rows = await db
    .selectFrom('messages')
    .select(['approval_ref', 'channel', 'state', 'reason', 'retry_at'])
    .where('approval_ref', 'in', [...refs])
    .execute();
  for (const { approval_ref: ref, ...row } of rows) {
    if (ref === null) continue;
    const delivery = deliveryView(row);
    const other = deliveries.get(ref);
    if (other === undefined || rank(delivery) < rank(other)) deliveries.set(ref, delivery);
  }
  return deliveries;
}

function rank({ state }: Delivery): number {
  return state === 'failed' ? -1 : DELIVERY_CHAIN.indexOf(state);
}

function addressOfStaff(identities: ReadonlyMap<string, Identity>, staffId: string): Address | null {
  const identity = identities.get(staffId);
  return identity === undefined ? null : addressOf(identity);
}

/** `saksi_approval_request`'s variables, all but the minutes left. */
export function requestWords(approval: ApprovalFacts): string[] {
  const { kindName, language, storeName, tillName, requestedBy, reason, note, saleRef } = approval;
  const max = WORD_LENGTH_MAX;
  return [
    parameterText(kindName[language], max.kind),
    parameterText(storeName, max.store),
    parameterText(tillName, max.till),
    parameterText(requestedBy.name, max.cashier),
    parameterText(amountText(approval), max.amount),
    parameterText(note === '' ? reason : `${reason} (${note})`, max.reason),
    parameterText(saleRef ?? '', max.sale),
  ];
}

/** 'Batal transaksi Rp 50.000, Kasir 1 (INV-7)': what a reply names a request by. */
export function requestName(approval: ApprovalFacts): string {
  const { kindName, language, tillName, saleRef } = approval;
  const amount = amountText(approval);
  const what = amount === '' ? kindName[language] : `${kindName[language]} ${amount}`;
  return saleRef === null ? `${what}, ${tillName}` : `${what}, ${tillName} (${saleRef})`;
}

function amountText({ amount, basisPoints, currency, language }: ApprovalFacts): string {
  const parts = [
    ...(amount === null ? [] : [formatAmount(amount, 'deposit', currency, language)]),
    ...(basisPoints === null ? [] : [percentText(basisPoints, language)]),
  ];
  return parts.join(' / ');
}

/** 1250 → '12,5 %' in the person's notation; exact, as Intl takes a decimal string. */
function percentText(basisPoints: number, language: string): string {
  const format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 });
  return format.format(`${basisPoints}e-4` as Intl.StringNumericLiteral);
}

function toldText(replies: Replies, approval: ApprovalFacts, name: string | null): string {
  const { language, status } = approval;
  const request = requestName(approval);
  if (status === 'expired') return replies(language, 'told_expired', { request });
  if (name === null || status === 'cancelled') return replies(language, 'told_cancelled', { request });
  const key = status === 'rejected' ? 'told_rejected' : 'told_approved';
  return replies(language, key, { request, name });
}
