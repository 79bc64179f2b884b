import SqliteDatabase from 'better-sqlite3';
import type { Shop } from './shop.ts';

/**
 * Faults that others' products had, put in on purpose and only here, to show that the simulation finds them.
 */
export const BUGS = [
  /** The device moves, and its grant's use is written later or never. */
  'acts_before_use',
  /** What waits to be sent is kept in memory only: gone after a power cut. */
  'outbox_lost_at_crash',
  /** An item is struck off when it was sent, not when it was taken. */
  'done_before_answer',
] as const;
export type Bug = (typeof BUGS)[number];

/** Puts it in. `into` once the shop stands; `out` takes it away again. */
export function plant(bug: Bug | null): { into(shop: Shop): void; out(): void } {
  // Statements are prepared when a till opens its disk: before that.
  const undo = bug === 'acts_before_use' ? [forgetUses()] : [];
  return {
    into(shop) {
      if (bug === 'outbox_lost_at_crash') for (const { disk } of shop.tills) disk.onSnapshot = loseOutbox;
      if (bug === 'done_before_answer') for (const { line } of shop.tills) line.believesSent = true;
    },
    out() {
      for (const take of undo) take();
    },
  };
}

/** `INSERT INTO grant_uses` and `sealed_spends` do nothing. */
function forgetUses(): () => void {
  const { prototype } = SqliteDatabase;
  const original = prototype.prepare;
  // biome-ignore lint/suspicious/noExplicitAny: an overloaded function is wrapped as it is
  (prototype as any).prepare = function (this: SqliteDatabase.Database, text: string) {
    const statement = original.call(this, text);
    if (/INSERT INTO (grant_uses|sealed_spends)\b/.test(text)) {
      Object.defineProperty(statement, 'run', { value: () => ({ changes: 1, lastInsertRowid: 0 }) });
    }
    return statement;
  };
  return () => {
    prototype.prepare = original;
  };
}

function loseOutbox(file: string): void {
  const database = new SqliteDatabase(file);
  database.exec("DELETE FROM outbox WHERE state = 'pending'");
  database.close();
}
