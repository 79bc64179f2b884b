import type { TillView } from '../../shared/bridge.ts';
import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError, SaksiError, type WireError } from '../../shared/errors.ts';
import type { Staff } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import type { LoginAnswer } from '../../shared/login.ts';
import { asksLoginCode } from '../../shared/login-policy.ts';
import { isLineError } from '../gateway-client/call.ts';
import { isUp } from '../gateway-client/connection.ts';
import { type Core, contextOf, linkOf } from './core.ts';
import { codeView, type LiveCode, mergeLiveCode } from './live-code.ts';

/** How often the delivery of a code is looked at while somebody waits for it. */
const LOOK_EVERY_MS = 2_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Nothing more is heard of a message after these. */
const LAST_WORDS: readonly string[] = ['read', 'failed'];
/** Refusals after which this code is no use: the PIN is asked for again. */
const ENDINGS: readonly string[] = [
  'login_unknown',
  'login_tries_exhausted',
  'code_expired',
  'code_used',
  'staff_unknown',
];

/** On whose word somebody was signed in; on the audit chain. */
export type SignedInBy =
  | 'pin'
  | 'code'
  /** The gateway's signed word that they passed a code at this till not long ago. */
  | 'remembered'
  /** The same, and policy lets it be enough without a line. */
  | 'offline_remembered'
  /** The PIN alone, for policy allows everybody that without a line. */
  | 'offline_pin'
  /** The PIN alone, for the line has been away for so long that nobody may be kept out any longer. */
  | 'offline_long';

/** A code that somebody who gave the right PIN has to type. */
interface Pending {
  readonly staff: Staff;
  readonly loginId: string;
  readonly phoneMasked: string | null;
  live: LiveCode;
  checking: boolean;
  ended: boolean;
  error: WireError | null;
}

/** The second factor at sign-in. `passed` signs in whoever typed the right code. */
export function createLogins(core: Core, passed: (staff: Staff, by: SignedInBy) => void) {
  const { clock } = core.effects;
  const { audit, remembered, time, customers } = core.store;
  let pending: Pending | null = null;
  let cancelLook: Cancel = () => {};
  let stopped = false;

  /** On whose word this person, whose PIN was right, is in; null: a code was sent, and is waited for. Throws `login_needs_line` and what the gateway refuses with. */
  async function admit(staff: Staff): Promise<SignedInBy | null> {
    drop();
    const { login } = contextOf(core).policy;
    if (!asksLoginCode(login, staff.role)) return 'pin';
    const known = isRemembered(staff);
    if (!isUp(linkOf(core).connection.state())) return withoutLine(staff, known);
    if (known) return 'remembered';
    try {
      const answer = await linkOf(core).client.createLogin(createUuid(core.effects), { staffId: staff.id });
      take(staff, answer);
      audit.record('session.code_asked', { staffId: staff.id, loginId: answer.login.id });
      return null;
    } catch (error) {
      const cause = asSaksiError(error);
      if (isLineError(cause)) return withoutLine(staff, known);
      audit.record('session.code_refused', { staffId: staff.id, code: cause.code });
      throw cause;
    }
  }

  function isRemembered(staff: Staff): boolean {
    const jws = remembered.get(staff.id);
    if (jws === null) return false;
    const { rememberDays } = contextOf(core).policy.login;
    const now = time.ceiling();
    try {
      const { iat, exp } = linkOf(core).checkLogin(jws, staff.id);
      const until = Math.min(exp * 1000, iat * 1000 + rememberDays * DAY_MS);
      // Cut to the second when it was signed: whoever is to be forgotten from the same second on is.
      return now < until && iat * 1000 >= (staff.loginsFrom ?? 0);
    } catch (error) {
      core.log.error({ code: asSaksiError(error).code }, 'remembered login not used');
      remembered.drop(staff.id);
      return false;
    }
  }

  function withoutLine(staff: Staff, known: boolean): SignedInBy {
    const { offline, offlineHours } = contextOf(core).policy.login;
    if (offline === 'anyone') return 'offline_pin';
    const isEnough =
      offline === 'remembered' || (offline === 'remembered_cashiers' && staff.role === 'cashier');
    if (known && isEnough) return 'offline_remembered';
    const leftMs = offlineHours * HOUR_MS - awayMs();
    if (leftMs <= 0) return 'offline_long';
    audit.record('session.code_refused', { staffId: staff.id, code: 'login_needs_line' });
    throw new SaksiError('login_needs_line', { params: { hours: Math.ceil(leftMs / HOUR_MS) } });
  }

  /** How long the line has surely been away: since the wallets were last in step. */
  function awayMs(): number {
    const { inStepAt } = customers.state();
    return inStepAt === null ? Number.POSITIVE_INFINITY : time.floor() - inStepAt;
  }

  function take(staff: Staff, { login }: LoginAnswer): void {
    const before = pending?.loginId === login.id ? pending : null;
    const live = mergeLiveCode(before?.live ?? null, login.id, login.code, clock.monotonic());
    const ended = login.status !== 'awaiting_code';
    const rest = { checking: before?.checking ?? false, error: before?.error ?? null };
    pending = { staff, loginId: login.id, phoneMasked: login.phoneMasked, live, ended, ...rest };
    lookLater();
    core.changed();
  }

  function lookLater(): void {
    cancelLook();
    if (stopped || pending === null || pending.ended) return;
    if (LAST_WORDS.includes(pending.live.delivery.state)) return;
    cancelLook = clock.schedule(LOOK_EVERY_MS, () => core.jobs.run('login delivery', look));
  }

  async function look(): Promise<void> {
    const { loginId, staff } = pending ?? {};
    if (loginId === undefined || staff === undefined) return;
    try {
      const answer = await linkOf(core).client.login(loginId);
      if (pending?.loginId === loginId) take(staff, answer);
    } catch (error) {
      if (pending?.loginId === loginId) lookLater();
      throw error;
    }
  }

  /** Throws what the gateway refuses with; `login_unknown` when nobody is asked for a code. */
  async function submit(code: string, remember: boolean): Promise<void> {
    const mine = required();
    mine.checking = true;
    mine.error = null;
    core.changed();
    try {
      const answer = await linkOf(core).client.verifyLogin(mine.loginId, createUuid(core.effects), {
        code,
        remember,
      });
      if (pending !== mine && pending?.loginId !== mine.loginId) return;
      if (answer.login.status !== 'passed') throw new SaksiError('gateway_bad_answer');
      // Checked before it is kept: what this till could not use later is no use now.
      const { staff } = mine;
      if (answer.remembered !== null) linkOf(core).checkLogin(answer.remembered, staff.id);
      drop();
      if (answer.remembered !== null) remembered.save(staff.id, answer.remembered);
      passed(staff, 'code');
    } catch (error) {
      failed(mine.loginId, asSaksiError(error));
      throw error;
    } finally {
      core.changed();
    }
  }

  async function resend(): Promise<void> {
    const { loginId, staff } = required();
    try {
      const answer = await linkOf(core).client.resendLogin(loginId, createUuid(core.effects));
      if (pending?.loginId !== loginId) return;
      pending.error = null;
      audit.record('session.code_resent', { staffId: staff.id, loginId });
      take(staff, answer);
    } catch (error) {
      failed(loginId, asSaksiError(error));
      throw error;
    } finally {
      core.changed();
    }
  }

  function failed(loginId: string, error: SaksiError): void {
    if (pending?.loginId !== loginId) return;
    const { triesLeft } = error.params;
    const { live, staff } = pending;
    pending.checking = false;
    pending.error = error.toWire();
    if (typeof triesLeft === 'number')
      pending.live = { ...live, triesLeft: Math.min(live.triesLeft, triesLeft) };
    if (ENDINGS.includes(error.code)) {
      pending.ended = true;
      cancelLook();
    }
    if (!isLineError(error)) audit.record('session.code_refused', { staffId: staff.id, code: error.code });
  }

  function required(): Pending {
    if (pending === null || pending.ended || pending.checking) throw new SaksiError('login_unknown');
    return pending;
  }

  /** The person went away, or somebody else gave a PIN. The code stays good: the same PIN goes on with it. */
  function drop(): void {
    cancelLook();
    pending = null;
    core.changed();
  }

  return {
    admit,
    submit,
    resend,
    drop,
    /** Whoever is off the staff list is asked for nothing any more. */
    staffChanged(): void {
      const staffId = pending?.staff.id;
      if (staffId !== undefined && !contextOf(core).staff.some(({ id }) => id === staffId)) drop();
    },
    view(): TillView['login'] {
      if (pending === null) return null;
      const { staff, phoneMasked, live, checking, ended, error } = pending;
      const { rememberDays } = contextOf(core).policy.login;
      const code = codeView(live, clock.monotonic());
      return { staffId: staff.id, name: staff.name, phoneMasked, code, rememberDays, checking, ended, error };
    },
    stop(): void {
      stopped = true;
      cancelLook();
    },
  };
}
export type Logins = ReturnType<typeof createLogins>;
