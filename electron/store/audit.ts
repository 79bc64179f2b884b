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

/** Whether `entry` is the one that belongs after `before` (null: the first of all). */
export function followsInChain(before: Pick<AuditEntry, 'seq' | 'hash'> | null, entry: AuditEntry): boolean {
  const { hash, ...hashed } = entry;
  return (
    entry.seq === (before?.seq ?? 0) + 1 &&
    entry.prev_hash === (before?.hash ?? GENESIS) &&
    entryHash(hashed) === hash
  );
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
  const at = db.prepare<[number], { hash: string }>('SELECT hash FROM audit WHERE seq = ?');
  const all = db.prepare<[], AuditEntry>('SELECT * FROM audit ORDER BY seq');
  const after = db.prepare<[number], AuditEntry>('SELECT * FROM audit WHERE seq > ? ORDER BY seq');

  return {
    append(kind: string, body: AuditBody): void {
      if (!db.inTransaction) throw new Error('audit entries are written with what they record');
      const head = last.get();
      const entry = {
        seq: (head?.seq ?? 0) + 1,
        // The books never run backwards, whatever is done to the clock.
        at: Math.max(head?.at ?? 0, clock.now()),
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

    /** The hash of entry `seq` (0: of the chain's beginning), or null where there is none. */
    hashAt(seq: number): string | null {
      return seq === 0 ? GENESIS : (at.get(seq)?.hash ?? null);
    },

    entries(): AuditEntry[] {
      return all.all();
    },

    /** The same for what came after an entry that was verified before; all of it where that entry is another now. */
    verifyAfter(verified: { seq: number; hash: string }): ChainVerdict {
      if (this.hashAt(verified.seq) !== verified.hash) return this.verifyChain();
      let before: Pick<AuditEntry, 'seq' | 'hash'> = verified;
      for (const entry of after.iterate(verified.seq)) {
        if (!followsInChain(before, entry)) return { ok: false, seq: before.seq + 1, why: 'link' };
        before = entry;
      }
      return { ok: true, length: before.seq, head: before.hash };
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
