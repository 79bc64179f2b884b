import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { checkDoubleEntry, type DoubleEntryCheck } from './double-entry.ts';

export interface LedgerCheck extends DoubleEntryCheck {
  readonly ok: boolean;
  /** Accounts below zero that may not be. */
  readonly overdrawn: number[];
  /** Customers whose reserved balance is not what their open redemptions hold. */
  readonly reservations: { customerId: string; asset: string; reserved: number; open: number }[];
  /** Offline redemptions whose postings are not what they took from the wallet and lost. */
  readonly offline: string[];
  /** Stores whose offline loss is not what their offline redemptions lost. */
  readonly losses: { storeId: string; asset: string; balance: number; lost: number }[];
}

/** Reads the whole ledger in one snapshot and proves its invariants, or lists what breaks them. */
export function checkLedger(db: Kysely<Database>): Promise<LedgerCheck> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const entries = await checkDoubleEntry(trx, { accounts: 'accounts', transfers: 'transfers' });
      const overdrawn = await trx
        .selectFrom('accounts')
        .select('id')
        .where('balance', '<', 0)
        .where('may_go_negative', '=', false)
        .execute();
      const { rows: reservations } = await sql<LedgerCheck['reservations'][number]>`
        with open as (
          select customer_id, asset, sum(amount)::bigint as total from redemptions
          where status in ('awaiting_code', 'authorised') group by customer_id, asset
        )
        select a.customer_id as "customerId", a.asset, a.balance as reserved, coalesce(o.total, 0) as open
        from accounts a left join open o on o.customer_id = a.customer_id and o.asset = a.asset
        where a.kind = 'customer_reserved' and a.balance <> coalesce(o.total, 0)`.execute(trx);
      const { rows: offline } = await sql<{ id: string }>`
        with moves as (
          select t.ref_id, sum(t.amount) filter (where t.kind = 'offline') as taken,
            sum(t.amount) filter (where t.kind = 'offline_loss') as lost
          from transfers t where t.kind in ('offline', 'offline_loss') group by t.ref_id
        )
        select coalesce(o.id, m.ref_id) as id from offline_redemptions o full join moves m on m.ref_id = o.id
        where o.taken is distinct from coalesce(m.taken, 0) or o.lost is distinct from coalesce(m.lost, 0)
        order by 1`.execute(trx);
      const { rows: losses } = await sql<LedgerCheck['losses'][number]>`
        with lost as (
          select store_id, asset, sum(lost)::bigint as total from offline_redemptions group by store_id, asset
        )
        select a.store_id as "storeId", a.asset, a.balance, coalesce(l.total, 0) as lost
        from accounts a left join lost l on l.store_id = a.store_id and l.asset = a.asset
        where a.kind = 'store_offline_loss' and a.balance <> -coalesce(l.total, 0)`.execute(trx);
      const faults = [entries.mismatched, overdrawn, reservations, offline, losses];
      const clean = faults.every((found) => found.length === 0);
      return {
        ok: entries.sum === 0 && clean,
        ...entries,
        overdrawn: overdrawn.map((row) => row.id),
        reservations,
        offline: offline.map(({ id }) => id),
        losses,
      };
    });
}
