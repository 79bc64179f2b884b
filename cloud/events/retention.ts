import { sql } from 'kysely';
import type { Engine } from '../db/engine.ts';

/** A till that was away for longer reads its open redemptions anew; its stream goes on with what is still kept. */
const EVENT_RETENTION_MS = 7 * 86_400_000;
const MESSAGE_EVENT_RETENTION_MS = 30 * 86_400_000;
const ROWS_PER_PASS = 5000;

/** Forgets old events of tills, and old statuses that were taken over or belonged to nobody. A bounded batch. */
export async function pruneEvents(engine: Engine, now: number): Promise<void> {
  await sql`delete from till_events where ctid = any(array(
    select ctid from till_events where created_at < ${now - EVENT_RETENTION_MS}::bigint
    order by created_at limit ${ROWS_PER_PASS}))`.execute(engine.kysely);
  await sql`delete from message_events where ctid = any(array(
    select ctid from message_events where received_at < ${now - MESSAGE_EVENT_RETENTION_MS}::bigint
    order by received_at limit ${ROWS_PER_PASS}))`.execute(engine.kysely);
}
