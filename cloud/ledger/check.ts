import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

export interface LedgerCheck {
  readonly ok: boolean;
  readonly accounts: number;
  readonly transfers: number;
  /** Sum over all balances: zero. */
  readonly sum: number;
  /** Accounts whose balance is not the sum of their transfers. */
  readonly mismatched: { accountId: number; balance: number; fromTransfers: number }[];
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
      const { rows: totals } = await sql<{ accounts: number; transfers: number; sum: number }>`
        select (select count(*) from accounts) as accounts, (select count(*) from transfers) as transfers,
          (select coalesce(sum(balance), 0)::bigint from accounts) as sum`.execute(trx);
      const { rows: mismatched } = await sql<LedgerCheck['mismatched'][number]>`
        with moves as (
          select debit_account_id as id, -amount as amount from transfers
          union all select credit_account_id, amount from transfers
        ), sums as (select id, sum(amount)::bigint as total from moves group by id)
        select a.id as "accountId", a.balance, coalesce(s.total, 0) as "fromTransfers"
        from accounts a left join sums s on s.id = a.id where a.balance <> coalesce(s.total, 0)`.execute(trx);
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
      const { accounts = 0, transfers = 0, sum = 0 } = totals[0] ?? {};
      const faults = [mismatched, overdrawn, reservations, offline, losses];
      const clean = faults.every((found) => found.length === 0);
      return {
        ok: sum === 0 && clean,
        accounts,
        transfers,
        sum,
        mismatched,
        overdrawn: overdrawn.map((row) => row.id),
        reservations,
        offline: offline.map(({ id }) => id),
        losses,
      };
    });
}
