/**
 * 'I didn't request a code': a button that Meta puts under codes [in beta]. Its tap answers a code's message, which nothing else of
 * ours makes anybody answer by a button; so it is known by what it answers, whatever Meta has it carry.
 */
import type { TillEvent } from '../../shared/gateway-api.ts';
import type { Db, Trx } from '../approvals/ports.ts';
import type { TillEvents } from '../events/append.ts';
import type { MessageStore } from '../messages/store.ts';
import { parseAddress } from '../whatsapp/outgoing.ts';
import type { InboundMessage } from './inbound.ts';

const CODES = ['code', 'login_code', 'approval_code'] as const;
const ABOUT = { code: 'redemption', login_code: 'login', approval_code: 'approval' } as const;

/** Of unrequested codes, the event that tills get. */
type Alarm = Extract<TillEvent, { type: 'code.unrequested' }>['alarm'];

export interface UnrequestedPorts {
  readonly messages: Pick<MessageStore, 'recipient'>;
  readonly events: Pick<TillEvents, 'append'>;
}

/** A code's message that this tap answers, by whoever got it; null: it answers none. */
export interface AnsweredCode {
  readonly alarm: Alarm;
  readonly storeId: string;
  readonly tillId: string;
  readonly language: string;
  readonly customerId: string | null;
  readonly staffId: string | null;
  readonly redemptionId: string | null;
}

export async function answeredCode(
  db: Db,
  { messages }: Pick<UnrequestedPorts, 'messages'>,
  message: Pick<InboundMessage, 'from' | 'replyTo'>,
  now: number,
): Promise<AnsweredCode | null> {
  if (message.replyTo === undefined) return null;
  const row = await db
    .selectFrom('messages as m')
    .leftJoin('redemptions as r', 'r.id', 'm.redemption_id')
    .leftJoin('approvals as a', 'a.id', 'm.approval_id')
    .leftJoin('approval_recipients as ar', 'ar.ref', 'm.approval_ref')
    .select([
      'm.id',
      'm.kind',
      'm.store_id',
      'm.till_id',
      'm.language',
      'm.recipient_sealed',
      'm.redemption_id',
    ])
    .select([
      'r.customer_id',
      'r.sale_ref',
      'a.sale_ref as approval_sale',
      'm.staff_id',
      'ar.staff_id as asked',
    ])
    .where('m.wamid', '=', message.replyTo)
    .where('m.kind', 'in', CODES)
    .executeTakeFirst();
  if (row === undefined || row.store_id === null || row.till_id === null || row.recipient_sealed === '')
    return null;
  // Forwarded to somebody else: their word says nothing.
  const to = parseAddress(messages.recipient(row.id, row.recipient_sealed));
  if (message.from !== undefined && 'phone' in to && to.phone !== `+${message.from}`) return null;
  const about = ABOUT[row.kind as (typeof CODES)[number]];
  return {
    alarm: { id: row.id, about, saleRef: row.sale_ref ?? row.approval_sale, at: now },
    ...{ storeId: row.store_id, tillId: row.till_id, language: row.language },
    ...{ customerId: row.customer_id, staffId: row.staff_id ?? row.asked, redemptionId: row.redemption_id },
  };
}

/** Writes it down and tells the till that asked for the code. @returns false: this was said before */
export async function raiseUnrequested(
  trx: Trx,
  { events }: Pick<UnrequestedPorts, 'events'>,
  { alarm, storeId, tillId, customerId, staffId, redemptionId }: AnsweredCode,
): Promise<boolean> {
  const kept = await trx
    .insertInto('unrequested_codes')
    .values({
      ...{ message_id: alarm.id, store_id: storeId, till_id: tillId, about: alarm.about },
      ...{ redemption_id: redemptionId, customer_id: customerId, staff_id: staffId },
      ...{ sale_ref: alarm.saleRef, at: alarm.at },
    })
    .onConflict((conflict) => conflict.column('message_id').doNothing())
    .returning('message_id')
    .executeTakeFirst();
  if (kept === undefined) return false;
  await events.append(trx, tillId, { type: 'code.unrequested', alarm });
  return true;
}
