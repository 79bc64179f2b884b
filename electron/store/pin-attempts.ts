import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';

interface Row {
  failed: number;
  lock_left_ms: number;
  noted_at: number;
}

export interface PinState {
  failed: number;
  /** Milliseconds until the person may try again; 0: now. */
  lockLeftMs: number;
}

/**
 * Wrong PINs and lock-outs, kept over restarts. While the till runs a lock is counted by the monotonic clock alone, so
 * that setting the wall clock does nothing. Over a restart only the wall clock is there: time that it says has passed
 * is taken off, but a clock set back takes off nothing.
 */
export function createPinAttemptsRepository(db: Database.Database, clock: Clock) {
  const select = db.prepare<[string], Row>('SELECT * FROM pin_attempts WHERE staff_id = ?');
  const upsert = db.prepare(
    `INSERT INTO pin_attempts (staff_id, failed, lock_left_ms, noted_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (staff_id) DO UPDATE SET failed = excluded.failed, lock_left_ms = excluded.lock_left_ms,
       noted_at = excluded.noted_at`,
  );
  const lockedRows = db.prepare<[], { staff_id: string }>(
    'SELECT staff_id FROM pin_attempts WHERE lock_left_ms > 0',
  );
  const remove = db.prepare('DELETE FROM pin_attempts WHERE staff_id = ?');
  /** Staff id → monotonic moment at which the lock ends. */
  const lockedUntil = new Map<string, number>();

  function lockLeftMs(staffId: string, row: Row): number {
    if (row.lock_left_ms === 0) return 0;
    const known = lockedUntil.get(staffId);
    if (known !== undefined) return Math.max(0, Math.ceil(known - clock.monotonic()));
    const passedMs = Math.max(0, clock.now() - row.noted_at);
    const leftMs = Math.max(0, row.lock_left_ms - passedMs);
    lockedUntil.set(staffId, clock.monotonic() + leftMs);
    return leftMs;
  }

  function read(staffId: string): PinState {
    const row = select.get(staffId);
    return row === undefined
      ? { failed: 0, lockLeftMs: 0 }
      : { failed: row.failed, lockLeftMs: lockLeftMs(staffId, row) };
  }

  // Locks from before the restart start to count now, not when somebody first asks.
  for (const { staff_id } of lockedRows.all()) read(staff_id);

  return {
    read,

    /** Milliseconds left, of those who are locked out now. */
    locked(): Map<string, number> {
      const all = lockedRows.all().map((row) => [row.staff_id, read(row.staff_id).lockLeftMs] as const);
      return new Map(all.filter(([, leftMs]) => leftMs > 0));
    },

    /** Counts a try before its PIN is checked: killing the program during the check gives no free try. */
    countTry(staffId: string, failed: number): void {
      lockedUntil.delete(staffId);
      upsert.run(staffId, failed, 0, clock.now());
    },

    lock(staffId: string, lockMs: number): void {
      lockedUntil.set(staffId, clock.monotonic() + lockMs);
      upsert.run(staffId, 0, lockMs, clock.now());
    },

    clear(staffId: string): void {
      lockedUntil.delete(staffId);
      remove.run(staffId);
    },
  };
}
export type PinAttemptsRepository = ReturnType<typeof createPinAttemptsRepository>;
