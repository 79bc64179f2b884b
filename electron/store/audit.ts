import type Database from 'better-sqlite3';
import {
  type AuditBody,
  CHAIN_START,
  type ChainEntry,
  type ChainFault,
  type ChainPlace,
  canonicalJson,
  faultAfter,
  nextEntry,
} from '../../shared/audit/chain.ts';
import type { Clock } from '../../shared/effects.ts';
import { sha256 } from './sha256.ts';

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
  | { ok: false; seq: number; why: ChainFault };

function asLink({ prev_hash: prevHash, ...entry }: AuditEntry): ChainEntry {
  return { ...entry, prevHash };
}

/** Whether `entry` is the one that belongs after `before` (null: the first of all). */
export function followsInChain(before: ChainPlace | null, entry: AuditEntry): boolean {
  return faultAfter(sha256, before ?? CHAIN_START, asLink(entry)) === null;
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
  const some = db.prepare<[number, number, number], AuditEntry>(
    'SELECT * FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
  );
  const line = db.prepare<[], Pick<AuditEntry, 'kind' | 'at'>>(
    "SELECT kind, at FROM audit WHERE kind IN ('line.lost', 'line.back') ORDER BY seq DESC LIMIT 1",
  );
  const after = db.prepare<[number], AuditEntry>('SELECT * FROM audit WHERE seq > ? ORDER BY seq');

  return {
    append(kind: string, body: AuditBody): void {
      if (!db.inTransaction) throw new Error('audit entries are written with what they record');
      const head = last.get();
      // The books never run backwards, whatever is done to the clock.
      const content = { at: Math.max(head?.at ?? 0, clock.now()), kind, body: canonicalJson(body) };
      const { prevHash: prev_hash, ...entry } = nextEntry(sha256, head ?? CHAIN_START, content);
      insert.run({ ...entry, prev_hash });
    },

    head(): { seq: number; hash: string } {
      const head = last.get();
      return { seq: head?.seq ?? CHAIN_START.seq, hash: head?.hash ?? CHAIN_START.hash };
    },

    /** The hash of entry `seq` (0: of the chain's beginning), or null where there is none. */
    hashAt(seq: number): string | null {
      return seq === CHAIN_START.seq ? CHAIN_START.hash : (at.get(seq)?.hash ?? null);
    },

    /** When the line was lost that did not come back yet, as far as was written down; epoch ms, or null. */
    lineLostAt(): number | null {
      const newest = line.get();
      return newest?.kind === 'line.lost' ? newest.at : null;
    },

    entries(): AuditEntry[] {
      return all.all();
    },

    /** Up to `count` entries after number `seq`, none beyond number `last`. */
    entriesAfter(seq: number, last: number, count: number): AuditEntry[] {
      return some.all(seq, last, count);
    },

    /** The same for what came after an entry that was verified before; all of it where that entry is another now. */
    verifyAfter(verified: { seq: number; hash: string }): ChainVerdict {
      if (this.hashAt(verified.seq) !== verified.hash) return this.verifyChain();
      return verdictOf(verified, after.iterate(verified.seq));
    },

    /** Reads the whole chain; says where it first breaks. A cut tail is found by the countersigned head, not here. */
    verifyChain(): ChainVerdict {
      return verdictOf(CHAIN_START, all.iterate());
    },
  };
}
export type Audit = ReturnType<typeof createAudit>;

function verdictOf(start: ChainPlace, entries: Iterable<AuditEntry>): ChainVerdict {
  let before = start;
  for (const entry of entries) {
    const why = faultAfter(sha256, before, asLink(entry));
    if (why !== null) return { ok: false, seq: before.seq + 1, why };
    before = entry;
  }
  return { ok: true, length: before.seq, head: before.hash };
}
