import type Database from 'better-sqlite3';
import type { Effects } from '../../shared/effects.ts';

/** Pause before the next try of one item: full jitter under base · 2^failures. */
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;
/** From then on an item is sent alone: what spoils its batch spoils no other's. */
const STUBBORN_FAILURES = 3;

interface Row {
  stream: string;
  seq: number;
  failures: number;
  delay_ms: number;
  noted_at: number;
}

interface Hold {
  seq: number;
  failures: number;
  /** By the monotonic clock. */
  dueAt: number;
}

/**
 * Streams that wait because the gateway put their first item off. While the till runs the monotonic clock alone counts the
 * pause. Over a restart the wall clock takes off what it says has passed: one that was set back takes off nothing and adds
 * nothing, so that no pause grows into days.
 */
export function createOutboxHolds(db: Database.Database, { clock, random }: Effects) {
  const all = db.prepare<[], Row>('SELECT * FROM outbox_holds');
  // What holds nothing (its item was lost with a damaged file) would be due for ever.
  db.exec(`DELETE FROM outbox_holds AS h
    WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.seq = h.seq AND o.stream = h.stream)`);
  const upsert = db.prepare(
    `INSERT INTO outbox_holds (stream, seq, failures, delay_ms, noted_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, failures = excluded.failures,
       delay_ms = excluded.delay_ms, noted_at = excluded.noted_at`,
  );
  const remove = db.prepare('DELETE FROM outbox_holds WHERE stream = ?');
  const holds = new Map<string, Hold>();

  function load(): void {
    holds.clear();
    for (const { stream, seq, failures, delay_ms, noted_at } of all.all()) {
      const passedMs = Math.max(0, clock.now() - noted_at);
      const leftMs = Math.max(0, delay_ms - passedMs);
      holds.set(stream, { seq, failures, dueAt: clock.monotonic() + leftMs });
    }
  }
  load();

  return {
    /** After a rollback: what is on the disk is what is true. */
    load,

    has: (stream: string): boolean => holds.has(stream),

    put(stream: string, seq: number): void {
      const failures = (holds.get(stream)?.failures ?? 0) + 1;
      const delayMs = Math.ceil(random.jitter() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures));
      upsert.run(stream, seq, failures, delayMs, clock.now());
      holds.set(stream, { seq, failures, dueAt: clock.monotonic() + delayMs });
    },

    /** The place of the item that held it, or null when nothing did. */
    lift(stream: string): number | null {
      const hold = holds.get(stream);
      if (hold === undefined) return null;
      remove.run(stream);
      holds.delete(stream);
      return hold.seq;
    },

    /** Places of the items whose pause is over, longest over first: those that failed again and again, or the others. */
    due(stubborn: boolean, max: number): number[] {
      const now = clock.monotonic();
      return [...holds.values()]
        .filter(({ dueAt, failures }) => dueAt <= now && failures >= STUBBORN_FAILURES === stubborn)
        .sort((one, other) => one.dueAt - other.dueAt)
        .slice(0, max)
        .map(({ seq }) => seq);
    },

    /** All pauses end now, or that of one stream. */
    hurry(stream?: string): void {
      const now = clock.monotonic();
      for (const [name, hold] of holds) if (stream === undefined || stream === name) hold.dueAt = now;
    },

    /** Milliseconds until the next pause ends, or null while nothing is held. */
    nextInMs(): number | null {
      if (holds.size === 0) return null;
      const next = Math.min(...[...holds.values()].map(({ dueAt }) => dueAt));
      return Math.max(0, next - clock.monotonic());
    },

    leftMs(stream: string): number | null {
      const hold = holds.get(stream);
      return hold === undefined ? null : Math.max(0, Math.ceil(hold.dueAt - clock.monotonic()));
    },

    seqs: (): number[] => [...holds.values()].map(({ seq }) => seq),
  };
}
