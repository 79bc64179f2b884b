import { type Kysely, sql } from 'kysely';
import { eventOf, type StoredEvent } from '../audit/stored-event.ts';
import type { Database } from '../db/schema.ts';
import type { ReadEvents } from './events.ts';

/** Events of one look: a busy store's day is a few of them. */
const PAGE = 2_000;

/** The audit list as what signals read; what is linked while it is read, with a time that was passed, is in the next reading. */
export function createAuditReader(db: Kysely<Database>, page = PAGE): ReadEvents {
  return async function* (from, to, storeId) {
    let after = { at: from, id: 0 };
    for (;;) {
      const { rows } = await sql<StoredEvent>`
        select id, store_id, till_id, source, seq, at, kind, staff_id, approver_id, customer_id, sale_ref, subject_id,
          asset, amount, outcome, body
        from audit_events
        where store_id = ${storeId}::uuid and at < ${to}::bigint
          and (at, id) > (${after.at}::bigint, ${after.id}::bigint)
        order by at, id limit ${page}`.execute(db);
      for (const row of rows) yield eventOf(row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < page) return;
      after = { at: last.at, id: last.id };
    }
  };
}
