import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';

/** The gateway's signed words that this till is remembered for a person. Nothing in them is believed before it is checked. */
export function createRememberedLogins(db: Database.Database, clock: Clock) {
  const select = db.prepare<[string], { jws: string }>(
    'SELECT jws FROM remembered_logins WHERE staff_id = ?',
  );
  const upsert = db.prepare(
    `INSERT INTO remembered_logins (staff_id, jws, taken_at) VALUES (?, ?, ?)
     ON CONFLICT (staff_id) DO UPDATE SET jws = excluded.jws, taken_at = excluded.taken_at`,
  );
  const remove = db.prepare('DELETE FROM remembered_logins WHERE staff_id = ?');
  return {
    get: (staffId: string): string | null => select.get(staffId)?.jws ?? null,
    save(staffId: string, jws: string): void {
      upsert.run(staffId, jws, clock.now());
    },
    drop(staffId: string): void {
      remove.run(staffId);
    },
  };
}
