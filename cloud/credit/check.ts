import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

export interface CreditCheck {
  readonly ok: boolean;
  readonly accounts: number;
  readonly transfers: number;
  /** Sum over all balances: zero. */
  readonly sum: number;
  /** Accounts whose balance is not the sum of their transfers. */
  readonly mismatched: { accountId: number; balance: number; fromTransfers: number }[];
  /** Stores whose held or spent credit is not what their messages' charges say. */
  readonly charges: { storeId: string; kind: string; balance: number; fromCharges: number }[];
  /** Messages of a store without a charge, though there are charges from before them. */
  readonly uncharged: number;
}

/** Reads all of the message credit in one snapshot and proves its invariants, or lists what breaks them. */
export function checkCredit(db: Kysely<Database>): Promise<CreditCheck> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const { rows: totals } = await sql<{ accounts: number; transfers: number; sum: number }>`
        select (select count(*) from credit_accounts) as accounts, (select count(*) from credit_transfers) as transfers,
          (select coalesce(sum(balance), 0)::bigint from credit_accounts) as sum`.execute(trx);
      const { rows: mismatched } = await sql<CreditCheck['mismatched'][number]>`
        with moves as (
          select debit_account_id as id, -amount as amount from credit_transfers
          union all select credit_account_id, amount from credit_transfers
        ), sums as (select id, sum(amount)::bigint as total from moves group by id)
        select a.id as "accountId", a.balance, coalesce(s.total, 0) as "fromTransfers"
        from credit_accounts a left join sums s on s.id = a.id where a.balance <> coalesce(s.total, 0)`.execute(
        trx,
      );
      const { rows: charges } = await sql<CreditCheck['charges'][number]>`
        with sums as (
          select store_id, 'credit_' || outcome as kind, sum(price)::bigint as total from message_charges
          where outcome in ('held', 'spent') group by store_id, outcome
        )
        select a.store_id as "storeId", a.kind, a.balance, coalesce(s.total, 0) as "fromCharges"
        from credit_accounts a left join sums s on s.store_id = a.store_id and s.kind = a.kind
        where a.kind in ('credit_held', 'credit_spent') and a.balance <> coalesce(s.total, 0)`.execute(trx);
      const { rows: missing } = await sql<{ uncharged: number }>`
        select count(*) as uncharged from messages m
        where m.store_id is not null and m.created_at > (select min(created_at) from message_charges)
          and not exists (select 1 from message_charges c where c.message_id = m.id)`.execute(trx);
      const { accounts = 0, transfers = 0, sum = 0 } = totals[0] ?? {};
      const uncharged = missing[0]?.uncharged ?? 0;
      const ok = sum === 0 && mismatched.length === 0 && charges.length === 0 && uncharged === 0;
      return { ok, accounts, transfers, sum, mismatched, charges, uncharged };
    });
}
