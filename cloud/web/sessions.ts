/**
 * Who is signed in to the gateway's own pages. A link is made on the server by an operator's command, works once and soon ends;
 * it becomes a session, which a cookie carries. Of both only hashes are kept.
 */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import type { WebAccountsTable } from '../db/web-tables.ts';

export const LINK_TTL_MS = 15 * 60_000;
/** A session ends after this, whatever is done in it. */
export const SESSION_TTL_MS = 12 * 3_600_000;
/** A session that nobody used for so long has ended. */
export const SESSION_IDLE_MS = 60 * 60_000;
/** How long an ended session and a link past its time are still kept, for whoever looks into what was done. */
export const ENDED_RETENTION_MS = 30 * 86_400_000;
/** How exactly the last use is kept. */
const SEEN_EVERY_MS = 60_000;
const TOKEN_BYTES = 32;

export interface WebSession {
  readonly id: string;
  readonly role: 'operator' | 'manager';
  /** A manager's; null: the operator, who belongs to none. */
  readonly storeId: string | null;
  readonly staffId: string | null;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface WebSessions {
  /**
   * A fresh link for the operator, or for a manager of a store; one of theirs that was not used yet stops working.
   * @throws SaksiError staff_unknown, role_not_allowed
   */
  createLink(managerId?: string): Promise<{ token: string; expiresAt: number }>;
  /** @returns the secret for the cookie. @throws SaksiError web_link_invalid */
  signIn(linkToken: string): Promise<{ token: string; session: WebSession }>;
  /** @throws SaksiError web_session_ended: unknown, revoked, expired, or not used for too long */
  authenticate(token: string): Promise<WebSession>;
  signOut(sessionId: string): Promise<void>;
  /** Ends all sessions and links that still work. @returns how many sessions */
  revokeAll(): Promise<number>;
  /** Sessions that still work. */
  list(): Promise<{ id: string; role: string; since: number; seenAt: number; expiresAt: number }[]>;
  /** Notes what was done. @param detail never a value or a number */
  note(sessionId: string | null, what: string, detail?: string): Promise<void>;
  /** Forgets sessions and links that ended long ago; what was done with them stays. */
  prune(): Promise<void>;
}

export function createWebSessions(options: { engine: Engine; effects: Effects }): WebSessions {
  const { effects } = options;
  const db = options.engine.kysely;
  const { clock } = effects;
  const newToken = () => Buffer.from(effects.random.bytes(TOKEN_BYTES)).toString('base64url');

  async function operatorId(): Promise<string> {
    await db
      .insertInto('web_accounts')
      .values({
        ...{ id: createUuid(effects), role: 'operator', store_id: null, staff_id: null },
        ...{ created_at: clock.now(), disabled_at: null },
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { id } = await db
      .selectFrom('web_accounts')
      .select('id')
      .where('role', '=', 'operator')
      .executeTakeFirstOrThrow();
    return id;
  }

  /** By the staff list as it is now: who is no manager any more gets no link, and no session goes on. */
  async function managerAccountId(staffId: string): Promise<string> {
    const staff = await db
      .selectFrom('staff')
      .select(['store_id', 'role'])
      .where('id', '=', staffId)
      .where('active', '=', true)
      .executeTakeFirst();
    if (staff === undefined) throw new SaksiError('staff_unknown');
    if (staff.role !== 'manager') throw new SaksiError('role_not_allowed');
    await db
      .insertInto('web_accounts')
      .values({
        ...{ id: createUuid(effects), role: 'manager', store_id: staff.store_id, staff_id: staffId },
        ...{ created_at: clock.now(), disabled_at: null },
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { id } = await db
      .selectFrom('web_accounts')
      .select('id')
      .where('staff_id', '=', staffId)
      .executeTakeFirstOrThrow();
    return id;
  }

  async function createLink(managerId?: string) {
    const accountId = managerId === undefined ? await operatorId() : await managerAccountId(managerId);
    const token = newToken();
    const now = clock.now();
    const expiresAt = now + LINK_TTL_MS;
    await db.transaction().execute(async (trx) => {
      await trx
        .updateTable('web_credentials')
        .set({ revoked_at: now })
        .where('account_id', '=', accountId)
        .where('kind', '=', 'link')
        .where('used_at', 'is', null)
        .where('revoked_at', 'is', null)
        .execute();
      await trx
        .insertInto('web_credentials')
        .values({
          ...{ id: createUuid(effects), account_id: accountId, kind: 'link', secret_hash: hashOf(token) },
          ...{ verifier: null, created_at: now, expires_at: expiresAt, used_at: null, revoked_at: null },
        })
        .execute();
    });
    return { token, expiresAt };
  }

  async function signIn(linkToken: string) {
    const now = clock.now();
    const token = newToken();
    const id = createUuid(effects);
    const expiresAt = now + SESSION_TTL_MS;
    const account = await db.transaction().execute(async (trx) => {
      // One statement: of two that come at once only one finds it unused.
      const link = await trx
        .updateTable('web_credentials')
        .set({ used_at: now })
        .where('kind', '=', 'link')
        .where('secret_hash', '=', hashOf(linkToken))
        .where('used_at', 'is', null)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .returning(['id', 'account_id'])
        .executeTakeFirst();
      if (link === undefined) throw new SaksiError('web_link_invalid');
      const found = await activeAccounts(trx).where('a.id', '=', link.account_id).executeTakeFirst();
      if (found === undefined) throw new SaksiError('web_link_invalid');
      await trx
        .insertInto('web_sessions')
        .values({
          ...{ id, account_id: link.account_id, credential_id: link.id, token_hash: hashOf(token) },
          ...{ created_at: now, seen_at: now, expires_at: expiresAt, revoked_at: null },
        })
        .execute();
      if (found.store_id !== null && found.staff_id !== null) {
        // As with a PIN at a till: that somebody may read the list is itself in it.
        const event = { store_id: found.store_id, staff_id: found.staff_id, at: now };
        await trx
          .insertInto('audit_staged')
          .values({ ...event, kind: 'audit.read', outcome: 'ok' })
          .execute();
      }
      return found;
    });
    await note(id, 'sign_in');
    return { token, session: { id, ...ownerOf(account), expiresAt } };
  }

  async function authenticate(token: string): Promise<WebSession> {
    const now = clock.now();
    const row = await activeAccounts(db)
      .innerJoin('web_sessions as s', 's.account_id', 'a.id')
      .select(['s.id', 's.seen_at', 's.expires_at'])
      .where('s.token_hash', '=', hashOf(token))
      .where('s.revoked_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined || row.expires_at <= now || row.seen_at + SESSION_IDLE_MS <= now) {
      throw new SaksiError('web_session_ended');
    }
    if (row.seen_at + SEEN_EVERY_MS <= now) {
      await db.updateTable('web_sessions').set({ seen_at: now }).where('id', '=', row.id).execute();
    }
    return { id: row.id, ...ownerOf(row), expiresAt: row.expires_at };
  }

  async function signOut(sessionId: string): Promise<void> {
    await db
      .updateTable('web_sessions')
      .set({ revoked_at: clock.now() })
      .where('id', '=', sessionId)
      .where('revoked_at', 'is', null)
      .execute();
    await note(sessionId, 'sign_out');
  }

  async function revokeAll(): Promise<number> {
    const now = clock.now();
    await db
      .updateTable('web_credentials')
      .set({ revoked_at: now })
      .where('kind', '=', 'link')
      .where('used_at', 'is', null)
      .where('revoked_at', 'is', null)
      .execute();
    const working = await list();
    await db.updateTable('web_sessions').set({ revoked_at: now }).where('revoked_at', 'is', null).execute();
    await note(null, 'revoke_all');
    return working.length;
  }

  async function list() {
    const now = clock.now();
    const rows = await db
      .selectFrom('web_sessions as s')
      .innerJoin('web_accounts as a', 'a.id', 's.account_id')
      .select(['s.id', 'a.role', 's.created_at', 's.seen_at', 's.expires_at'])
      .where('s.revoked_at', 'is', null)
      .where('s.expires_at', '>', now)
      .where('s.seen_at', '>', now - SESSION_IDLE_MS)
      .orderBy('s.created_at')
      .execute();
    return rows.map(({ id, role, created_at: since, seen_at: seenAt, expires_at: expiresAt }) => ({
      ...{ id, role, since, seenAt, expiresAt },
    }));
  }

  async function note(sessionId: string | null, what: string, detail?: string): Promise<void> {
    await db
      .insertInto('web_events')
      .values({ session_id: sessionId, what, detail: detail ?? null, at: clock.now() })
      .execute();
  }

  async function prune(): Promise<void> {
    const before = clock.now() - ENDED_RETENTION_MS;
    await db
      .deleteFrom('web_sessions')
      .where((row) => row.or([row('expires_at', '<', before), row('revoked_at', '<', before)]))
      .execute();
    await db
      .deleteFrom('web_credentials as c')
      .where('c.kind', '=', 'link')
      .where('c.expires_at', '<', before)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('web_sessions as s').select('s.id').whereRef('s.credential_id', '=', 'c.id'))),
      )
      .execute();
  }

  return { createLink, signIn, authenticate, signOut, revokeAll, list, note, prune };
}

/** The tokens are 256 random bits: a plain digest gives nothing away and needs no salt. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

type Account = Pick<WebAccountsTable, 'role' | 'store_id' | 'staff_id'>;

const ownerOf = ({ role, store_id: storeId, staff_id: staffId }: Account) => ({ role, storeId, staffId });

/** A manager's only while they are one, of that store. */
function activeAccounts(db: Kysely<Database>) {
  return db
    .selectFrom('web_accounts as a')
    .leftJoin('staff as m', (join) =>
      join
        .onRef('m.id', '=', 'a.staff_id')
        .onRef('m.store_id', '=', 'a.store_id')
        .on('m.role', '=', 'manager')
        .on('m.active', '=', true),
    )
    .select(['a.role', 'a.store_id', 'a.staff_id'])
    .where('a.disabled_at', 'is', null)
    .where((row) => row.or([row('a.role', '=', 'operator'), row('m.id', 'is not', null)]));
}
