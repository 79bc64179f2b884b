/** Messages locked for recording (migration 0034), and the events by which their tills are told. */
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Delivery, DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Redemption, TillEvent } from '../../shared/gateway-api.ts';
import type { MessageKind } from '../db/shell-tables.ts';
import type { Trx } from '../redemptions/ports.ts';
import { redemptionView, type ViewedRecord } from '../redemptions/record.ts';
import { deliveryView } from './delivery-view.ts';

const CUSTOMERS_KEPT = 5000;

/** A locked message with what its till's view of the redemption is made of. */
export interface LockedMessage {
  readonly message_id: string;
  readonly message_till: string | null;
  readonly message_kind: MessageKind;
  readonly message_state: DeliveryState;
  readonly message_reason: DeliveryReason | null;
  readonly template_only: boolean | null;
  readonly abandoned_wamid: string | null;
  readonly approval_id: string | null;
  readonly wamid: string | null;
  readonly template: string | null;
  readonly attempts: number;
  /** Null: it is about no redemption. */
  readonly view: (delivery: Delivery, now: number) => ReturnType<typeof redemptionView> | null;
  /** The message that carries the redemption's newest code. */
  readonly newest: { readonly id: string; readonly delivery: Delivery } | null;
}

export interface EventRow {
  readonly tillId: string;
  readonly json: string;
}

type ViewRow = ViewedRecord['redemption'] &
  Pick<ViewedRecord['customer'], 'member_no' | 'phone_e164' | 'language'> & {
    customer_id: string;
    customer_name: string;
    available: number;
    newest_id: string | null;
    newest_channel: Delivery['channel'];
    newest_state: Delivery['state'];
    newest_reason: Delivery['reason'];
    newest_retry_at: number | null;
  };
type LockRow = Omit<LockedMessage, 'view' | 'newest'> & { [K in keyof ViewRow]: ViewRow[K] | null };

/** Locks messages, their tills first, until the transaction ends. */
export async function lockMessages(trx: Trx, ids: readonly string[]): Promise<LockedMessage[]> {
  const { rows } = await sql<LockRow>`select * from messages_lock(${[...ids]}::uuid[])`.execute(trx);
  return rows.map((row) => ({
    ...row,
    view: (delivery, now) => (row.id === null ? null : viewOf(row as ViewRow, delivery, now)),
    newest: newestOf(row),
  }));
}

/** A code that goes over another channel since. */
export function hasLeft(
  { message_id: messageId, newest }: LockedMessage,
  channel: Delivery['channel'],
): boolean {
  return newest?.id === messageId && newest.delivery.channel !== channel;
}

/** One object for the same customer, as long as it is in use: masking a number costs more than all else, and goes by it. */
const customers = new LRUCache<string, ViewedRecord['customer']>({ max: CUSTOMERS_KEPT });

function viewOf(row: ViewRow, delivery: Delivery, now: number) {
  const { customer_id: id, customer_name: name, member_no, phone_e164, language, available } = row;
  const key = `${id}\n${name}\n${member_no}\n${phone_e164}\n${language}`;
  let customer = customers.get(key);
  if (customer === undefined) {
    customer = { id, name, member_no, phone_e164, language };
    customers.set(key, customer);
  }
  return redemptionView({ redemption: row, customer, available, delivery }, now);
}

function newestOf(row: LockRow): LockedMessage['newest'] {
  const { newest_id: id, newest_channel: channel, newest_state: state, newest_reason: reason } = row;
  if (id === null || channel === null || state === null) return null;
  return { id, delivery: deliveryView({ channel, state, reason, retry_at: row.newest_retry_at }) };
}

/** As the SQL functions take them. */
export function eventArrays(events: readonly EventRow[]): { tills: string[]; json: string } {
  let json = '[';
  // Appended one by one, the text is laid out once, when it is sent; `join` would lay it out here as well.
  for (const event of events) json += json === '[' ? event.json : `,${event.json}`;
  return { tills: events.map(({ tillId }) => tillId), json: `${json}]` };
}

/**
 * One for each redemption told of; it shows all that was recorded with it.
 * @param told messages that there is news of
 * @param recorded how each of these messages stands from now on, by its id
 */
export function redemptionEvents(
  told: readonly LockedMessage[],
  recorded: ReadonlyMap<string, DeliveryStanding>,
  now: number,
): EventRow[] {
  const events = new Map<string, EventRow>();
  for (const { newest, view } of told) {
    const redemption = view(deliveryOf(newest, recorded), now);
    if (redemption === null) continue;
    events.set(redemption.id, { tillId: redemption.tillId, json: eventText(redemption) });
  }
  return [...events.values()];
}

const CHANGED: TillEvent['type'] = 'redemption.changed';

/** The customer is the same in each event of theirs: their text is made once. */
function eventText(redemption: Redemption): string {
  const { customer, ...rest } = redemption;
  const rests = JSON.stringify(rest);
  return `{"type":"${CHANGED}","redemption":{"customer":${customerText(customer)},${rests.slice(1)}}`;
}

const customerTexts = new WeakMap<Redemption['customer'], string>();

function customerText(customer: Redemption['customer']): string {
  const text = customerTexts.get(customer) ?? asciiJson(customer);
  customerTexts.set(customer, text);
  return text;
}

/**
 * A masked number's bullets would make a text of two bytes a character of everything that is sent together with it: twice
 * the memory for thousands of events, and a slow way to UTF-8.
 */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\0-\x7f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `retryAt`: of one that is queued again, epoch ms. */
export interface DeliveryStanding extends Pick<Delivery, 'state' | 'reason'> {
  readonly retryAt?: number | null;
}

function deliveryOf(
  newest: LockedMessage['newest'],
  recorded: ReadonlyMap<string, DeliveryStanding>,
): Delivery {
  if (newest === null) return { channel: 'whatsapp', state: 'queued', reason: null };
  const after = recorded.get(newest.id);
  if (after === undefined) return newest.delivery;
  const { state, reason, retryAt = null } = after;
  return deliveryView({ channel: newest.delivery.channel, state, reason, retry_at: retryAt });
}
