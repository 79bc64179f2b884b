import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';
import type { Audit, ChainVerdict } from './audit.ts';
import { type Backups, createBackups } from './backups.ts';
import { freeBytes } from './faults.ts';
import { openOrRecover, type Recovered } from './recovery.ts';
import { createSafetyMarks } from './safety-marks.ts';

export const BACKUP_FOLDER = 'backups';
/** A wall clock that is behind the highest one seen by more than this was set back. */
export const CLOCK_BACK_MS = 2 * 60_000;

export function openSafely(file: string, clock: Clock) {
  const backups = createBackups(join(dirname(file), BACKUP_FOLDER), clock);
  return { ...openOrRecover(file, backups, clock), backups };
}

/** What watches over the file while it is open. */
export function createSafety(
  opened: { db: Database.Database; backups: Backups; recovered: Recovered | null },
  audit: Audit,
  clock: Clock,
  folder: string,
) {
  const { db, backups, recovered } = opened;
  const marks = createSafetyMarks(db);
  const wholeChain = marks.read('clean') !== true || recovered !== null;
  if (recovered !== null) {
    const { minutes, complete, entries, rows } = recovered;
    db.transaction(() => {
      marks.save('recovered', { minutes, complete });
      audit.append('store.recovered', { minutes, complete, entries, rows });
    }).immediate();
  }
  marks.save('clean', false);

  return {
    /** Of what is new since the last look; of all after an unclean end or a recovery, or where it is asked for. */
    verifyChain(all = false): ChainVerdict {
      const verified = marks.read('verified');
      const verdict =
        wholeChain || all || verified === null ? audit.verifyChain() : audit.verifyAfter(verified);
      if (verdict.ok) marks.save('verified', { seq: verdict.length, hash: verdict.head });
      return verdict;
    },
    recovered: () => marks.read('recovered'),
    recoveredSeen: (): void => marks.save('recovered', null),
    /** Notes the wall clock. The answer: by how many minutes it was set back, until somebody has read of it. */
    watchClock(): number | null {
      const now = clock.now();
      const highest = marks.read('wall') ?? 0;
      if (now < highest - CLOCK_BACK_MS) marks.save('clockBack', Math.round((highest - now) / 60_000));
      // The highest since it was set: a clock that was wrong for a day is not called wrong for ever.
      if (now !== highest) marks.save('wall', now);
      return marks.read('clockBack');
    },
    clockBackSeen: (): void => marks.save('clockBack', null),
    /** Writes and commits one row: throws while the disk does not take it. */
    tryWrite(): void {
      db.transaction(() => marks.save('wall', Math.max(marks.read('wall') ?? 0, clock.now()))).immediate();
    },
    /** For tests: no more pages than there are now and `more` of them, as on a full disk; null: no limit. */
    limitPages(more: number | null): void {
      const pages = Number(db.pragma('page_count', { simple: true }));
      db.pragma(`max_page_count = ${more === null ? 2 ** 31 : pages + more}`);
    },
    freeBytes: (): number => freeBytes(folder),
    backup: (): Promise<void> => backups.make(db),
    lastBackupAt: (): number | null => backups.list()[0]?.at ?? null,
    closing: (): void => marks.save('clean', true),
  };
}
export type Safety = ReturnType<typeof createSafety>;
