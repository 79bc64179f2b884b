/** Signing in to the gateway's own pages: a password or a passkey, then a code to the person's own WhatsApp. */
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { LoginAnswer } from '../../shared/login.ts';
import type { PasskeyAnswer, PasskeyOptions, WebChallenge } from '../../shared/web-api.ts';
import { webLoginNameSchema } from '../../shared/web-api.ts';
import type { Engine } from '../db/engine.ts';
import { type AttemptsOf, countTry, forgetTries } from '../keys/attempts.ts';
import { PASSWORD_COST } from '../keys/hash-costs.ts';
import { isSlowHashOf, type SlowHash, slowHash } from '../keys/slow-hash.ts';
import type { LoginPlace, LoginService } from '../logins/service.ts';
import { createLimiter } from '../tills/limiter.ts';
import { outletsOf } from './outlets.ts';
import { checkPasskey, type PasskeyVerifier, passkeyOptions, type Site } from './passkeys.ts';
import type { WebSession, WebSessions } from './sessions.ts';
import { createTickets, type TicketRow } from './tickets.ts';

/** Wrong passwords in a row, and for how long none is looked at after them. */
export const PASSWORD_TRIES = { tries: 5, lockSeconds: 900 } as const;

export const passwordTries = (accountId: string): AttemptsOf => ({
  ...{ table: 'web_attempts', column: 'account_id', id: accountId, locked: 'web_locked' },
});

export interface WebSignIn {
  /**
   * `web_sign_in_wrong`, `web_locked` {seconds}, and what `LoginService.create` refuses with: above all `login_not_reachable`, for
   * somebody whose number is not verified.
   */
  password(given: { readonly name: string; readonly password: string }): Promise<WebChallenge>;
  passkeyOptions(site: Site): Promise<PasskeyOptions>;
  /** `web_ticket_ended`, `web_passkey_unknown`, `web_passkey_refused`, and what `LoginService.create` refuses with. */
  passkey(site: Site, answer: PasskeyAnswer): Promise<WebChallenge>;
  /** `web_ticket_ended`. */
  look(ticket: string): Promise<WebChallenge>;
  /** `web_ticket_ended`, and what `LoginService.resend` refuses with. */
  resend(ticket: string): Promise<WebChallenge>;
  /** `web_ticket_ended`, and what `LoginService.verify` refuses with. @returns the secret for the cookie */
  code(
    given: { readonly ticket: string; readonly code: string },
    browser: string | null,
  ): Promise<{ token: string; session: WebSession }>;
}

export interface WebSignInOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly logins: LoginService;
  readonly sessions: Pick<WebSessions, 'begin' | 'note'>;
}

export function createWebSignIn({ engine, effects, logins, sessions }: WebSignInOptions): WebSignIn {
  const { clock, random } = effects;
  const db = engine.kysely;
  const tickets = createTickets(effects);
  const strangers = createLimiter(clock, {
    count: PASSWORD_TRIES.tries,
    windowMs: PASSWORD_TRIES.lockSeconds * 1000,
  });
  let nobodys: Promise<SlowHash> | null = null;

  async function password({ name, password: typed }: { name: string; password: string }) {
    const login = webLoginNameSchema.safeParse(name).data ?? '';
    const found = await db
      .selectFrom('web_credentials')
      .select(['id', 'account_id', 'verifier'])
      .where('kind', '=', 'password')
      .where('name', '=', login)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (found === undefined) return stranger(login, typed);
    const of = passwordTries(found.account_id);
    const failed = await countTry(db, clock, of, PASSWORD_TRIES);
    if (!(await isSlowHashOf(typed, found.verifier as SlowHash))) throw wrong(failed);
    await forgetTries(db, of);
    return challenge({ accountId: found.account_id, credentialId: found.id });
  }

  /** As long and as often as for somebody who is known, so that nobody learns who is. */
  async function stranger(name: string, typed: string): Promise<never> {
    const seconds = strangers.attempt(name);
    if (seconds > 0) throw new SaksiError('web_locked', { params: { seconds } });
    nobodys ??= slowHash('nobody', PASSWORD_COST, random);
    await isSlowHashOf(typed, await nobodys);
    throw new SaksiError('web_sign_in_wrong');
  }

  async function challenge(by: { accountId: string; credentialId: string }): Promise<WebChallenge> {
    const { place, staffId, name } = await personOf(by.accountId);
    const { login } = await logins.create(place, createUuid(effects), staffId);
    const ticket = await tickets.make(db, 'code', {
      ...{ account_id: by.accountId, credential_id: by.credentialId, login_id: login.id },
    });
    return view(ticket, name, login);
  }

  /** Who may read nowhere any more is told no more than a stranger. */
  async function personOf(accountId: string): Promise<{ place: LoginPlace; staffId: string; name: string }> {
    const row = await db
      .selectFrom('web_accounts as a')
      .innerJoin('staff as f', 'f.id', 'a.staff_id')
      .select(['f.id', 'f.name', 'f.store_id'])
      .where('a.id', '=', accountId)
      .where('a.disabled_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined || (await outletsOf(db, row.id)).length === 0)
      throw new SaksiError('web_sign_in_wrong');
    const place = { storeId: row.store_id, tillId: null, placeId: accountId };
    return { place, staffId: row.id, name: row.name };
  }

  /** The login that a ticket waits for. */
  async function waiting(ticket: string) {
    const row = await tickets.find(db, 'code', ticket);
    const { accountId, loginId } = heldBy(row);
    const person = await personOf(accountId);
    return { ...person, loginId };
  }

  return {
    password,

    async passkeyOptions(site) {
      const options = await passkeyOptions(random, site);
      const ticket = await tickets.make(db, 'passkey_get', { challenge: options.challenge });
      return { ticket, options: { ...options } };
    },

    async passkey(site, { ticket, answer }) {
      const taken = await tickets.take(db, 'passkey_get', ticket);
      const found = await db
        .selectFrom('web_credentials')
        .select(['id', 'account_id', 'external_id', 'verifier'])
        .where('kind', '=', 'passkey')
        .where('external_id', '=', typeof answer.id === 'string' ? answer.id : '')
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      if (found?.external_id == null) throw new SaksiError('web_passkey_unknown');
      const verifier = found.verifier as PasskeyVerifier;
      const held = { id: found.external_id, verifier };
      const counter = await checkPasskey(site, taken.challenge ?? '', answer, held);
      await db
        .updateTable('web_credentials')
        .set({ verifier: JSON.stringify({ ...verifier, counter }) })
        .where('id', '=', found.id)
        .execute();
      return challenge({ accountId: found.account_id, credentialId: found.id });
    },

    async look(ticket) {
      const { place, name, loginId } = await waiting(ticket);
      const { login } = await logins.get(place, loginId);
      return view(ticket, name, login);
    },

    async resend(ticket) {
      const { place, name, loginId } = await waiting(ticket);
      const { login } = await logins.resend(place, loginId, createUuid(effects));
      return view(ticket, name, login);
    },

    async code({ ticket, code }, browser) {
      const { place, loginId } = await waiting(ticket);
      await logins.verify(place, loginId, createUuid(effects), { code, remember: false });
      return db.transaction().execute(async (trx) => {
        const { accountId, credentialId } = heldBy(await tickets.take(trx, 'code', ticket));
        const credential = await trx
          .updateTable('web_credentials')
          .set({ last_used_at: clock.now() })
          .where('id', '=', credentialId)
          // Taken away while its code was waited for.
          .where('revoked_at', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (credential === undefined) throw new SaksiError('web_ticket_ended');
        return sessions.begin(trx, { accountId, credentialId, browser });
      });
    },
  };
}

function wrong(failed: number): SaksiError {
  const { tries, lockSeconds } = PASSWORD_TRIES;
  return failed >= tries
    ? new SaksiError('web_locked', { params: { seconds: lockSeconds } })
    : new SaksiError('web_sign_in_wrong');
}

/** What the table's check promises of a ticket for a code. */
function heldBy({ account_id: accountId, credential_id: credentialId, login_id: loginId }: TicketRow) {
  if (accountId === null || credentialId === null || loginId === null) throw new Error('a ticket of nobody');
  return { accountId, credentialId, loginId };
}

const view = (ticket: string, name: string, login: LoginAnswer['login']): WebChallenge => ({
  ...{ ticket, name, phoneMasked: login.phoneMasked, code: login.code },
  ended: login.status !== 'awaiting_code',
});
