/** Proof that a manager typed their PIN at a till, for as long as they read. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { Role } from '../../shared/gateway-api.ts';
import { policySchema } from '../../shared/policy.ts';
import type { Database } from '../db/schema.ts';
import { checkPin } from '../policy/pin-check.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { activeStaff } from '../staff/active.ts';
import type { AuditContext } from './context.ts';

/** A manager who reads for longer types the PIN again. */
const TTL_MS = 30 * 60_000;
/** `m1.<staff>.<epoch ms of its end>.<HMAC-SHA-256>`. */
const TOKEN = /^m1\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{13,16})\.([A-Za-z0-9_-]{43})$/;

/** Whose events may be read, and who reads. */
export interface ManagerScope {
  readonly storeId: string;
  readonly staffId: string;
}

export interface ManagerAccess {
  /** `staff_unknown`, `role_not_allowed`, `pin_wrong` {triesLeft}, `pin_locked` {seconds}. Is itself an event. */
  grant(till: TillIdentity, staffId: string, pin: string): Promise<{ token: string; expiresInMs: number }>;
  /** Who the token names, as the lists have them now; it proves nothing. To be read beside the till's own row, not after it. */
  nameOf(token: string | undefined): Promise<NamedPerson | null>;
  /** `manager_proof_missing` without a token that is good at this till now; `role_not_allowed` for whoever is no manager any more. */
  check(
    till: TillIdentity,
    token: string | undefined,
    person: Promise<NamedPerson | null>,
  ): Promise<ManagerScope>;
}

export interface NamedPerson {
  readonly store_id: string;
  readonly role: Role;
  readonly active: boolean;
}

/** @param key 32 bytes; tokens are worth nothing under another */
export function createManagerAccess({ engine, effects }: AuditContext, key: Uint8Array): ManagerAccess {
  const db = engine.kysely;
  const { clock } = effects;
  const mac = (till: TillIdentity, staffId: string, end: string) =>
    createHmac('sha256', key).update(`m1\n${till.tillId}\n${staffId}\n${end}`).digest();

  return {
    async grant(till, staffId, pin) {
      const staff = await managerOf(db, till, staffId);
      const store = await db
        .selectFrom('stores')
        .select(['policy', 'policy_version'])
        .where('id', '=', till.storeId)
        .executeTakeFirstOrThrow();
      const policy = policySchema.parse({ ...store.policy, version: store.policy_version }).pin;
      await checkPin(db, clock, staff, { pin, policy });
      const end = String(clock.now() + TTL_MS);
      const { storeId, tillId } = till;
      const event = { store_id: storeId, till_id: tillId, staff_id: staffId, at: clock.now() };
      await db
        .insertInto('audit_staged')
        .values({ ...event, kind: 'audit.read', outcome: 'ok' })
        .execute();
      const token = `m1.${staffId}.${end}.${mac(till, staffId, end).toString('base64url')}`;
      return { token, expiresInMs: TTL_MS };
    },

    async nameOf(token) {
      const [, staffId] = TOKEN.exec(token ?? '') ?? [];
      if (staffId === undefined) return null;
      const columns = ['store_id', 'role', 'active'] as const;
      const row = await db.selectFrom('staff').select(columns).where('id', '=', staffId).executeTakeFirst();
      return row ?? null;
    },

    async check(till, token, person) {
      const [, staffId, end, signature] = TOKEN.exec(token ?? '') ?? [];
      if (staffId === undefined || end === undefined || signature === undefined) throw missing();
      const given = Buffer.from(signature, 'base64url');
      if (!timingSafeEqual(given, mac(till, staffId, end)) || Number(end) <= clock.now()) throw missing();
      const named = await person;
      if (named?.active !== true || named.store_id !== till.storeId) throw new SaksiError('staff_unknown');
      if (named.role !== 'manager') throw new SaksiError('role_not_allowed');
      return { storeId: till.storeId, staffId };
    },
  };
}

async function managerOf(db: Kysely<Database>, { storeId }: TillIdentity, staffId: string) {
  const staff = await activeStaff(db, storeId, staffId);
  if (staff.role !== 'manager') throw new SaksiError('role_not_allowed');
  return staff;
}

const missing = () => new SaksiError('manager_proof_missing');
