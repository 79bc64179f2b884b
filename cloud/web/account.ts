/** What somebody who is signed in to the gateway's own pages sees and changes of their own credentials and sessions. */
import type { Selectable } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { maskPhone } from '../../shared/phone.ts';
import type {
  NewPasskey,
  PasskeyOptions,
  WebAccount,
  WebDesk,
  WebPasswordSet,
} from '../../shared/web-api.ts';
import type { Engine } from '../db/engine.ts';
import { violatedConstraint } from '../db/errors.ts';
import type { WebCredentialsTable } from '../db/web-tables.ts';
import { countTry, forgetTries } from '../keys/attempts.ts';
import { PASSWORD_COST } from '../keys/hash-costs.ts';
import { isSlowHashOf, type SlowHash, slowHash } from '../keys/slow-hash.ts';
import { newPasskeyOptions, readNewPasskey, type Site } from './passkeys.ts';
import { checkStrength } from './passwords.ts';
import type { WebSession, WebSessions } from './sessions.ts';
import { PASSWORD_TRIES, passwordTries } from './sign-in.ts';
import { createTickets } from './tickets.ts';

type Signed = Pick<WebSession, 'id' | 'accountId' | 'outlets' | 'expiresAt'>;
type CredentialRow = Selectable<WebCredentialsTable>;

/** Passkeys of one account. */
const PASSKEYS_MAX = 10;

export interface WebAccounts {
  desk(session: Signed): Promise<WebDesk>;
  view(session: Signed): Promise<WebAccount>;
  /** In the place of the one there was; whatever was begun with that ends. `web_sign_in_wrong`, `web_locked`, `web_password_weak`, `web_name_taken`. */
  setPassword(session: Signed, wish: WebPasswordSet): Promise<void>;
  newPasskeyOptions(session: Signed, site: Site): Promise<PasskeyOptions>;
  /** `web_ticket_ended`, `web_passkey_refused`. */
  addPasskey(session: Signed, site: Site, wish: NewPasskey): Promise<void>;
  /** A password or a passkey of one's own, and the sessions begun with it but the present one. `not_found`. */
  remove(session: Signed, credentialId: string): Promise<void>;
  /** `not_found` where it is nobody's or another's. */
  endSession(session: Signed, sessionId: string): Promise<void>;
  endOthers(session: Signed): Promise<void>;
}

export interface WebAccountsOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly sessions: Pick<WebSessions, 'list'>;
}

export function createWebAccounts({ engine, effects, sessions }: WebAccountsOptions): WebAccounts {
  const { clock, random } = effects;
  const db = engine.kysely;
  const tickets = createTickets(effects);

  const credentialsOf = (accountId: string): Promise<CredentialRow[]> =>
    db
      .selectFrom('web_credentials')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('kind', 'in', ['password', 'passkey'])
      .where('revoked_at', 'is', null)
      .orderBy('created_at')
      .orderBy('id')
      .execute();

  async function personOf(accountId: string) {
    const row = await db
      .selectFrom('web_accounts as a')
      .innerJoin('staff as f', 'f.id', 'a.staff_id')
      .leftJoin('staff_identities as i', 'i.staff_id', 'f.id')
      .select(['f.name', 'i.phone_e164'])
      .where('a.id', '=', accountId)
      .executeTakeFirst();
    // The operator has no account of this kind: they sign in by links.
    if (row === undefined) throw new SaksiError('role_not_allowed');
    return { name: row.name, phone: row.phone_e164 };
  }

  async function endSessions(of: { accountId: string; not: string; id?: string; credentialId?: string }) {
    const { accountId, not, id, credentialId } = of;
    const ended = await db
      .updateTable('web_sessions')
      .set({ revoked_at: clock.now() })
      .where('account_id', '=', accountId)
      .where('revoked_at', 'is', null)
      .where('id', '<>', not)
      .$if(id !== undefined, (query) => query.where('id', '=', String(id)))
      .$if(credentialId !== undefined, (query) => query.where('credential_id', '=', String(credentialId)))
      .returning('id')
      .execute();
    return ended.length;
  }

  async function checkCurrent(row: CredentialRow, current: string | null): Promise<void> {
    const of = passwordTries(row.account_id);
    await countTry(db, clock, of, PASSWORD_TRIES);
    if (current === null || !(await isSlowHashOf(current, row.verifier as SlowHash)))
      throw new SaksiError('web_sign_in_wrong');
    await forgetTries(db, of);
  }

  return {
    async desk({ accountId, outlets, expiresAt }) {
      const { name } = await personOf(accountId);
      const stores = outlets.map(({ storeId: id, name: store, role }) => ({ id, name: store, role }));
      return { name, expiresAt, stores, needsCredential: (await credentialsOf(accountId)).length === 0 };
    },

    async view({ id, accountId }) {
      const { name, phone } = await personOf(accountId);
      const rows = await credentialsOf(accountId);
      const password = rows.find(({ kind }) => kind === 'password');
      return {
        name,
        phoneMasked: phone === null ? null : maskPhone(phone),
        login:
          password === undefined
            ? null
            : { id: password.id, name: password.name ?? '', since: password.created_at },
        passkeys: rows
          .filter(({ kind }) => kind === 'passkey')
          .map((row) => ({
            ...{ id: row.id, label: row.name ?? '', since: row.created_at, usedAt: row.last_used_at },
          })),
        sessions: (await sessions.list(accountId)).map(({ role: _, ...session }) => ({
          ...session,
          current: session.id === id,
        })),
      };
    },

    async setPassword({ id, accountId }, { name, password, current }) {
      const before = (await credentialsOf(accountId)).find(({ kind }) => kind === 'password');
      if (before !== undefined) await checkCurrent(before, current);
      const person = await personOf(accountId);
      checkStrength(password, [name, person.name]);
      const verifier = JSON.stringify(await slowHash(password, PASSWORD_COST, random));
      const now = clock.now();
      await db
        .transaction()
        .execute(async (trx) => {
          await trx
            .updateTable('web_credentials')
            .set({ revoked_at: now })
            .where('account_id', '=', accountId)
            .where('kind', '=', 'password')
            .where('revoked_at', 'is', null)
            .execute();
          await trx
            .insertInto('web_credentials')
            .values({
              ...{ id: createUuid(effects), account_id: accountId, kind: 'password', secret_hash: null },
              ...{ verifier, name, created_at: now, expires_at: null, used_at: null, revoked_at: null },
            })
            .execute();
        })
        .catch((error: unknown) => {
          if (violatedConstraint(error) === 'web_credentials_login_name')
            throw new SaksiError('web_name_taken');
          throw error;
        });
      if (before !== undefined) await endSessions({ accountId, not: id, credentialId: before.id });
    },

    async newPasskeyOptions({ accountId }, site) {
      const { name } = await personOf(accountId);
      const known = (await credentialsOf(accountId)).flatMap(({ external_id }) => external_id ?? []);
      const options = await newPasskeyOptions(random, site, { accountId, name, known });
      const ticket = await tickets.make(db, 'passkey_new', {
        ...{ account_id: accountId, challenge: options.challenge },
      });
      return { ticket, options: { ...options } };
    },

    async addPasskey({ accountId }, site, { ticket, answer, label }) {
      const taken = await tickets.take(db, 'passkey_new', ticket);
      if (taken.account_id !== accountId) throw new SaksiError('web_ticket_ended');
      const known = (await credentialsOf(accountId)).filter(({ kind }) => kind === 'passkey');
      if (known.length >= PASSKEYS_MAX) throw new SaksiError('web_passkey_refused');
      const { id: externalId, verifier } = await readNewPasskey(site, taken.challenge ?? '', answer);
      await db
        .insertInto('web_credentials')
        .values({
          ...{ id: createUuid(effects), account_id: accountId, kind: 'passkey', secret_hash: null },
          ...{ verifier: JSON.stringify(verifier), name: label, external_id: externalId },
          ...{ created_at: clock.now(), expires_at: null, used_at: null, revoked_at: null },
        })
        .execute()
        .catch((error: unknown) => {
          // Known already: also one that was taken away, whose owner registers it anew under another id.
          if (violatedConstraint(error) === 'web_credentials_external')
            throw new SaksiError('web_passkey_refused');
          throw error;
        });
    },

    async remove({ id, accountId }, credentialId) {
      const removed = await db
        .updateTable('web_credentials')
        .set({ revoked_at: clock.now() })
        .where('id', '=', credentialId)
        .where('account_id', '=', accountId)
        .where('kind', 'in', ['password', 'passkey'])
        .where('revoked_at', 'is', null)
        .returning('id')
        .executeTakeFirst();
      if (removed === undefined) throw new SaksiError('not_found');
      await endSessions({ accountId, not: id, credentialId });
    },

    async endSession({ id, accountId }, sessionId) {
      if ((await endSessions({ accountId, not: id, id: sessionId })) === 0) throw new SaksiError('not_found');
    },

    async endOthers({ id, accountId }) {
      await endSessions({ accountId, not: id });
    },
  };
}
