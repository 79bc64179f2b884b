/** What changed in a store's wallets, in pages that miss nothing (see migration 0012 on how changes get their numbers). */
import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { WALLET_PAGE_MAX, type WalletPage } from '../../shared/offline.ts';
import { customerView } from '../customers/customers.ts';
import type { AccountKind } from '../db/schema.ts';
import { storeTagKey } from '../keys/derive.ts';
import type { OfflineContext } from './context.ts';

/** Transfers and customers numbered in one run, and runs in one go: the rest follows with the next. */
const NUMBER_BATCH = 2000;
const NUMBER_RUNS = 10;
/** How long the newest numbers are good for: every stream's ping asks. */
const CURSORS_FRESH_MS = 1000;

export interface Wallets {
  /** Customers of the store changed after cursor `after`, oldest change first. */
  page(storeId: string, after: number): Promise<WalletPage>;
  /** The newest cursor of each of these stores; none for a store without customers. One look for all who ask at a time. */
  cursors(storeIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The store's key of `phoneTag`s, base64url. */
  tagKeyOf(storeId: string): string;
}

export function createWallets({ engine, effects, tagKey }: OfflineContext): Wallets {
  const db = engine.kysely;
  const { clock } = effects;
  let look: { at: number; stores: ReadonlySet<string>; found: Promise<ReadonlyMap<string, number>> } | null =
    null;

  async function number(): Promise<void> {
    for (let run = 0; run < NUMBER_RUNS; run += 1) {
      const { rows } = await sql<{
        more: boolean;
      }>`select number_wallet_changes(${NUMBER_BATCH}) as more`.execute(db);
      if (rows[0]?.more !== true) return;
    }
  }

  async function page(storeId: string, after: number): Promise<WalletPage> {
    await number();
    const changed = await db
      .selectFrom('wallet_changes')
      .select(['customer_id', 'n'])
      .where('store_id', '=', storeId)
      .where('n', '>', after)
      .orderBy('n')
      .limit(WALLET_PAGE_MAX + 1)
      .execute();
    const shown = changed.slice(0, WALLET_PAGE_MAX);
    const ids = shown.map((row) => row.customer_id);
    // Read after the numbers were: what is shown is as new as its number, or newer.
    const wallets = await walletsOf(storeId, ids);
    return {
      wallets: ids.flatMap((id) => wallets.get(id) ?? []),
      gone: ids.filter((id) => !wallets.has(id)),
      next: shown.at(-1)?.n ?? after,
      more: changed.length > WALLET_PAGE_MAX,
    };
  }

  async function walletsOf(storeId: string, ids: readonly string[]) {
    if (ids.length === 0) return new Map<string, WalletPage['wallets'][number]>();
    const rows = await db
      .selectFrom('customers as c')
      .innerJoin('accounts as a', 'a.customer_id', 'c.id')
      .select(['c.id', 'c.name', 'c.member_no', 'c.phone_e164', 'c.language', 'c.email'])
      .select((select) => select.fn.jsonAgg(select.fn.toJson('a')).as('accounts'))
      .where('c.id', 'in', [...ids])
      .where('c.erased_at', 'is', null)
      .groupBy('c.id')
      .execute();
    const key = storeTagKey(tagKey, storeId);
    return new Map(
      rows.map((row) => {
        const of = (asset: string, kind: AccountKind) =>
          row.accounts.find((account) => account.asset === asset && account.kind === kind)?.balance ?? 0;
        const balances = (['deposit', 'points'] as const).map((asset) => ({
          asset,
          available: of(asset, 'customer_available'),
          reserved: of(asset, 'customer_reserved'),
        }));
        const phoneTag = row.phone_e164 === null ? null : tagOf(key, row.phone_e164);
        return [row.id, { customer: { ...customerView(row), balances }, phoneTag }] as const;
      }),
    );
  }

  async function cursors(storeIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const now = clock.monotonic();
    const known = look;
    if (known !== null && now - known.at < CURSORS_FRESH_MS && storeIds.every((id) => known.stores.has(id))) {
      return known.found;
    }
    const found = findCursors(storeIds);
    const mine = { at: now, stores: new Set(storeIds), found };
    look = mine;
    found.catch(() => {
      // Whoever asked gets the error; it is only not kept for the next.
      if (look === mine) look = null;
    });
    return found;
  }

  async function findCursors(storeIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    await number();
    const { rows } = await sql<{ id: string; n: number | null }>`
      select s.id, (select max(n) from wallet_changes w where w.store_id = s.id) as n
      from unnest(${[...storeIds]}::uuid[]) as s (id)`.execute(db);
    return new Map(rows.flatMap(({ id, n }) => (n === null ? [] : [[id, n] as const])));
  }

  return {
    page,
    cursors,
    tagKeyOf: (storeId) => Buffer.from(storeTagKey(tagKey, storeId)).toString('base64url'),
  };
}

/** @param key 32 bytes, the store's */
export function tagOf(key: Uint8Array, phoneE164: string): string {
  return createHmac('sha256', key).update(phoneE164).digest('base64url');
}
