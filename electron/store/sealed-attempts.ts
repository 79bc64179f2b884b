import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';

interface Row {
  failed: number;
  lockouts: number;
  lock_left_ms: number;
}

export interface SealedAttempts {
  failed: number;
  /** Lock-outs in a row, with no right code between. */
  lockouts: number;
  /** Milliseconds until the next try; 0: now. */
  lockLeftMs: number;
}

/**
 * Wrong sealed codes at this till and the lock-out after them, kept over restarts. A lock runs off only on the monotonic
 * clock while the till runs: neither setting the clock nor switching the till off shortens it.
 */
export function createSealedAttempts(db: Database.Database, clock: Clock) {
  const select = db.prepare<[], Row>('SELECT * FROM sealed_attempts');
  const upsert = db.prepare(
    `INSERT INTO sealed_attempts (id, failed, lockouts, lock_left_ms) VALUES (1, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET failed = excluded.failed, lockouts = excluded.lockouts,
       lock_left_ms = excluded.lock_left_ms`,
  );
  const saved = select.get();
  let state = { failed: saved?.failed ?? 0, lockouts: saved?.lockouts ?? 0 };
  /** Monotonic moment at which the lock ends. */
  let lockedUntil = clock.monotonic() + (saved?.lock_left_ms ?? 0);

  const lockLeftMs = () => Math.max(0, Math.ceil(lockedUntil - clock.monotonic()));
  function write(next: typeof state, lockMs: number): void {
    upsert.run(next.failed, next.lockouts, lockMs);
    state = next;
    lockedUntil = clock.monotonic() + lockMs;
  }

  return {
    read: (): SealedAttempts => ({ ...state, lockLeftMs: lockLeftMs() }),

    /** Counts a try before its code is checked: killing the program during the check gives no free try. */
    countTry: (): void => write({ ...state, failed: state.failed + 1 }, 0),

    /** The tries are used up: the next ones begin after `lockMs`. */
    lock: (lockMs: number): void => write({ failed: 0, lockouts: state.lockouts + 1 }, lockMs),

    /** A right code. Inside the transaction that uses it; `cleared` follows its commit. */
    clearSaved: (): void => {
      upsert.run(0, 0, 0);
    },
    cleared(): void {
      state = { failed: 0, lockouts: 0 };
      lockedUntil = clock.monotonic();
    },

    /** Writes down what is left of a lock, so that a restart does not begin it anew. */
    mark(): void {
      const leftMs = lockLeftMs();
      if (leftMs > 0) upsert.run(state.failed, state.lockouts, leftMs);
    },
  };
}
export type SealedAttemptsRepository = ReturnType<typeof createSealedAttempts>;
