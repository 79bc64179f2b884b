/** Lets go of what names people once its time is over, by each store's policy: a bounded batch at each look. */
import { sql } from 'kysely';
import type { Clock } from '../../shared/effects.ts';
import { DEFAULT_RETENTION } from '../../shared/retention-policy.ts';
import type { Engine } from '../db/engine.ts';

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
