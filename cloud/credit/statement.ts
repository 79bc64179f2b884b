import { type Kysely, sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { Statement } from '../../shared/message-credit.ts';
import type { Currency } from '../../shared/money.ts';
import type { Database } from '../db/schema.ts';

const DIFFERENCES_MAX = 500;

/** `charged` is what a message costs as things stand: spent, and not free by its price. */
const CHARGED = sql`(c.outcome = 'spent' and c.price > 0)`;
const BILLABLE = sql`(c.pricing ->> 'billable' = 'true')`;

/**
 * What a store's messages of a time (epoch ms, from ≤ time < to) cost, by day in its own time zone, kind, till and cashier; and
 * where that differs from what Meta says it bills: a message charged that Meta gives for nothing or the other way round, or of
 * another category. Of one that was given back Meta's word counts only where it arrived: only then it is billed. One snapshot.
 * @throws SaksiError not_found
 */
export function statementOf(
  db: Kysely<Database>,
  storeId: string,
  { from, to }: { from: number; to: number },
): Promise<Statement> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const store = await trx
        .selectFrom('stores')
        .select(['currency', 'timezone'])
        .where('id', '=', storeId)
        .executeTakeFirst();
      if (store === undefined) throw new SaksiError('not_found');
      const within = sql`c.store_id = ${storeId}::uuid and c.created_at >= ${from} and c.created_at < ${to}`;
      const { rows } = await sql<Statement['rows'][number]>`
        select to_char(to_timestamp(c.created_at / 1000.0) at time zone ${store.timezone}, 'YYYY-MM-DD') as day,
          c.kind, c.store_id as "storeId", c.till_id as "tillId", t.name as "tillName",
          f.id as "cashierId", f.name as "cashierName", count(*) as count,
          coalesce(sum(c.price) filter (where c.outcome = 'spent'), 0)::bigint as cost,
          count(*) filter (where c.outcome = 'free' or (c.price = 0 and c.outcome <> 'returned')) as free,
          count(*) filter (where c.outcome = 'returned') as returned
        from message_charges c join messages m on m.id = c.message_id
          left join tills t on t.id = c.till_id
          left join redemptions r on r.id = m.redemption_id
          left join approvals a on a.id = m.approval_id
          left join staff f on f.id = coalesce(r.staff_id, a.requested_by)
        where ${within}
        group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 5, 7, 4, 6`.execute(trx);
      const { rows: known } = await sql<{ reconciled: number }>`
        select count(*) as reconciled from message_charges c where ${within} and c.pricing is not null`.execute(
        trx,
      );
      const { rows: differences } = await sql<Difference>`
        select c.message_id as id, c.created_at as at, c.kind, ${CHARGED} as charged, ${BILLABLE} as billable,
          case when c.outcome = 'free' then 'service' else c.category end as category,
          c.pricing ->> 'category' as meta_category, c.pricing ->> 'type' as type
        from message_charges c join messages m on m.id = c.message_id
        where ${within} and c.pricing is not null
          and (c.outcome <> 'returned' or m.state in ('delivered', 'read')) and (${CHARGED} <> ${BILLABLE} and not (c.price = 0 and ${BILLABLE})
          or ${CHARGED} and c.pricing ->> 'category' <> c.category)
        order by c.created_at, c.message_id limit ${DIFFERENCES_MAX}`.execute(trx);
      const sum = (field: 'count' | 'cost' | 'free' | 'returned') =>
        rows.reduce((total, row) => total + row[field], 0);
      return {
        currency: store.currency as Currency,
        ...{ from, to, rows },
        total: { count: sum('count'), cost: sum('cost'), free: sum('free'), returned: sum('returned') },
        reconciled: known[0]?.reconciled ?? 0,
        differences: differences.map(toDifference),
      };
    });
}

interface Difference {
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  readonly charged: boolean;
  readonly billable: boolean;
  readonly category: Statement['differences'][number]['ours']['category'];
  readonly meta_category: string | null;
  readonly type: string | null;
}

function toDifference(row: Difference): Statement['differences'][number] {
  const { id: messageId, at, kind, charged, billable, category, meta_category, type } = row;
  return {
    ...{ messageId, at, kind },
    ours: { charged, category },
    meta: { billable, category: meta_category, type },
  };
}
