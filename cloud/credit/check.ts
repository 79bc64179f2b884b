import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { checkDoubleEntry, type DoubleEntryCheck } from '../ledger/double-entry.ts';

export interface CreditCheck extends DoubleEntryCheck {
  readonly ok: boolean;
  /** Stores whose spent credit is not what their messages' charges say, or that hold any. */
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
      const entries = await checkDoubleEntry(trx, {
        accounts: 'credit_accounts',
        transfers: 'credit_transfers',
      });
      const { rows: charges } = await sql<CreditCheck['charges'][number]>`
        with sums as (
          select store_id, 'credit_' || outcome as kind, sum(price)::bigint as total from message_charges
          where outcome = 'spent' group by store_id, outcome
        )
        select a.store_id as "storeId", a.kind, a.balance, coalesce(s.total, 0) as "fromCharges"
        from credit_accounts a left join sums s on s.store_id = a.store_id and s.kind = a.kind
        where a.kind in ('credit_held', 'credit_spent') and a.balance <> coalesce(s.total, 0)`.execute(trx);
      const { rows: missing } = await sql<{ uncharged: number }>`
        select count(*) as uncharged from messages m
        where m.store_id is not null and m.created_at > (select min(created_at) from message_charges)
          and not exists (select 1 from message_charges c where c.message_id = m.id)`.execute(trx);
      const uncharged = missing[0]?.uncharged ?? 0;
      const ok =
        entries.sum === 0 && entries.mismatched.length === 0 && charges.length === 0 && uncharged === 0;
      return { ok, ...entries, charges, uncharged };
    });
}
