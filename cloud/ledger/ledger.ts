import { type Kysely, sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { Customer } from '../../shared/gateway-api.ts';
import { type Asset, parseAmount } from '../../shared/money.ts';
import { violatedConstraint } from '../db/errors.ts';
import type { Database, TransferKind } from '../db/schema.ts';

/**
 * The wallet ledger: double entry by transfers. One row moves one amount from the debited to the credited account, so the
 * sum over all accounts is zero by construction; rows are never changed.
 *
 * | kind | from | to |
 * | --- | --- | --- |
 * | credit | store_issued (may go below zero) | customer_available |
 * | reserve | customer_available | customer_reserved |
 * | capture | customer_reserved | store_redeemed |
 * | release | customer_reserved | customer_available |
 * | offline | customer_available | store_redeemed |
 * | offline_loss | store_offline_loss (may go below zero) | store_redeemed |
 *
 * The last two are posted together, by the SQL function `ledger_offline`.
 */
export interface Posting {
  /** Names the wish, over all stores: the same key posts once. */
  readonly idempotencyKey: string;
  readonly storeId: string;
  readonly customerId: string;
  readonly asset: Asset;
  readonly amount: number;
  /** The redemption it belongs to. */
  readonly refId: string | null;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * Posts once per key: 'repeated' when this very posting was made before. Throws `amount_invalid` (no whole number from 1
 * to 2^53 - 1, or a balance would leave that range), `amount_above_balance`, `idempotency_key_reused` (same key, other
 * contents), `customer_unknown`. Takes part in the transaction `db`, if it is one.
 */
export async function post(
  db: Kysely<Database>,
  kind: TransferKind,
  posting: Posting,
): Promise<'posted' | 'repeated'> {
  const { idempotencyKey, storeId, customerId, asset, amount, refId, at } = posting;
  if (parseAmount(amount) === null) throw new SaksiError('amount_invalid');
  let row: { outcome: string; available: number } | undefined;
  try {
    const { rows } = await sql<{ outcome: string; available: number }>`select outcome, available
      from ledger_transfer(${idempotencyKey}, ${kind}, ${storeId}, ${customerId}, ${asset}, ${amount}, ${refId},
        ${at})`.execute(db);
    row = rows[0];
  } catch (cause) {
    const constraint = violatedConstraint(cause);
    if (constraint === 'accounts_within_safe_integers') throw new SaksiError('amount_invalid', { cause });
    // `account_of` found none: this store has no such customer.
    if (constraint === 'account_missing') throw new SaksiError('customer_unknown', { cause });
    throw cause;
  }
  const outcome = row?.outcome;
  if (outcome === 'posted' || outcome === 'repeated') return outcome;
  if (outcome === 'reused') throw new SaksiError('idempotency_key_reused');
  if (outcome !== 'overdrawn') throw new SaksiError('internal', { cause: new Error(`ledger: ${outcome}`) });
  throw new SaksiError('amount_above_balance', { params: { available: row?.available ?? 0 } });
}

/** Top-up of a customer's wallet; the store owes that much more. */
export const credit = (db: Kysely<Database>, posting: Posting) => post(db, 'credit', posting);

const ASSETS: readonly Asset[] = ['deposit', 'points'];

/** Both assets' balances of a customer. */
export async function balancesOf(db: Kysely<Database>, customerId: string): Promise<Customer['balances']> {
  const rows = await db
    .selectFrom('accounts')
    .select(['asset', 'kind', 'balance'])
    .where('customer_id', '=', customerId)
    .execute();
  const of = (asset: Asset, kind: string) =>
    rows.find((row) => row.asset === asset && row.kind === kind)?.balance ?? 0;
  return ASSETS.map((asset) => ({
    asset,
    available: of(asset, 'customer_available'),
    reserved: of(asset, 'customer_reserved'),
  }));
}
