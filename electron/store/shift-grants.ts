import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';
import type { ShiftGrantClaims } from '../../shared/grants.ts';

/** A grant that this till holds. What it allows is what the signed grant says; the rest finds it. */
export interface HeldShiftGrant {
  jti: string;
  /** Null: a spare. */
  staffId: string | null;
  jws: string;
  uses: number;
  used: number;
  /** Epoch ms of the gateway's clock. */
  expiresAt: number;
}

/** The grants for cash sales on this till's disk. All that changes them runs in the caller's transaction. */
export function createShiftGrants(db: Database.Database, clock: Clock) {
  const select = db.prepare<[], HeldShiftGrant>(
    `SELECT jti, staff_id AS staffId, jws, uses, expires_at AS expiresAt,
       (SELECT coalesce(max(use_no), 0) FROM cash_sales c WHERE c.jti = g.jti) AS used
     FROM shift_grants g WHERE closed = 0 ORDER BY seq`,
  );
  const insert = db.prepare(
    'INSERT OR IGNORE INTO shift_grants (jti, staff_id, uses, jws, expires_at, taken_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const close = db.prepare('UPDATE shift_grants SET closed = 1 WHERE jti = ?');
  const used = db.prepare<[string], { used: number }>(
    'SELECT coalesce(max(use_no), 0) AS used FROM cash_sales WHERE jti = ?',
  );
  const wish = db.prepare<[string], { key: string }>('SELECT key FROM shift_wishes WHERE staff_id = ?');
  const saveWish = db.prepare(
    'INSERT INTO shift_wishes (staff_id, key) VALUES (?, ?) ON CONFLICT (staff_id) DO UPDATE SET key = excluded.key',
  );
  const dropWish = db.prepare('DELETE FROM shift_wishes WHERE staff_id = ?');
  const nameOf = (staffId: string | null) => staffId ?? '';

  return {
    /** Those that were not closed, oldest first; also ones that are used up or past. */
    held: (): HeldShiftGrant[] => select.all(),

    used: (jti: string): number => used.get(jti)?.used ?? 0,

    /** @returns false where this grant was taken before */
    add({ jti, staffId, uses, exp }: ShiftGrantClaims, jws: string): boolean {
      dropWish.run(nameOf(staffId));
      return insert.run(jti, staffId, uses, jws, exp * 1000, clock.now()).changes > 0;
    },

    close(jti: string): void {
      close.run(jti);
    },

    /** The key under which the gateway was asked and has not answered. */
    wish: (staffId: string | null): string | null => wish.get(nameOf(staffId))?.key ?? null,
    saveWish(staffId: string | null, key: string): void {
      saveWish.run(nameOf(staffId), key);
    },
    dropWish(staffId: string | null): void {
      dropWish.run(nameOf(staffId));
    },
  };
}
export type ShiftGrants = ReturnType<typeof createShiftGrants>;
