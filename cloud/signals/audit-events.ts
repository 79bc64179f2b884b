import { type Kysely, sql } from 'kysely';
import { eventOf, type StoredEvent } from '../audit/stored-event.ts';
import type { Database } from '../db/schema.ts';
import type { ReadEvents } from './events.ts';

/** Events of one look: a busy store's day is a few of them. */
const PAGE = 2_000;

interface Row extends StoredEvent {
  phone_tag: string | null;
}

/**
 * The audit list as what signals read; what is linked while it is read, with a time that was passed, is in the next reading.
 * Which phone a code went to stands in no chain, where it could never be erased: `phoneTag` is added from the codes, for as
 * long as they know.
 */
export function createAuditReader(db: Kysely<Database>, page = PAGE): ReadEvents {
  return async function* (from, to, storeId) {
    let after = { at: from, id: 0 };
    for (;;) {
      const { rows } = await sql<Row>`
        select id, store_id, till_id, source, seq, at, kind, staff_id, approver_id, customer_id, sale_ref, subject_id,
          asset, amount, outcome, body,
          case when kind in ('redemption.requested', 'code.sent', 'redemption.authorised') then
            (select encode(c.phone_tag, 'hex') from codes c where c.redemption_id = e.subject_id and c.serial = 1)
          end as phone_tag
        from audit_events e
        where store_id = ${storeId}::uuid and at < ${to}::bigint
          and (at, id) > (${after.at}::bigint, ${after.id}::bigint)
        order by at, id limit ${page}`.execute(db);
      for (const row of rows) {
        const event = eventOf(row);
        yield row.phone_tag === null
          ? event
          : { ...event, detail: { ...event.detail, phoneTag: row.phone_tag } };
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < page) return;
      after = { at: last.at, id: last.id };
    }
  };
}
