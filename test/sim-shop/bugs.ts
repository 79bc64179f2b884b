import SqliteDatabase from 'better-sqlite3';
import { systemClock } from '../../shared/effects.ts';
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
  /** What waits is sent newest first. */
  'outbox_out_of_order',
  /** What was spent without a line is not taken off what the cache says. */
  'cache_forgets_spending',
  /** What was spent without a line does not count against the limits. */
  'limits_forget_spending',
  /** A power cut loses which sealed codes were used. */
  'sealed_lost_at_crash',
  /** The product looks at a clock on the wall. */
  'real_clock',
] as const;
export type Bug = (typeof BUGS)[number];

/** Puts it in. `into` once the shop stands; `out` takes it away again. */
export function plant(bug: Bug | null): { into(shop: Shop): void; out(): void } {
  // Statements are prepared when a till opens its disk: before that.
  const undo = bug === 'acts_before_use' ? [forgetUses()] : [];
  const rewrite = bug === null ? undefined : REWRITTEN[bug];
  if (rewrite !== undefined) undo.push(rewriteStatements(rewrite));
  return {
    into(shop) {
      if (bug === 'outbox_lost_at_crash') for (const { disk } of shop.tills) disk.onSnapshot = loseOutbox;
      if (bug === 'sealed_lost_at_crash') for (const { disk } of shop.tills) disk.onSnapshot = loseSpends;
      if (bug === 'real_clock') shop.time.at(LATER_MS, () => systemClock.now());
      if (bug === 'done_before_answer') for (const { line } of shop.tills) line.believesSent = true;
    },
    out() {
      for (const take of undo) take();
    },
  };
}

const LATER_MS = 5_000;

/** Statements of the till's that say something else than they should. */
const REWRITTEN: Partial<Record<Bug, readonly [RegExp, string]>> = {
  outbox_out_of_order: [/(SELECT \* FROM outbox WHERE seq > \?[\s\S]*ORDER BY seq) LIMIT/, '$1 DESC LIMIT'],
  cache_forgets_spending: [/coalesce\(sum\(amount\), 0\)(?=[\s\S]*state = 'open')/, '0'],
  limits_forget_spending: [/coalesce\(sum\(amount\), 0\)(?=[\s\S]*counted_at > \?)/, '0'],
};

function rewriteStatements([from, to]: readonly [RegExp, string]): () => void {
  const { prototype } = SqliteDatabase;
  const original = prototype.prepare;
  // biome-ignore lint/suspicious/noExplicitAny: an overloaded function is wrapped as it is
  (prototype as any).prepare = function (this: SqliteDatabase.Database, text: string) {
    return original.call(this, text.replace(from, to));
  };
  return () => {
    prototype.prepare = original;
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

function loseSpends(file: string): void {
  const database = new SqliteDatabase(file);
  database.exec('DELETE FROM sealed_spends');
  database.close();
}
