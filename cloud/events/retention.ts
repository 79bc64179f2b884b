import { sql } from 'kysely';
import type { Engine } from '../db/engine.ts';

/** A till that was away for longer reads its open redemptions anew; its stream goes on with what is still kept. */
const EVENT_RETENTION_MS = 7 * 86_400_000;
const MESSAGE_EVENT_RETENTION_MS = 30 * 86_400_000;
const ROWS_PER_PASS = 5000;
/** Of one till: its oldest. */
const EVENTS_PER_TILL = 1000;

/** Forgets old events of tills, and old statuses that were taken over or belonged to nobody. A bounded batch. */
export async function pruneEvents(engine: Engine, now: number): Promise<void> {
  await sql`delete from till_events where ctid = any(array(
    select e.ctid from tills t cross join lateral (select ctid, created_at from till_events where till_id = t.id
      order by seq limit ${EVENTS_PER_TILL}) e
    where e.created_at < ${now - EVENT_RETENTION_MS}::bigint limit ${ROWS_PER_PASS}))`.execute(engine.kysely);
  await sql`delete from message_events where ctid = any(array(
    select ctid from message_events where received_at < ${now - MESSAGE_EVENT_RETENTION_MS}::bigint
    order by received_at limit ${ROWS_PER_PASS}))`.execute(engine.kysely);
}
