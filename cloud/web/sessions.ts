/**
 * Who is signed in to the gateway's own pages. A link is made on the server by an operator's command, works once and soon ends;
 * like a password or a passkey with a code it becomes a session, which a cookie carries. Of both only hashes are kept.
 */
import type { Kysely } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import { outletsOf, type WebOutlet } from './outlets.ts';
import { hashOfToken, newToken } from './tokens.ts';

export const LINK_TTL_MS = 15 * 60_000;
/** A session ends after this, whatever is done in it. */
export const SESSION_TTL_MS = 12 * 3_600_000;
/** A session that nobody used for so long has ended. */
export const SESSION_IDLE_MS = 60 * 60_000;
/** How long an ended session and a link past its time are still kept, for whoever looks into what was done. */
export const ENDED_RETENTION_MS = 30 * 86_400_000;
/** How exactly the last use is kept. */
const SEEN_EVERY_MS = 60_000;

export interface WebSession {
  readonly id: string;
  readonly accountId: string;
  readonly role: 'operator' | 'staff';
  /** Where a member of staff may read now, at least one; none of the operator, who belongs to no store. */
  readonly outlets: readonly WebOutlet[];
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface WebSessions {
  /**
   * A fresh link for the operator, or for a manager or supervisor; one of theirs that was not used yet stops working.
   * @throws SaksiError staff_unknown, role_not_allowed
   */
  createLink(staffId?: string): Promise<{ token: string; expiresAt: number }>;
  /** @returns the secret for the cookie. @throws SaksiError web_link_invalid */
  signIn(linkToken: string, browser?: string | null): Promise<{ token: string; session: WebSession }>;
  /** A session for whoever proved themselves otherwise. @throws SaksiError role_not_allowed: they may read nowhere any more */
  begin(
    db: Kysely<Database>,
    by: { readonly accountId: string; readonly credentialId: string; readonly browser: string | null },
  ): Promise<{ token: string; session: WebSession }>;
  /** @throws SaksiError web_session_ended: unknown, revoked, expired, or not used for too long */
  authenticate(token: string): Promise<WebSession>;
  signOut(sessionId: string): Promise<void>;
  /** Ends all sessions and links that still work. @returns how many sessions */
  revokeAll(): Promise<number>;
  /** Sessions that still work, of all or of one account. */
  list(accountId?: string): Promise<WorkingSession[]>;
  /** Notes what was done. @param detail never a value or a number */
  note(sessionId: string | null, what: string, detail?: string): Promise<void>;
  /** Forgets sessions, links and tickets that ended long ago; what was done with them stays. */
  prune(): Promise<void>;
}

export interface WorkingSession {
  readonly id: string;
  readonly role: 'operator' | 'staff';
  readonly by: 'link' | 'password' | 'passkey';
  readonly browser: string | null;
  readonly since: number;
  readonly seenAt: number;
  readonly expiresAt: number;
}

export function createWebSessions(options: { engine: Engine; effects: Effects }): WebSessions {
  const { effects } = options;
  const db = options.engine.kysely;
  const { clock } = effects;

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

  /** By the staff lists as they are now: who may read nowhere gets no link, and no session goes on. */
  async function staffAccountId(staffId: string): Promise<string> {
    const staff = await db
      .selectFrom('staff')
      .select('store_id')
      .where('id', '=', staffId)
      .where('active', '=', true)
      .executeTakeFirst();
    if (staff === undefined) throw new SaksiError('staff_unknown');
    if ((await outletsOf(db, staffId)).length === 0) throw new SaksiError('role_not_allowed');
    await db
      .insertInto('web_accounts')
      .values({
        ...{ id: createUuid(effects), role: 'staff', store_id: staff.store_id, staff_id: staffId },
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

  async function createLink(staffId?: string) {
    const accountId = staffId === undefined ? await operatorId() : await staffAccountId(staffId);
    const token = newToken(effects.random);
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
          ...{
            id: createUuid(effects),
            account_id: accountId,
            kind: 'link',
            secret_hash: hashOfToken(token),
          },
          ...{ verifier: null, created_at: now, expires_at: expiresAt, used_at: null, revoked_at: null },
        })
        .execute();
    });
    return { token, expiresAt };
  }

  function signIn(linkToken: string, browser: string | null = null) {
    return db.transaction().execute(async (trx) => {
      const now = clock.now();
      // One statement: of two that come at once only one finds it unused.
      const link = await trx
        .updateTable('web_credentials')
        .set({ used_at: now })
        .where('kind', '=', 'link')
        .where('secret_hash', '=', hashOfToken(linkToken))
        .where('used_at', 'is', null)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .returning(['id', 'account_id'])
        .executeTakeFirst();
      if (link === undefined) throw new SaksiError('web_link_invalid');
      return begin(trx, { accountId: link.account_id, credentialId: link.id, browser }).catch((error) => {
        if (error instanceof SaksiError) throw new SaksiError('web_link_invalid');
        throw error;
      });
    });
  }

  async function begin(
    trx: Kysely<Database>,
    { accountId, credentialId, browser }: { accountId: string; credentialId: string; browser: string | null },
  ) {
    const now = clock.now();
    const token = newToken(effects.random);
    const id = createUuid(effects);
    const expiresAt = now + SESSION_TTL_MS;
    const owner = await ownerOf(trx, accountId);
    if (owner === null) throw new SaksiError('role_not_allowed');
    await trx
      .insertInto('web_sessions')
      .values({
        ...{
          id,
          account_id: accountId,
          credential_id: credentialId,
          token_hash: hashOfToken(token),
          browser,
        },
        ...{ created_at: now, seen_at: now, expires_at: expiresAt, revoked_at: null },
      })
      .execute();
    if (owner.outlets.length > 0) {
      // As with a PIN at a till: that somebody may read a list is itself in it.
      await trx
        .insertInto('audit_staged')
        .values(
          owner.outlets.map(({ storeId, staffId }) => ({
            ...{ store_id: storeId, staff_id: staffId, at: now, kind: 'audit.read', outcome: 'ok' as const },
          })),
        )
        .execute();
    }
    await noteIn(trx, id, 'sign_in');
    return { token, session: { id, accountId, ...owner, expiresAt } };
  }

  async function authenticate(token: string): Promise<WebSession> {
    const now = clock.now();
    const row = await db
      .selectFrom('web_sessions')
      .select(['id', 'account_id', 'seen_at', 'expires_at'])
      .where('token_hash', '=', hashOfToken(token))
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined || row.expires_at <= now || row.seen_at + SESSION_IDLE_MS <= now) {
      throw new SaksiError('web_session_ended');
    }
    const owner = await ownerOf(db, row.account_id);
    if (owner === null) throw new SaksiError('web_session_ended');
    if (row.seen_at + SEEN_EVERY_MS <= now) {
      await db.updateTable('web_sessions').set({ seen_at: now }).where('id', '=', row.id).execute();
    }
    return { id: row.id, accountId: row.account_id, ...owner, expiresAt: row.expires_at };
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

  async function list(accountId?: string) {
    const now = clock.now();
    const rows = await db
      .selectFrom('web_sessions as s')
      .innerJoin('web_accounts as a', 'a.id', 's.account_id')
      .innerJoin('web_credentials as c', 'c.id', 's.credential_id')
      .select(['s.id', 'a.role', 'c.kind', 's.browser', 's.created_at', 's.seen_at', 's.expires_at'])
      .where('s.revoked_at', 'is', null)
      .where('s.expires_at', '>', now)
      .where('s.seen_at', '>', now - SESSION_IDLE_MS)
      .$if(accountId !== undefined, (query) => query.where('a.id', '=', String(accountId)))
      .orderBy('s.created_at')
      .orderBy('s.id')
      .execute();
    return rows.map(({ id, role, kind: by, browser, created_at: since, seen_at: seenAt, ...row }) => ({
      ...{ id, role, by, browser, since, seenAt, expiresAt: row.expires_at },
    }));
  }

  const note = (sessionId: string | null, what: string, detail?: string) =>
    noteIn(db, sessionId, what, detail);

  async function noteIn(trx: Kysely<Database>, sessionId: string | null, what: string, detail?: string) {
    await trx
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
    await db.deleteFrom('web_tickets').where('expires_at', '<', before).execute();
    await db
      .deleteFrom('web_credentials as c')
      .where((row) =>
        row.or([
          row.and([row('c.kind', '=', 'link'), row('c.expires_at', '<', before)]),
          row('c.revoked_at', '<', before),
        ]),
      )
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('web_sessions as s').select('s.id').whereRef('s.credential_id', '=', 'c.id'))),
      )
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('web_tickets as t').select('t.kind').whereRef('t.credential_id', '=', 'c.id'))),
      )
      .execute();
  }

  return { createLink, signIn, begin, authenticate, signOut, revokeAll, list, note, prune };
}

/** Null: disabled, or somebody who may read nowhere any more. */
async function ownerOf(
  db: Kysely<Database>,
  accountId: string,
): Promise<Pick<WebSession, 'role' | 'outlets'> | null> {
  const account = await db
    .selectFrom('web_accounts')
    .select(['role', 'staff_id'])
    .where('id', '=', accountId)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  if (account === undefined) return null;
  const { role, staff_id: staffId } = account;
  if (staffId === null) return { role, outlets: [] };
  const outlets = await outletsOf(db, staffId);
  return outlets.length === 0 ? null : { role, outlets };
}
