/** The SQL functions that take over statuses (migrations 0030 and 0034). */
import { sql } from 'kysely';
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Trx } from '../redemptions/ports.ts';
import type { StatusEvent } from '../whatsapp/webhook.ts';
import { type EventRow, eventArrays } from './message-rows.ts';
import { QUEUE } from './queue.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A status as it was kept. */
export interface KeptStatus {
  readonly wamid: string;
  readonly status: DeliveryState;
  readonly error_code: number | null;
}

/** What becomes of a locked message. */
export interface Written {
  readonly messageId: string;
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
  /** Queue it again, as a template: this send does not count any more. */
  readonly abandoned: string | null;
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

/** Writes what became of locked messages, and appends the tills' events in their order. */
export async function writeMessages(
  trx: Trx,
  { written, events, now }: { written: readonly Written[]; events: readonly EventRow[]; now: number },
): Promise<void> {
  const { tills, json } = eventArrays(events);
  const again = written.filter(({ abandoned }) => abandoned !== null);
  await sql`select statuses_write(${written.map(({ messageId }) => messageId)}::uuid[],
    ${written.map(({ state }) => state)}::text[], ${written.map(({ reason }) => reason)}::text[],
    ${again.map(({ messageId }) => messageId)}::uuid[], ${again.map(({ abandoned }) => abandoned)}::text[], ${QUEUE},
    ${tills}::uuid[], ${json}::jsonb, ${now}::bigint)`.execute(trx);
}
