/** Lets go of what names people once its time is over, by each store's policy: a bounded batch at each look. */
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../shared/effects.ts';
import { DEFAULT_RETENTION } from '../../shared/retention-policy.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import { ERASED_NAME } from './erased-name.ts';

const DAY_MS = 86_400_000;
/** A store is looked at again after this; at once while there is more. */
const LOOK_EVERY_MS = 3_600_000;
const STORES_PER_LOOK = 20;
const MESSAGES_PER_LOOK = 500;
/** In the place of a store: messages that belong to none. */
const NO_STORE = '00000000-0000-0000-0000-000000000000';

interface Due {
  readonly store_id: string;
  readonly message_days: number;
  readonly identity_days: number;
  readonly messages_until: number;
}

/** A store is looked at so soon after somebody was erased there: whatever was under way with the name is written by then. */
const AFTER_ERASURE_MS = 60_000;
/** Tills' events are kept for seven days. */
const EVENTS_KEPT_MS = 8 * DAY_MS;

/** In the transaction of an erasure. */
export async function lookAgainSoon(db: Kysely<Database>, storeId: string, now: number): Promise<void> {
  const looked_at = now - LOOK_EVERY_MS + AFTER_ERASURE_MS;
  await db
    .insertInto('retention_looks')
    .values({ store_id: storeId, messages_until: 0, looked_at })
    .onConflict((conflict) => conflict.column('store_id').doUpdateSet({ looked_at }))
    .execute();
}

/** Safe to run in several processes at once. */
export function createRetention({ engine, clock }: { engine: Engine; clock: Clock }): () => Promise<void> {
  const db = engine.kysely;

  return async () => {
    const now = clock.now();
    for (const due of await findDue(now)) await look(due, now);
  };

  async function findDue(now: number): Promise<Due[]> {
    const { messageDays, identityDays } = DEFAULT_RETENTION;
    const { rows } = await sql<Due>`
      select s.id as store_id, coalesce((s.retention ->> 'messageDays')::integer, ${messageDays}) as message_days,
        coalesce((s.retention ->> 'identityDays')::integer, ${identityDays}) as identity_days,
        coalesce(l.messages_until, 0)::bigint as messages_until
      from (select id, retention from stores union all select ${NO_STORE}::uuid, null) s
        left join retention_looks l on l.store_id = s.id
      where l.store_id is null or l.looked_at <= ${now - LOOK_EVERY_MS}::bigint
      order by l.looked_at nulls first limit ${STORES_PER_LOOK}`.execute(db);
    return rows;
  }

  async function look(due: Due, now: number): Promise<void> {
    const { store_id: storeId, message_days: messageDays, identity_days: identityDays } = due;
    await forgetIdentities(storeId, now - identityDays * DAY_MS, now);
    await blankLateEvents(storeId, now);
    const until = now - messageDays * DAY_MS;
    const scrubbed = await scrub(due, until, now);
    const isDone = scrubbed < MESSAGES_PER_LOOK;
    const row = {
      messages_until: isDone ? Math.max(until, 0) : due.messages_until,
      looked_at: isDone ? now : 0,
    };
    await db
      .insertInto('retention_looks')
      .values({ store_id: storeId, ...row })
      .onConflict((conflict) => conflict.column('store_id').doUpdateSet(row))
      .execute();
  }

  /** @returns how many were looked at */
  function scrub({ store_id: storeId, messages_until: from }: Due, until: number, now: number) {
    return db.transaction().execute(async (trx) => {
      const rows = await trx
        .selectFrom('messages')
        .select('id')
        .where('store_id', storeId === NO_STORE ? 'is' : '=', storeId === NO_STORE ? null : storeId)
        // A policy that was shortened is followed from the beginning of what it shortened: what came before is empty.
        .where('created_at', '>=', Math.min(from, until))
        .where('created_at', '<', until)
        .where('recipient_sealed', '!=', '')
        .orderBy('created_at')
        .limit(MESSAGES_PER_LOOK)
        .execute();
      const ids = rows.map(({ id }) => id);
      if (ids.length > 0) await sql`select scrub_messages(${ids}::uuid[], ${now}::bigint)`.execute(trx);
      return ids.length;
    });
  }

  /** A redemption that was changed while its customer was being erased is told with the name that was read before. */
  async function blankLateEvents(storeId: string, now: number): Promise<void> {
    if (storeId === NO_STORE) return;
    await sql`update till_events e set data = jsonb_set(e.data, '{redemption,customer}', e.data #> '{redemption,customer}'
        || jsonb_build_object('name', ${ERASED_NAME}::text, 'memberNo', null, 'phoneMasked', null, 'canReceiveCode', false))
      from erasures x, tills t
      where x.store_id = ${storeId}::uuid and x.at > ${now - EVENTS_KEPT_MS}::bigint and t.store_id = x.store_id
        and e.till_id = t.id and e.data #>> '{redemption,customer,id}' = x.customer_id::text
        and e.data #>> '{redemption,customer,name}' <> ${ERASED_NAME}`.execute(db);
  }

  /** Of staff who left, and what took the place of a customer's. */
  async function forgetIdentities(storeId: string, before: number, now: number): Promise<void> {
    if (storeId === NO_STORE) return;
    await db.transaction().execute(async (trx) => {
      await trx
        .deleteFrom('customer_identities')
        .where('store_id', '=', storeId)
        .where('ended_at', '<', before)
        .execute();
      // Whoever left before that was written down left now.
      await trx
        .updateTable('staff')
        .set({ left_at: now })
        .where('store_id', '=', storeId)
        .where('active', '=', false)
        .where('left_at', 'is', null)
        .execute();
      const gone = trx
        .selectFrom('staff')
        .select('id')
        .where('store_id', '=', storeId)
        .where('active', '=', false)
        .where('left_at', '<', before);
      await trx.deleteFrom('staff_identities').where('staff_id', 'in', gone).execute();
      await trx
        .updateTable('staff')
        .set({ phone_e164: null })
        .where('id', 'in', gone)
        .where('phone_e164', 'is not', null)
        .execute();
    });
  }
}
