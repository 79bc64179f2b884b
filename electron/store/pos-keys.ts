import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { canonicalJson, type JsonValue } from '../../shared/audit/chain.ts';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';

/** Keys are kept this long; a terminal that repeats a request later than this makes a new one. */
export const POS_KEY_KEPT_MS = 7 * 24 * 3_600_000;

/** Idempotency keys of the POS link: the same key with the same body means the same redemption or approval. */
export function createPosKeys(db: Database.Database, clock: Clock) {
  const select = db.prepare<[string], { body_hash: string; subject_id: string }>(
    'SELECT body_hash, subject_id FROM pos_keys WHERE key = ?',
  );
  const insert = db.prepare(
    'INSERT INTO pos_keys (key, body_hash, subject_id, created_at) VALUES (?, ?, ?, ?)',
  );
  const prune = db.prepare('DELETE FROM pos_keys WHERE created_at < ?');
  const hashOf = (action: string, body: JsonValue) =>
    createHash('sha256')
      .update(canonicalJson([action, body]))
      .digest('hex');

  return {
    /** The id of what this key asked for, or null. Another action or body: `idempotency_key_reused`. */
    find(key: string, action: string, body: JsonValue): string | null {
      const row = select.get(key);
      if (row === undefined) return null;
      if (row.body_hash !== hashOf(action, body)) throw new SaksiError('idempotency_key_reused');
      return row.subject_id;
    },

    save(key: string, action: string, body: JsonValue, subjectId: string): void {
      insert.run(key, hashOf(action, body), subjectId, clock.now());
    },

    prune(): void {
      prune.run(clock.now() - POS_KEY_KEPT_MS);
    },
  };
}
export type PosKeys = ReturnType<typeof createPosKeys>;
