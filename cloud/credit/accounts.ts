/** A store's prepaid message credit: topped up, read, and settled. What a message costs is taken where it is kept (migration 0032). */
import { type Kysely, sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { CreditAnswer, MessageCategory } from '../../shared/message-credit.ts';
import type { MessageCreditPolicy } from '../../shared/message-credit-policy.ts';
import { type Currency, parseAmount } from '../../shared/money.ts';
import { violatedConstraint } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';

/** What a message that never arrived is waited for beyond its time, before it counts as dropped by WhatsApp. */
export const LAPSE_GRACE_MS = 10 * 60_000;
const SETTLE_BATCH = 500;
/** Messages whose time is over, looked at in one pass. */
const LAPSE_BATCH = 5000;
const SETTLE_BATCHES_MAX = 40;

type Db = Kysely<Database>;

export interface Topup {
  readonly storeId: string;
  /** Whole minor units of the store's currency. */
  readonly amount: number;
  /** Names the wish, over all stores: the same key adds once. */
  readonly idempotencyKey: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Adds to a store's credit, once per key: 'repeated' when this very top-up was made before. Throws `amount_invalid`,
 * `not_found` (no such store), `idempotency_key_reused`. Takes part in the transaction `db`, if it is one.
 */
export async function topUp(db: Db, topup: Topup): Promise<'posted' | 'repeated'> {
  const { storeId, amount, idempotencyKey, at } = topup;
  if (parseAmount(amount) === null) throw new SaksiError('amount_invalid');
  const { rows } = await sql<{
    outcome: string;
  }>`select credit_topup(${storeId}, ${amount}, ${idempotencyKey}, ${at})
    as outcome`
    .execute(db)
    .catch((cause: unknown) => {
      const constraint = violatedConstraint(cause);
      if (constraint === 'account_missing') throw new SaksiError('not_found', { cause });
      if (constraint === 'credit_accounts_within_safe_integers')
        throw new SaksiError('amount_invalid', { cause });
      throw cause;
    });
  const outcome = rows[0]?.outcome;
  if (outcome === 'posted' || outcome === 'repeated') return outcome;
  if (outcome === 'reused') throw new SaksiError('idempotency_key_reused');
  throw new SaksiError('internal', { cause: new Error(`credit: ${outcome}`) });
}

/** A package of the price list in the store's currency; throws `not_found`. */
export async function packageFor(db: Db, storeId: string, packageId: string): Promise<{ amount: number }> {
  const row = await db
    .selectFrom('credit_packages as p')
    .innerJoin('stores as s', 's.currency', 'p.currency')
    .select('p.amount')
    .where('s.id', '=', storeId)
    .where('p.id', '=', packageId)
    .where('p.active', '=', true)
    .executeTakeFirst();
  if (row === undefined) throw new SaksiError('not_found');
  return row;
}

/** What a message of a category to a country costs at `at` (epoch ms); 0 where there is no price. */
export async function priceOf(
  db: Db,
  {
    currency,
    category,
    country,
    at,
  }: { currency: Currency; category: MessageCategory; country: string; at: number },
): Promise<number> {
  const { rows } = await sql<{
    price: number;
  }>`select message_price(${currency}, ${category}, ${country}, ${at}) as price`.execute(db);
  return rows[0]?.price ?? 0;
}

/** The newest top-up of a store, or null. */
export async function lastTopup(
  db: Db,
  storeId: string,
): Promise<{ id: number; amount: number; at: number } | null> {
  const row = await db
    .selectFrom('credit_transfers as t')
    .innerJoin('credit_accounts as a', 'a.id', 't.credit_account_id')
    .select(['t.id', 't.amount', 't.posted_at as at'])
    .where('a.store_id', '=', storeId)
    .where('a.kind', '=', 'store_credit')
    .where('t.kind', '=', 'topup')
    .orderBy('t.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** How a store's credit stands. @throws SaksiError not_found */
export async function creditOf(db: Db, storeId: string): Promise<CreditAnswer> {
  const store = await db
    .selectFrom('stores')
    .select(['currency', sql<MessageCreditPolicy | null>`message_credit`.as('policy')])
    .where('id', '=', storeId)
    .executeTakeFirst();
  if (store === undefined) throw new SaksiError('not_found');
  const { balance, held, spent } = await balancesOf(db, storeId);
  const topup = await lastTopup(db, storeId);
  const warnings = await db
    .selectFrom('credit_warnings')
    .select(['threshold', 'at'])
    .where('store_id', '=', storeId)
    .where('topup_id', '=', topup?.id ?? 0)
    .orderBy('at')
    .execute();
  const packages = await db
    .selectFrom('credit_packages')
    .select(['id', 'currency', 'amount', 'price'])
    .where('currency', '=', store.currency)
    .where('active', '=', true)
    .orderBy('price')
    .execute();
  return {
    currency: store.currency,
    enforced: store.policy?.enforce ?? false,
    ...{ balance, held, spent },
    lastTopup: topup === null ? null : { amount: topup.amount, at: topup.at },
    warnings,
    packages,
  };
}

/** In one snapshot. What waits in the queue is spent in the books, and not yet for whoever reads them. */
async function balancesOf(db: Db, storeId: string) {
  const { rows } = await sql<{ balance: number; held: number; spent: number }>`
    with waiting as (
      select coalesce(sum(c.price), 0)::bigint as held from messages m join message_charges c on c.message_id = m.id
      where m.waiting and m.store_id = ${storeId}::uuid and c.outcome = 'spent'
    )
    select c.balance, w.held, s.balance - w.held as spent
    from credit_accounts c join credit_accounts s on s.store_id = c.store_id and s.kind = 'credit_spent', waiting w
    where c.store_id = ${storeId}::uuid and c.kind = 'store_credit'`.execute(db);
  return rows[0] ?? { balance: 0, held: 0, spent: 0 };
}

/**
 * Settles what changed since, in bounded batches: what was spent on messages that failed is given back, and the other way round.
 * Safe to run in several processes at once. @returns how many changes it looked at
 */
export async function settleDue(db: Db, now: number): Promise<number> {
  let settled = 0;
  await sql`select credit_lapse(${now}, ${LAPSE_GRACE_MS}, ${LAPSE_BATCH})`.execute(db);
  for (let batch = 0; batch < SETTLE_BATCHES_MAX; batch += 1) {
    const { rows } = await sql<{
      due: number;
    }>`select credit_settle(${now}, ${LAPSE_GRACE_MS}, ${SETTLE_BATCH}) as due`.execute(db);
    const due = rows[0]?.due ?? 0;
    settled += due;
    if (due < SETTLE_BATCH) break;
  }
  return settled;
}
