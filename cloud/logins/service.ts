import { sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid, uuidSchema } from '../../shared/ids.ts';
import type { LoginAnswer, LoginVerify } from '../../shared/login.ts';
import { maskPhone } from '../../shared/phone.ts';
import type { Policy } from '../../shared/policy.ts';
import { type CodeKeys, tagPhone } from '../codes/codes.ts';
import { throwCreditRefusal } from '../credit/refusal.ts';
import type { Engine } from '../db/engine.ts';
import type { LoginEvent, LoginsTable } from '../db/login-tables.ts';
import type { GatewayIdentity } from '../keys/signing.ts';
import type { MessageStore } from '../messages/store.ts';
import type { PolicyService } from '../policy/service.ts';
import type { Trx } from '../redemptions/ports.ts';
import { isRepeated, readRemembered, rememberRequest, tillRequest } from '../redemptions/requests.ts';
import { issueLoginCode, matchLoginCode } from './codes.ts';
import { type LoginRow, loginAnswer } from './record.ts';

const DAY_MS = 86_400_000;

/** Where somebody signs in: a till, or an account of the gateway's own pages (`tillId` null). */
export interface LoginPlace {
  readonly storeId: string;
  readonly tillId: string | null;
  /** The till's id, or the account's. */
  readonly placeId: string;
}
export const placeOfTill = ({ tillId, storeId }: { tillId: string; storeId: string }): LoginPlace => ({
  ...{ tillId, storeId, placeId: tillId },
});

/**
 * Codes at sign-in. Whoever has checked a PIN (or a password, or a passkey) asks for one; the person types it; a till may be
 * remembered for them.
 * Each call is one transaction with its message and its entry in `login_events`.
 */
export interface LoginService {
  /**
   * Sends a code; or, while this person has an unused one for this place, goes on with that: nobody gets a second message
   * by typing the PIN again. `staff_unknown`, `login_not_reachable`, `login_code_limit`, `code_limit_till`,
   * `code_limit_store`, `message_credit_empty`, `idempotency_key_reused`.
   */
  create(place: LoginPlace, idempotencyKey: string, staffId: string): Promise<LoginAnswer>;
  /**
   * `login_unknown` (also another place's), `staff_unknown` (taken off the list meanwhile), `code_malformed` and
   * `code_superseded` (no try counted), `code_wrong`, `login_tries_exhausted`, `code_expired`, `code_used`.
   */
  verify(place: LoginPlace, id: string, idempotencyKey: string, input: LoginVerify): Promise<LoginAnswer>;
  /** `code_resend_too_early`, `login_sends_exhausted`, `code_expired`, `code_used`, and all that `create` refuses with. */
  resend(place: LoginPlace, id: string, idempotencyKey: string): Promise<LoginAnswer>;
  get(place: LoginPlace, id: string): Promise<LoginAnswer>;
}

export interface LoginServiceOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly keys: CodeKeys & { readonly idempotencyKey: Uint8Array };
  readonly identity: Pick<GatewayIdentity, 'gatewayId' | 'signRemembered'>;
  readonly policies: Pick<PolicyService, 'current'>;
  readonly messages: Pick<MessageStore, 'addForStaff'>;
  /** Called after a commit that queued a message. */
  readonly queued: () => void;
}

/** Decided about a locked login: what is written, and what is thrown once that is committed. */
interface Decision {
  readonly patch: Partial<LoginsTable>;
  readonly what: LoginEvent;
  readonly refusal?: SaksiError;
}

export function createLoginService(options: LoginServiceOptions): LoginService {
  const { engine, effects, keys, identity, policies, messages, queued } = options;
  const { clock, random } = effects;
  const db = engine.kysely;
  const answer = (row: LoginRow) => loginAnswer(db, identity, row, clock.now());

  async function create(place: LoginPlace, idempotencyKey: string, staffId: string): Promise<LoginAnswer> {
    const request = requestOf(place, idempotencyKey, 'login.create', null, [staffId]);
    const { policy } = await policies.current(place.storeId);
    const { row, sent } = await db.transaction().execute(async (trx) => {
      const person = await reachable(trx, place.storeId, staffId);
      const open = await openLogin(trx, place, staffId);
      const repeated = isRepeated(request, await readRemembered(trx, request));
      // A repeated request whose login is over meanwhile gets a new one: nobody waits for the old one any more.
      if (open !== undefined) return { row: open, sent: false };
      const made = await insertLogin(trx, place, staffId, person.phone, policy);
      await issue(trx, made, person, policy);
      await note(trx, made, 'asked');
      const now = clock.now();
      if (!repeated) await rememberRequest(trx, request, { approvalId: null, refusal: null, now });
      return { row: made, sent: true };
    });
    if (sent) queued();
    return answer(row);
  }

  async function resend(place: LoginPlace, id: string, idempotencyKey: string): Promise<LoginAnswer> {
    const request = requestOf(place, idempotencyKey, 'login.resend', id, []);
    const { policy } = await policies.current(place.storeId);
    const { row, refusal, sent } = await db.transaction().execute(async (trx) => {
      const before = await lockLogin(trx, place, id);
      if (isRepeated(request, await readRemembered(trx, request)))
        return { row: before, refusal: null, sent: false };
      const person = await reachable(trx, place.storeId, before.staff_id);
      const decision = decideResend(before, clock.now());
      const after = await write(trx, before, decision);
      if (decision.refusal === undefined) await issue(trx, after, person, policy);
      await remember(trx, request, decision.refusal);
      return { row: after, refusal: decision.refusal ?? null, sent: decision.refusal === undefined };
    });
    if (refusal !== null) throw refusal;
    if (sent) queued();
    return answer(row);
  }

  async function verify(
    place: LoginPlace,
    id: string,
    idempotencyKey: string,
    { code, remember: isRememberWished }: LoginVerify,
  ): Promise<LoginAnswer> {
    const request = requestOf(place, idempotencyKey, 'login.verify', id, [code, isRememberWished]);
    const { policy } = await policies.current(place.storeId);
    const { row, refusal } = await db.transaction().execute(async (trx) => {
      const before = await lockLogin(trx, place, id);
      if (isRepeated(request, await readRemembered(trx, request))) return { row: before, refusal: null };
      await activeStaff(trx, place.storeId, before.staff_id);
      const codes = await trx
        .selectFrom('codes')
        .select(['serial', 'verify_hash'])
        .where('redemption_id', '=', id)
        .execute();
      const now = clock.now();
      const days = isRememberWished ? policy.login.rememberDays : 0;
      const rememberedUntil = days > 0 ? now + days * DAY_MS : null;
      const decision = decideVerify(keys, before, { codes, code, now, rememberedUntil });
      const after = await write(trx, before, decision);
      await remember(trx, request, decision.refusal);
      return { row: after, refusal: decision.refusal ?? null };
    });
    if (refusal !== null) throw refusal;
    return answer(row);
  }

  async function get(place: LoginPlace, id: string): Promise<LoginAnswer> {
    checkId(id);
    const row = await db
      .selectFrom('logins')
      .selectAll()
      .where('id', '=', id)
      .where('place_id', '=', place.placeId)
      .executeTakeFirst();
    if (row === undefined) throw new SaksiError('login_unknown');
    return answer(row);
  }

  function requestOf(
    { placeId }: LoginPlace,
    idempotencyKey: string,
    operation: 'login.create' | 'login.resend' | 'login.verify',
    subject: string | null,
    body: readonly unknown[],
  ) {
    return tillRequest(keys.idempotencyKey, { tillId: placeId, idempotencyKey, operation, subject, body });
  }

  /** A refusal is remembered with the change that it came with: asked for again, it costs no second try. */
  function remember(trx: Trx, request: ReturnType<typeof tillRequest>, refusal: SaksiError | undefined) {
    return rememberRequest(trx, request, { approvalId: null, refusal: refusal ?? null, now: clock.now() });
  }

  /** The one that waits for its code; one whose time is over is written down as such. */
  async function openLogin(trx: Trx, place: LoginPlace, staffId: string): Promise<LoginRow | undefined> {
    const open = await trx
      .selectFrom('logins')
      .selectAll()
      .where('place_id', '=', place.placeId)
      .where('staff_id', '=', staffId)
      .where('status', '=', 'awaiting_code')
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (open === undefined || open.expires_at > clock.now()) return open;
    await write(trx, open, expired(clock.now()));
    return undefined;
  }

  async function insertLogin(
    trx: Trx,
    { tillId, placeId, storeId }: LoginPlace,
    staffId: string,
    phone: string,
    { codes }: Policy,
  ): Promise<LoginRow> {
    const now = clock.now();
    const [ttlMs, resendAfterMs] = [codes.ttlSeconds * 1000, codes.resendAfterSeconds * 1000];
    return trx
      .insertInto('logins')
      .values({
        ...{
          id: createUuid(effects),
          store_id: storeId,
          till_id: tillId,
          place_id: placeId,
          staff_id: staffId,
        },
        ...{ status: 'awaiting_code', phone_masked: maskPhone(phone) },
        ...{
          code_digits: codes.digits,
          code_ttl_ms: ttlMs,
          tries_left: codes.tries,
          sends_max: codes.sendsMax,
        },
        ...{
          resend_after_ms: resendAfterMs,
          serial: 1,
          expires_at: now + ttlMs,
          resend_at: now + resendAfterMs,
        },
        ...{ created_at: now, ended_at: null, remembered_until: null },
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  }

  /** The code of the login's present serial, and its message. */
  async function issue(trx: Trx, login: LoginRow, person: Reachable, policy: Policy): Promise<void> {
    const {
      id,
      store_id: storeId,
      till_id: tillId,
      place_id: placeId,
      staff_id: staffId,
      serial,
      expires_at: expiresAt,
    } = login;
    const binding = { loginId: id, placeId, staffId, serial };
    const { nonce, hash } = issueLoginCode(keys, random, { ...binding, digits: login.code_digits });
    const row = {
      ...{ redemption_id: id, serial, store_id: storeId, till_id: placeId },
      ...{ phone_tag: hex(tagPhone(keys, storeId, person.phone)), nonce: hex(nonce), verify_hash: hex(hash) },
      ...{ issued_at: clock.now(), expires_at: expiresAt },
    };
    const { rows } = await sql<{ refused: { outcome: string; wait_ms: number } | null }>`
      select code_refusal(jsonb_populate_record(null::codes, ${JSON.stringify(row)}::jsonb),
        ${JSON.stringify(policy.codes.limits)}::jsonb, true) as refused`.execute(trx);
    throwLimit(rows[0]?.refused ?? null);
    await sql`insert into codes select * from jsonb_populate_record(null::codes, ${JSON.stringify(row)}::jsonb)`.execute(
      trx,
    );
    await messages
      .addForStaff(trx, [
        {
          ...{ kind: 'login_code', storeId, tillId, question: null, content: null, expiresAt },
          ...{ address: { phone: person.phone }, language: person.language },
          login: { loginId: id, staffId, serial },
        },
      ])
      .catch(throwCreditRefusal);
  }

  async function write(trx: Trx, before: LoginRow, { patch, what }: Decision): Promise<LoginRow> {
    const row =
      Object.keys(patch).length === 0
        ? before
        : await trx
            .updateTable('logins')
            .set(patch)
            .where('id', '=', before.id)
            .returningAll()
            .executeTakeFirstOrThrow();
    await note(trx, row, what);
    return row;
  }

  async function note(trx: Trx, row: LoginRow, what: LoginEvent): Promise<void> {
    const { id, store_id, till_id, staff_id } = row;
    const remembered = what === 'passed' && row.remembered_until !== null;
    await trx
      .insertInto('login_events')
      .values({ login_id: id, store_id, till_id, staff_id, what, remembered, at: clock.now() })
      .execute();
  }

  return { create, verify, resend, get };
}

interface Reachable {
  /** E.164, verified: nobody signs in by a code to a number that only stands on a list. */
  readonly phone: string;
  readonly language: string;
}

/** Locks the person: of two requests at once the second finds what the first made. */
async function reachable(trx: Trx, storeId: string, staffId: string): Promise<Reachable> {
  await activeStaff(trx, storeId, staffId);
  const row = await trx
    .selectFrom('staff_identities as i')
    .innerJoin('staff as f', 'f.id', 'i.staff_id')
    .innerJoin('stores as s', 's.id', 'f.store_id')
    .select(['i.phone_e164 as phone', 's.language'])
    .where('i.staff_id', '=', staffId)
    .executeTakeFirst();
  // Meta takes codes to numbers only.
  if (row?.phone == null) throw new SaksiError('login_not_reachable');
  return { phone: row.phone, language: row.language };
}

async function activeStaff(trx: Trx, storeId: string, staffId: string): Promise<void> {
  const row = await trx
    .selectFrom('staff')
    .select('id')
    .where('id', '=', staffId)
    .where('store_id', '=', storeId)
    .where('active', '=', true)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new SaksiError('staff_unknown');
}

async function lockLogin(trx: Trx, place: LoginPlace, id: string): Promise<LoginRow> {
  checkId(id);
  const row = await trx
    .selectFrom('logins')
    .selectAll()
    .where('id', '=', id)
    .where('place_id', '=', place.placeId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new SaksiError('login_unknown');
  return row;
}

function checkId(id: string): void {
  if (!uuidSchema.safeParse(id).success) throw new SaksiError('login_unknown');
}

/** Throws where the login is past asking for a code. */
function refuseEnded({ status }: LoginRow): void {
  if (status === 'passed') throw new SaksiError('code_used');
  if (status === 'failed') throw new SaksiError('login_tries_exhausted');
  if (status === 'expired') throw new SaksiError('code_expired');
}

function decideVerify(
  keys: CodeKeys,
  row: LoginRow,
  given: {
    readonly codes: readonly { readonly serial: number; readonly verify_hash: Uint8Array }[];
    readonly code: string;
    readonly now: number;
    readonly rememberedUntil: number | null;
  },
): Decision {
  const { code, now } = given;
  refuseEnded(row);
  if (row.expires_at <= now) return expired(now);
  if (code.length !== row.code_digits)
    throw new SaksiError('code_malformed', { params: { digits: row.code_digits } });
  const binding = { loginId: row.id, placeId: row.place_id, staffId: row.staff_id };
  const serial = matchLoginCode(keys, binding, given.codes, code);
  if (serial === row.serial) {
    const patch = { status: 'passed', ended_at: now, remembered_until: given.rememberedUntil } as const;
    return { patch, what: 'passed' };
  }
  if (serial !== null) return { patch: {}, what: 'superseded', refusal: new SaksiError('code_superseded') };
  const left = row.tries_left - 1;
  if (left > 0) {
    const refusal = new SaksiError('code_wrong', { params: { triesLeft: left } });
    return { patch: { tries_left: left }, what: 'wrong', refusal };
  }
  const patch = { tries_left: 0, status: 'failed', ended_at: now } as const;
  return { patch, what: 'failed', refusal: new SaksiError('login_tries_exhausted') };
}

function decideResend(row: LoginRow, now: number): Decision {
  refuseEnded(row);
  if (row.expires_at <= now) return expired(now);
  if (row.serial >= row.sends_max) throw new SaksiError('login_sends_exhausted');
  const waitMs = row.resend_at - now;
  if (waitMs > 0)
    throw new SaksiError('code_resend_too_early', { params: { seconds: Math.ceil(waitMs / 1000) } });
  const patch = {
    serial: row.serial + 1,
    expires_at: now + row.code_ttl_ms,
    resend_at: now + row.resend_after_ms,
  };
  return { patch, what: 'resent' };
}

function expired(now: number): Decision {
  const patch = { status: 'expired', ended_at: now } as const;
  return { patch, what: 'expired', refusal: new SaksiError('code_expired') };
}

function throwLimit(refused: { outcome: string; wait_ms: number } | null): void {
  if (refused === null) return;
  const params = { seconds: Math.ceil(refused.wait_ms / 1000) };
  const code =
    refused.outcome === 'code_limit_till' || refused.outcome === 'code_limit_store'
      ? refused.outcome
      : 'login_code_limit';
  throw new SaksiError(code, { params });
}

const hex = (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}`;
