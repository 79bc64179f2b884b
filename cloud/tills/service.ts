/** Tills as the gateway knows them: pairing, recognising, revoking, and what a till needs to know of its place. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { PairAnswer, Store, TillContext } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { base32Half, formatPairingCode } from '../../shared/pairing.ts';
import '../db/cash-shift-tables.ts';
import type { Engine } from '../db/engine.ts';
import type { StoresTable } from '../db/schema.ts';
import type { TillEvents } from '../events/append.ts';
import type { GatewayIdentity } from '../keys/signing.ts';
import type { PolicyService } from '../policy/service.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { createLimiter, takeFrom } from './limiter.ts';

export const PAIRING_TTL_MS = 15 * 60_000;
/** Failed pairings of one address: a person mistypes a few times, a program would try many. */
const PAIRING_ATTEMPTS = { count: 10, windowMs: 10 * 60_000 };
const TILL_KEY_BYTES = 32;
const TILL_KEY = /^[A-Za-z0-9_-]{43}$/;
const SECRET_BYTES = 7;

/** A till that has proven who it is. */
export interface AuthenticatedTill extends TillIdentity {
  /** Of the key that it came with: a stream opened with an older key is cut. */
  readonly keyHash: string;
}

export interface TillService {
  /** A till without a key yet. @throws SaksiError not_found for an unknown store */
  create(storeId: string, name: string): Promise<{ tillId: string }>;
  /** A fresh pairing code; older ones of this till stop working. @throws SaksiError not_found, till_revoked */
  createPairingCode(tillId: string): Promise<{ code: string; expiresAt: number }>;
  /**
   * The till's side of pairing. An older key of this till stops working.
   * @throws SaksiError pairing_code_invalid, pairing_code_expired, till_revoked, too_many_requests
   */
  redeem(address: string, secret: string, appVersion: string): Promise<PairAnswer>;
  /** @throws SaksiError unauthorised, till_revoked */
  authenticate(tillKey: string): Promise<AuthenticatedTill>;
  /** Final: a revoked till is never paired again. Its event stream ends. @throws SaksiError not_found */
  revoke(tillId: string): Promise<void>;
  context(till: AuthenticatedTill, waiting: number): Promise<TillContext>;
}

export interface TillServiceOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly pairingKey: Uint8Array;
  readonly identity: GatewayIdentity;
  readonly events: TillEvents;
  readonly policies: Pick<PolicyService, 'current'>;
  /** The store's key of `phoneTag`s, base64url. */
  readonly tagKeyOf: (storeId: string) => string;
}

export function createTillService(options: TillServiceOptions): TillService {
  const { engine, effects, pairingKey, identity, events, policies, tagKeyOf } = options;
  const { clock, random } = effects;
  const db = engine.kysely;
  const limiter = createLimiter(clock, PAIRING_ATTEMPTS);
  const secretHash = (secret: string) => createHmac('sha256', pairingKey).update(secret).digest('hex');

  async function create(storeId: string, name: string): Promise<{ tillId: string }> {
    const store = await db.selectFrom('stores').select('id').where('id', '=', storeId).executeTakeFirst();
    if (store === undefined) throw new SaksiError('not_found');
    const tillId = createUuid(effects);
    await db
      .insertInto('tills')
      .values({ id: tillId, store_id: storeId, name, created_at: clock.now() })
      .execute();
    return { tillId };
  }

  async function createPairingCode(tillId: string): Promise<{ code: string; expiresAt: number }> {
    const secret = base32Half(random.bytes(SECRET_BYTES));
    const createdAt = clock.now();
    const expiresAt = createdAt + PAIRING_TTL_MS;
    await db.transaction().execute(async (trx) => {
      const till = await trx
        .selectFrom('tills')
        .select('revoked_at')
        .where('id', '=', tillId)
        .forNoKeyUpdate()
        .executeTakeFirst();
      if (till === undefined) throw new SaksiError('not_found');
      if (till.revoked_at !== null) throw new SaksiError('till_revoked');
      await trx.deleteFrom('pairing_codes').where('till_id', '=', tillId).execute();
      const row = { secret_hash: secretHash(secret), till_id: tillId, created_at: createdAt };
      await trx
        .insertInto('pairing_codes')
        .values({ ...row, expires_at: expiresAt })
        .execute();
    });
    return { code: formatPairingCode({ secret, fingerprint: identity.fingerprint }), expiresAt };
  }

  async function redeem(address: string, secret: string, appVersion: string): Promise<PairAnswer> {
    takeFrom(limiter, address);
    const tillKey = Buffer.from(random.bytes(TILL_KEY_BYTES)).toString('base64url');
    const now = clock.now();
    const answer = await db.transaction().execute(async (trx) => {
      const hash = secretHash(secret);
      const used = await trx
        .updateTable('pairing_codes')
        .set({ used_at: now })
        .where('secret_hash', '=', hash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .returning('till_id')
        .executeTakeFirst();
      if (used === undefined) {
        const known = await trx
          .selectFrom('pairing_codes')
          .select('used_at')
          .where('secret_hash', '=', hash)
          .executeTakeFirst();
        throw new SaksiError(known?.used_at === null ? 'pairing_code_expired' : 'pairing_code_invalid');
      }
      const till = await trx
        .updateTable('tills')
        .set({ key_hash: hashTillKey(tillKey), app_version: appVersion, paired_at: now })
        .where('id', '=', used.till_id)
        .returning(['id', 'name', 'store_id', 'revoked_at'])
        .executeTakeFirstOrThrow();
      if (till.revoked_at !== null) throw new SaksiError('till_revoked');
      const store = await trx
        .selectFrom('stores')
        .selectAll()
        .where('id', '=', till.store_id)
        .executeTakeFirstOrThrow();
      return {
        gatewayId: identity.gatewayId,
        gatewayKey: identity.publicKey,
        tillId: till.id,
        tillName: till.name,
        tillKey,
        store: toStore(store),
      };
    });
    limiter.forgive(address);
    return answer;
  }

  async function authenticate(tillKey: string): Promise<AuthenticatedTill> {
    if (!TILL_KEY.test(tillKey)) throw new SaksiError('unauthorised');
    const keyHash = hashTillKey(tillKey);
    const row = await db
      .selectFrom('tills')
      .select(['id', 'store_id', 'key_hash', 'revoked_at'])
      .where('key_hash', '=', keyHash)
      .executeTakeFirst();
    if (row?.key_hash == null || !timingSafeEqual(Buffer.from(row.key_hash), Buffer.from(keyHash))) {
      throw new SaksiError('unauthorised');
    }
    if (row.revoked_at !== null) throw new SaksiError('till_revoked');
    return { tillId: row.id, storeId: row.store_id, keyHash };
  }

  async function revoke(tillId: string): Promise<void> {
    await db.transaction().execute(async (trx) => {
      const revoked = await trx
        .updateTable('tills')
        .set({ revoked_at: clock.now() })
        .where('id', '=', tillId)
        .where('revoked_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      if (revoked !== undefined) return events.append(trx, tillId, { type: 'till.revoked' });
      const known = await trx.selectFrom('tills').select('id').where('id', '=', tillId).executeTakeFirst();
      if (known === undefined) throw new SaksiError('not_found');
    });
    events.committed([tillId]);
  }

  async function context(till: AuthenticatedTill, waiting: number): Promise<TillContext> {
    const [row, store, staff, { policy, signedPolicy }, { z: lastZ }] = await Promise.all([
      db.selectFrom('tills').select('name').where('id', '=', till.tillId).executeTakeFirstOrThrow(),
      db.selectFrom('stores').selectAll().where('id', '=', till.storeId).executeTakeFirstOrThrow(),
      db
        .selectFrom('staff')
        .select(['id', 'name', 'role', 'pin', 'logins_from as loginsFrom'])
        .where('store_id', '=', till.storeId)
        .where('active', '=', true)
        .orderBy('name')
        .orderBy('id')
        .limit(1000)
        .execute(),
      policies.current(till.storeId),
      db
        .selectFrom('cash_closings')
        .select(({ fn }) => fn.coalesce(fn.max('z_no'), sql<number>`0`).as('z'))
        .where('till_id', '=', till.tillId)
        .executeTakeFirstOrThrow(),
    ]);
    return {
      tillId: till.tillId,
      tillName: row.name,
      store: toStore(store),
      policy,
      signedPolicy,
      staff,
      cacheTagKey: tagKeyOf(till.storeId),
      messageQueue: { waiting },
      lastZ,
    };
  }

  return { create, createPairingCode, redeem, authenticate, revoke, context };
}

function hashTillKey(tillKey: string): string {
  return createHash('sha256').update(tillKey).digest('hex');
}

type StoreRow = Omit<StoresTable, 'policy' | 'policy_version' | 'created_at' | 'chain' | 'whatsapp_account'>;

export function toStore(row: StoreRow): Store {
  const { id, name, address, footer, country, currency, language, timezone } = row;
  return { id, name, address, footer, country, currency, language, timezone };
}
