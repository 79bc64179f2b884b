/** The SQL functions that take over statuses (migrations 0030 and 0033), and the rows they answer. */
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Delivery, DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { MessageKind } from '../db/shell-tables.ts';
import type { Trx } from '../redemptions/ports.ts';
import { redemptionView, type ViewedRecord } from '../redemptions/record.ts';
import type { StatusEvent } from '../whatsapp/webhook.ts';
import { QUEUE } from './queue.ts';
import { deliveryView } from './store.ts';

const CUSTOMERS_KEPT = 5000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A status as it was kept. */
export interface KeptStatus {
  readonly wamid: string;
  readonly status: DeliveryState;
  readonly error_code: number | null;
}

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
  /** Null: it is about no redemption. */
  readonly view: (delivery: Delivery, now: number) => ReturnType<typeof redemptionView> | null;
  /** The message that carries the redemption's newest code. */
  readonly newest: { readonly id: string; readonly delivery: Delivery } | null;
}

/** What becomes of a locked message. */
export interface Written {
  readonly messageId: string;
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
  /** Queue it again, as a template: this send does not count any more. */
  readonly abandoned: string | null;
}

export interface EventRow {
  readonly tillId: string;
  readonly json: string;
}

/**
 * Keeps statuses not seen before, taken as taken over where their message is known.
 * @param events each (wamid, status) once, in the order of `sortedStatuses`
 * @returns the new ones, each with its message or null
 */
export async function keepStatuses(
  trx: Trx,
  events: readonly StatusEvent[],
  now: number,
): Promise<{ event: StatusEvent; messageId: string | null }[]> {
  const pricing = events.map((event) => (event.pricing === undefined ? null : JSON.stringify(event.pricing)));
  const { rows } = await sql<{ n: number; message_id: string | null }>`select * from statuses_keep(
    ${events.map(({ wamid }) => wamid)}::text[], ${events.map(({ status }) => status)}::text[],
    ${events.map(({ bizOpaque = '' }) => (UUID.test(bizOpaque) ? bizOpaque : null))}::uuid[],
    ${events.map(({ errors }) => errors[0]?.code ?? null)}::integer[], ${pricing}::text[],
    ${events.map(({ timestampMs }) => timestampMs)}::bigint[], ${now}::bigint)`.execute(trx);
  return rows.flatMap(({ n, message_id: messageId }) => {
    const event = events[n - 1];
    return event === undefined ? [] : [{ event, messageId }];
  });
}

/** Each (wamid, status) once, sorted: so several gateways that keep the same ones never wait for each other crosswise. */
export function sortedStatuses(events: readonly StatusEvent[]): StatusEvent[] {
  const byKey = new Map<string, StatusEvent>();
  for (const event of events) {
    const key = `${event.wamid} ${event.status}`;
    if (!byKey.has(key)) byKey.set(key, event);
  }
  const keys = [...byKey.keys()].sort();
  return keys.flatMap((key) => byKey.get(key) ?? []);
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
  const { rows } = await sql<LockRow>`select * from statuses_lock(${[...ids]}::uuid[])`.execute(trx);
  return rows.map((row) => ({
    ...row,
    view: (delivery, now) => (row.id === null ? null : viewOf(row as ViewRow, delivery, now)),
    newest: newestOf(row),
  }));
}

/** One object for the same customer, as long as it is in use: masking a number costs more than all else, and goes by it. */
const customers = new LRUCache<string, ViewedRecord['customer']>({ max: CUSTOMERS_KEPT });

function viewOf(row: ViewRow, delivery: Delivery, now: number) {
  const { customer_id: id, customer_name: name, member_no, phone_e164, language, available } = row;
  const key = `${id}\n${name}\n${member_no}\n${phone_e164}\n${language}`;
  const customer = customers.get(key) ?? { id, name, member_no, phone_e164, language };
  customers.set(key, customer);
  return redemptionView({ redemption: row, customer, available, delivery }, now);
}

function newestOf(row: LockRow): LockedMessage['newest'] {
  const { newest_id: id, newest_channel: channel, newest_state: state, newest_reason: reason } = row;
  if (id === null || channel === null || state === null) return null;
  return { id, delivery: deliveryView({ channel, state, reason, retry_at: row.newest_retry_at }) };
}

/** Writes what became of locked messages, and appends the tills' events in their order. */
export async function writeMessages(
  trx: Trx,
  { written, events, now }: { written: readonly Written[]; events: readonly EventRow[]; now: number },
): Promise<void> {
  const again = written.filter(({ abandoned }) => abandoned !== null);
  await sql`select statuses_write(${written.map(({ messageId }) => messageId)}::uuid[],
    ${written.map(({ state }) => state)}::text[], ${written.map(({ reason }) => reason)}::text[],
    ${again.map(({ messageId }) => messageId)}::uuid[], ${again.map(({ abandoned }) => abandoned)}::text[], ${QUEUE},
    ${events.map(({ tillId }) => tillId)}::uuid[], ${`[${events.map(({ json }) => json).join()}]`}::jsonb,
    ${now}::bigint)`.execute(trx);
}
