import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import { type Staff, type Store, staffSchema, storeSchema } from '../../shared/gateway-api.ts';
import { type GatewayKey, gatewayKeySchema } from '../../shared/grants.ts';
import { type Policy, policySchema } from '../../shared/policy.ts';
import { readJson, writeJson } from './json-column.ts';

/** Who this till is and which gateway it trusts, from the moment that it was paired. */
export interface Identity {
  tillId: string;
  tillName: string;
  gatewayId: string;
  gatewayKey: GatewayKey;
  gatewayUrl: string;
}

export interface CachedContext {
  store: Store;
  policy: Policy;
  /** Compact JWS that `policy` was read from; null before the gateway ever sent a signed one. */
  signedPolicy: string | null;
  staff: Staff[];
  fetchedAt: number;
}

interface IdentityRow {
  till_id: string;
  till_name: string;
  gateway_id: string;
  gateway_key: string;
  gateway_url: string;
}

interface ContextRow {
  store: string;
  policy: string;
  signed_policy: string | null;
  staff: string;
  fetched_at: number;
}

export function createIdentityRepository(db: Database.Database, clock: Clock) {
  const selectIdentity = db.prepare<[], IdentityRow>('SELECT * FROM identity');
  const insertIdentity = db.prepare(
    `INSERT INTO identity (id, till_id, till_name, gateway_id, gateway_key, gateway_url, paired_at)
     VALUES (1, ?, ?, ?, ?, ?, ?)`,
  );
  const updateName = db.prepare('UPDATE identity SET till_name = ? WHERE till_name <> ?');
  const selectContext = db.prepare<[], ContextRow>('SELECT * FROM context');
  const upsertContext = db.prepare(
    `INSERT INTO context (id, store, policy, signed_policy, staff, fetched_at) VALUES (1, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET store = excluded.store, policy = excluded.policy,
       signed_policy = excluded.signed_policy, staff = excluded.staff, fetched_at = excluded.fetched_at`,
  );

  return {
    /** Null until the till is paired. */
    read(): Identity | null {
      const row = selectIdentity.get();
      if (row === undefined) return null;
      return {
        tillId: row.till_id,
        tillName: row.till_name,
        gatewayId: row.gateway_id,
        gatewayKey: readJson(gatewayKeySchema, row.gateway_key),
        gatewayUrl: row.gateway_url,
      };
    },

    /** Once: a till that is paired already keeps its identity (the insert fails). */
    save(identity: Identity): void {
      const { tillId, tillName, gatewayId, gatewayKey, gatewayUrl } = identity;
      insertIdentity.run(tillId, tillName, gatewayId, writeJson(gatewayKey), gatewayUrl, clock.now());
    },

    rename(tillName: string): void {
      updateName.run(tillName, tillName);
    },

    context(): CachedContext | null {
      const row = selectContext.get();
      if (row === undefined) return null;
      return {
        store: readJson(storeSchema, row.store),
        policy: readJson(policySchema, row.policy),
        signedPolicy: row.signed_policy,
        staff: readJson(z.array(staffSchema), row.staff),
        fetchedAt: row.fetched_at,
      };
    },

    saveContext(context: Omit<CachedContext, 'fetchedAt'>): void {
      const { store, policy, signedPolicy, staff } = context;
      upsertContext.run(writeJson(store), writeJson(policy), signedPolicy, writeJson(staff), clock.now());
    },
  };
}
export type IdentityRepository = ReturnType<typeof createIdentityRepository>;
