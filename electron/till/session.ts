import type { Cancel } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Role, Staff } from '../../shared/gateway-api.ts';
import { type Core, contextOf } from './core.ts';
import { createLogins, type SignedInBy } from './login.ts';
import { createMutex } from './mutex.ts';
import { isPinRight } from './pin.ts';

export interface Session {
  staffId: string;
  name: string;
  role: Role;
}

/** Who is signed in at this till: one person or nobody, until they leave or the till was idle for too long. */
export function createSessions(core: Core, signedIn: () => void = () => {}) {
  const { clock } = core.effects;
  /** One PIN at a time, so that tries made at once are counted one after the other. */
  const turn = createMutex();
  let session: Session | null = null;
  let activeAt = clock.monotonic();
  let cancelIdle: Cancel = () => {};
  let stopped = false;

  const logins = createLogins(core, enter);

  /**
   * Signs in, or has a code sent that is then waited for (`logins.view`). Throws `staff_unknown`, `pin_locked` {seconds},
   * `pin_wrong` {triesLeft}, and what `logins.admit` does.
   */
  function signIn(staffId: string, pin: string): Promise<void> {
    return turn(async () => {
      const staff = staffOf(staffId);
      await checkPin(core, staff, pin);
      const by = await logins.admit(staff);
      if (by !== null) enter(staff, by);
    });
  }

  function enter({ id: staffId, name, role }: Staff, by: SignedInBy): void {
    core.store.audit.record('session.signed_in', { staffId, by });
    session = { staffId, name, role };
    touch();
    watchIdle();
    core.changed();
    signedIn();
  }

  function staffOf(staffId: string): Staff {
    const staff = contextOf(core).staff.find(({ id }) => id === staffId);
    if (staff === undefined) throw new SaksiError('staff_unknown');
    return staff;
  }

  function signOut(why: 'asked' | 'idle' | 'removed'): void {
    cancelIdle();
    if (session === null) return;
    core.store.audit.record('session.signed_out', { staffId: session.staffId, why });
    session = null;
    core.changed();
    core.backupSoon();
  }

  function touch(): void {
    activeAt = clock.monotonic();
  }

  function watchIdle(): void {
    cancelIdle();
    // An answer of the gateway that was on its way when the till stopped would keep the process alive.
    if (stopped) return;
    const limitMs = contextOf(core).policy.pin.idleLockSeconds * 1000;
    const leftMs = Math.max(0, activeAt + limitMs - clock.monotonic());
    cancelIdle = clock.schedule(leftMs, () => {
      // An open redemption is somebody's work in hand: the time starts over.
      if (core.store.redemptions.findOpen() !== null) touch();
      if (clock.monotonic() - activeAt >= limitMs) signOut('idle');
      else watchIdle();
    });
  }

  return {
    current: () => session,
    /** Throws `not_signed_in`. */
    require(): Session {
      if (session === null) throw new SaksiError('not_signed_in');
      return session;
    },
    signIn,
    signOut: () => signOut('asked'),
    logins,
    /** Somebody used the screen. */
    touch,
    /** The staff list or the policy changed: who is gone is signed out, a new role holds at once. */
    staffChanged(): void {
      logins.staffChanged();
      if (session === null) return;
      const { staffId } = session;
      const staff = contextOf(core).staff.find(({ id }) => id === staffId);
      if (staff === undefined) {
        signOut('removed');
        return;
      }
      session = { staffId, name: staff.name, role: staff.role };
      watchIdle();
    },
    stop(): void {
      stopped = true;
      cancelIdle();
      logins.stop();
    },
  };
}
export type Sessions = ReturnType<typeof createSessions>;

/** Counts the try first. Throws `pin_locked` {seconds}, `pin_wrong` {triesLeft}. */
export async function checkPin(core: Core, staff: Staff, pin: string): Promise<void> {
  const { pinAttempts, audit } = core.store;
  const { tries, lockSeconds } = contextOf(core).policy.pin;
  const { failed, lockLeftMs } = pinAttempts.read(staff.id);
  if (lockLeftMs > 0) {
    throw new SaksiError('pin_locked', { params: { seconds: Math.ceil(lockLeftMs / 1000) } });
  }
  pinAttempts.countTry(staff.id, failed + 1);
  if (failed < tries && (await isPinRight(pin, staff.pin))) {
    pinAttempts.clear(staff.id);
    return;
  }
  const triesLeft = Math.max(0, tries - failed - 1);
  audit.record('session.pin_wrong', { staffId: staff.id, triesLeft });
  core.changed();
  if (triesLeft > 0) throw new SaksiError('pin_wrong', { params: { triesLeft } });
  pinAttempts.lock(staff.id, lockSeconds * 1000);
  throw new SaksiError('pin_locked', { params: { seconds: lockSeconds } });
}
