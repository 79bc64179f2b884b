import type Database from 'better-sqlite3';
import type { Asset } from '../../shared/money.ts';

export const LIMIT_WINDOW_MS = 24 * 60 * 60_000;

export interface KeptBundle {
  serial: number;
  /** Null: the gateway took the codes away. */
  jws: string | null;
}

export interface Spend {
  codeId: string;
  redemptionId: string;
  supervisorId: string;
  customerId: string;
  asset: Asset;
  amount: number;
}

/** Spending that the gateway had booked when something was asked of it: the answer holds it. */
export type BookedSpends = readonly { codeId: string; customerId: string }[];

/** The bundle of sealed codes, and what was spent on them. Writes of spending belong in the transaction of the grant's use. */
export function createSealedStore(db: Database.Database) {
  const selectBundle = db.prepare<[], KeptBundle>('SELECT serial, jws FROM sealed_bundle');
  const saveBundle = db.prepare(
    `INSERT INTO sealed_bundle (id, serial, jws, fetched_at) VALUES (1, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, jws = excluded.jws, fetched_at = excluded.fetched_at`,
  );
  const takeAway = db.prepare('UPDATE sealed_bundle SET jws = NULL, fetched_at = ?');
  const insert = db.prepare(
    `INSERT INTO sealed_spends (code_id, redemption_id, supervisor_id, customer_id, asset, amount, counted_at, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'open')`,
  );
  const used = db.prepare<[string], { code_id: string }>(
    'SELECT code_id FROM sealed_spends WHERE code_id = ?',
  );
  const spentSince = db.prepare<[string, number, string | null], { total: number }>(
    `SELECT coalesce(sum(amount), 0) AS total FROM sealed_spends
     WHERE asset = ? AND counted_at > ? AND customer_id = coalesce(?, customer_id)`,
  );
  const openSum = db.prepare<[string, string], { total: number }>(
    `SELECT coalesce(sum(amount), 0) AS total FROM sealed_spends
     WHERE state = 'open' AND customer_id = ? AND asset = ?`,
  );
  const booked = db.prepare<[], { codeId: string; customerId: string }>(
    `SELECT s.code_id AS codeId, s.customer_id AS customerId FROM sealed_spends s
     JOIN redemptions r ON r.id = s.redemption_id WHERE s.state = 'open' AND r.settlement = 'confirmed'`,
  );
  const setState = db.prepare('UPDATE sealed_spends SET state = ? WHERE code_id = ?');
  const voidOf = db.prepare("UPDATE sealed_spends SET state = 'void' WHERE redemption_id = ?");
  const rename = db.prepare('UPDATE sealed_spends SET customer_id = ? WHERE redemption_id = ?');

  return {
    bundle: (): KeptBundle | null => selectBundle.get() ?? null,
    saveBundle(serial: number, jws: string, at: number): void {
      saveBundle.run(serial, jws, at);
    },
    takeBundleAway(at: number): void {
      takeAway.run(at);
    },

    isUsed: (codeId: string): boolean => used.get(codeId) !== undefined,

    /** `countedAt`: the time that has surely passed. */
    add(spend: Spend, countedAt: number): void {
      const { codeId, redemptionId, supervisorId, customerId, asset, amount } = spend;
      insert.run(codeId, redemptionId, supervisorId, customerId, asset, amount, countedAt);
    },

    /** What the limits of 24 hours count of an asset: of one customer, or (null) of the till. */
    spentInWindow: (asset: Asset, customerId: string | null, now: number): number =>
      spentSince.get(asset, now - LIMIT_WINDOW_MS, customerId)?.total ?? 0,

    /** Spent here and not yet in the cached balance. */
    notReflected: (customerId: string, asset: Asset): number => openSum.get(customerId, asset)?.total ?? 0,

    /** Called before a balance is asked for, and given back with the answer. */
    booked: (): BookedSpends => booked.all(),

    /** The balances of these customers (null: of all) were asked for after the gateway had booked it. */
    reflected(spends: BookedSpends, customerIds: ReadonlySet<string> | null): void {
      for (const { codeId, customerId } of spends) {
        if (customerIds === null || customerIds.has(customerId)) setState.run('reflected', codeId);
      }
    },

    /** Taken back before the gateway heard of it, or settled by a person. It still counts against the limits. */
    voided(redemptionId: string): void {
      voidOf.run(redemptionId);
    },

    /** Another customer was named in it. */
    renamed(redemptionId: string, customerId: string): void {
      rename.run(customerId, redemptionId);
    },
  };
}
export type SealedStore = ReturnType<typeof createSealedStore>;
