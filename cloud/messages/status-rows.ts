/** Statuses as they are kept, and the SQL functions that take them over (migration 0091). */
import { type Kysely, sql } from 'kysely';
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Database } from '../db/schema.ts';
import type { Trx } from '../redemptions/ports.ts';
import { DELIVERY_CHAIN } from '../whatsapp/delivery-state.ts';
import type { StatusEvent } from '../whatsapp/webhook.ts';
import { QUEUE } from './queue.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A status as it was kept. */
export interface KeptStatus {
  readonly wamid: string;
  readonly status: DeliveryState;
  readonly error_code: number | null;
}

/** A status that waits, and its message. What another process takes over meanwhile is old news once the message is locked. */
export interface Due {
  readonly message_id: string;
  readonly id: number;
}

/** What becomes of a locked message. */
export interface Written {
  readonly messageId: string;
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
  /** Queue it again, as a template: this send does not count any more. */
  readonly abandoned: string | null;
}

export interface Absorbed {
  /** Kept, and their messages are not known. */
  readonly waiting: number;
  /** Kept and not taken over: more follows from them than how far a message came. */
  readonly left: readonly Due[];
  /** How many messages came to each state. */
  readonly reached: Readonly<Partial<Record<DeliveryState, number>>>;
  /** Whose events were appended. */
  readonly tills: readonly string[];
}

/**
 * Keeps statuses not seen before, and takes over those that only say how far a message came: one statement, committed by itself
 * where no transaction is open.
 * @param events each (wamid, status) once, in the order of `sortedStatuses`
 */
export async function absorbStatuses(
  db: Kysely<Database>,
  events: readonly StatusEvent[],
  now: number,
): Promise<Absorbed> {
  const { rows } = await sql<{ doc: Absorbed }>`select statuses_absorb(${columnsOf(events)},
    ${[...DELIVERY_CHAIN]}::text[], ${now}::bigint) as doc`.execute(db);
  return rows[0]?.doc ?? { waiting: 0, left: [], reached: {}, tills: [] };
}

/**
 * Keeps statuses not seen before, to be taken over later.
 * @returns how many were new
 */
export async function keepStatuses(
  db: Kysely<Database>,
  events: readonly StatusEvent[],
  now: number,
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    insert into message_events (wamid, status, correlation_id, error_code, pricing, occurred_at, received_at)
    select wamid, status, correlation, code, pricing::jsonb, occurred, ${now}::bigint
    from unnest(${columnsOf(events)}) with ordinality as x(wamid, status, correlation, code, pricing, occurred, n) order by n
    on conflict (wamid, status) do nothing`.execute(db);
  return Number(numAffectedRows);
}

/** As arrays: (message, status) of WhatsApp, our own message's id, Meta's error, what was paid, when (epoch ms). */
function columnsOf(events: readonly StatusEvent[]) {
  const pricing = events.map((event) => (event.pricing === undefined ? null : JSON.stringify(event.pricing)));
  return sql`${events.map(({ wamid }) => wamid)}::text[], ${events.map(({ status }) => status)}::text[],
    ${events.map(({ bizOpaque = '' }) => (UUID.test(bizOpaque) ? bizOpaque : null))}::uuid[],
    ${events.map(({ errors }) => errors[0]?.code ?? null)}::integer[], ${pricing}::text[],
    ${events.map(({ timestampMs }) => timestampMs)}::bigint[]`;
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

/**
 * Writes what became of locked messages, and tells the tills of those in `told`.
 * @returns the tills that were told
 */
export async function writeMessages(
  trx: Trx,
  { written, told, now }: { written: readonly Written[]; told: readonly string[]; now: number },
): Promise<string[]> {
  const again = written.filter(({ abandoned }) => abandoned !== null);
  const { rows } = await sql<{ tills: string[] }>`select statuses_write(
    ${written.map(({ messageId }) => messageId)}::uuid[],
    ${written.map(({ state }) => state)}::text[], ${written.map(({ reason }) => reason)}::text[],
    ${again.map(({ messageId }) => messageId)}::uuid[], ${again.map(({ abandoned }) => abandoned)}::text[], ${QUEUE},
    ${[...told]}::uuid[], ${now}::bigint) as tills`.execute(trx);
  return rows[0]?.tills ?? [];
}
