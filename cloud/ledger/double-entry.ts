import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

export interface DoubleEntryCheck {
  readonly accounts: number;
  readonly transfers: number;
  /** Sum over all balances: zero. */
  readonly sum: number;
  /** Accounts whose balance is not the sum of their transfers. */
  readonly mismatched: { accountId: number; balance: number; fromTransfers: number }[];
}

/** What holds of every book of accounts and transfers here: the customers' wallets, and the stores' message credit. */
export async function checkDoubleEntry(
  trx: Kysely<Database>,
  book: { accounts: 'accounts' | 'credit_accounts'; transfers: 'transfers' | 'credit_transfers' },
): Promise<DoubleEntryCheck> {
  const [accountsTable, transfersTable] = [sql.table(book.accounts), sql.table(book.transfers)];
  const { rows: totals } = await sql<{ accounts: number; transfers: number; sum: number }>`
    select (select count(*) from ${accountsTable}) as accounts, (select count(*) from ${transfersTable}) as transfers,
      (select coalesce(sum(balance), 0)::bigint from ${accountsTable}) as sum`.execute(trx);
  const { rows: mismatched } = await sql<DoubleEntryCheck['mismatched'][number]>`
    with moves as (
      select debit_account_id as id, -amount as amount from ${transfersTable}
      union all select credit_account_id, amount from ${transfersTable}
    ), sums as (select id, sum(amount)::bigint as total from moves group by id)
    select a.id as "accountId", a.balance, coalesce(s.total, 0) as "fromTransfers"
    from ${accountsTable} a left join sums s on s.id = a.id where a.balance <> coalesce(s.total, 0)`.execute(
    trx,
  );
  const { accounts = 0, transfers = 0, sum = 0 } = totals[0] ?? {};
  return { accounts, transfers, sum, mismatched };
}
