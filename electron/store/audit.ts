import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';

/** Values that canonical JSON (RFC 8785, without fractions: money is whole numbers) can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type AuditBody = { [key: string]: JsonValue };

export interface AuditEntry {
  seq: number;
  at: number;
  kind: string;
  body: string;
  prev_hash: string;
  hash: string;
}

export type ChainVerdict =
  | { ok: true; length: number; head: string }
  | { ok: false; seq: number; why: 'gap' | 'link' | 'hash' };

const GENESIS = '0'.repeat(64);

/** RFC 8785 JSON canonicalisation for the values above: keys sorted by code unit, no white space. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`);
    return `{${fields.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('the audit chain holds whole numbers only');
  }
  return JSON.stringify(value);
}

function entryHash(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, at, kind, body, prev_hash } = entry;
  // `body` is canonical already: hashed as it lies on the disk, so that any edit of it shows.
  const text = `{"at":${at},"body":${body},"kind":${JSON.stringify(kind)},"prev":"${prev_hash}","seq":${seq}}`;
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The append-only hash chain of what mattered at this till. `append` is called inside the transaction of the change
 * that it records, so that neither is without the other.
 */
export function createAudit(db: Database.Database, clock: Clock) {
  const last = db.prepare<[], AuditEntry>('SELECT * FROM audit ORDER BY seq DESC LIMIT 1');
  const insert = db.prepare<AuditEntry>(
    'INSERT INTO audit (seq, at, kind, body, prev_hash, hash) VALUES (@seq, @at, @kind, @body, @prev_hash, @hash)',
  );
  const all = db.prepare<[], AuditEntry>('SELECT * FROM audit ORDER BY seq');

  return {
    append(kind: string, body: AuditBody): void {
      if (!db.inTransaction) throw new Error('audit entries are written with what they record');
      const head = last.get();
      const entry = {
        seq: (head?.seq ?? 0) + 1,
        at: clock.now(),
        kind,
        body: canonicalJson(body),
        prev_hash: head?.hash ?? GENESIS,
      };
      insert.run({ ...entry, hash: entryHash(entry) });
    },

    head(): { seq: number; hash: string } {
      const head = last.get();
      return { seq: head?.seq ?? 0, hash: head?.hash ?? GENESIS };
    },

    entries(): AuditEntry[] {
      return all.all();
    },

    /** Reads the whole chain; says where it first breaks. A cut tail is found by the countersigned head, not here. */
    verifyChain(): ChainVerdict {
      let length = 0;
      let head = GENESIS;
      for (const entry of all.iterate()) {
        length += 1;
        if (entry.seq !== length) return { ok: false, seq: length, why: 'gap' };
        if (entry.prev_hash !== head) return { ok: false, seq: length, why: 'link' };
        if (entryHash(entry) !== entry.hash) return { ok: false, seq: length, why: 'hash' };
        head = entry.hash;
      }
      return { ok: true, length, head };
    },
  };
}
export type Audit = ReturnType<typeof createAudit>;
