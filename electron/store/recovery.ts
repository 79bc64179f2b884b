import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { type Backups, syncFile, syncFolder, verifyCopy } from './backups.ts';
import { openDatabase } from './database.ts';
import { storeFault } from './faults.ts';
import { type Rescue, rescueTail } from './rescue.ts';

export interface Recovered extends Rescue {
  /** How old the backup was. */
  minutes: number;
  /** Where the broken file lies now; null: there was none. */
  aside: string | null;
}

/** The database file, its write-ahead log and its index: what belongs together. */
const SUFFIXES = ['-wal', '-shm', ''] as const;

/**
 * Opens the till's database; one that is broken or gone is replaced by the newest backup that is whole, with what can be
 * rescued of the broken one. Throws as `openDatabase` does, `database_corrupt` when there is no good backup.
 */
export function openOrRecover(
  file: string,
  backups: Backups,
  clock: Clock,
): { db: Database.Database; recovered: Recovered | null } {
  finishRecovery(file, clock);
  const open = () => openDatabase(file, (db) => backups.makeNow(db));
  try {
    // An empty file would be taken for a till that is new.
    if (isLost(file) && backups.list().length > 0) throw new SaksiError('database_corrupt');
    return { db: open(), recovered: null };
  } catch (error) {
    const cause = storeFault(error);
    if (cause.code !== 'database_corrupt') throw cause;
    const recovered = recover(file, backups, clock, cause);
    return { db: open(), recovered };
  }
}

function isLost(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

function recover(file: string, backups: Backups, clock: Clock, cause: SaksiError): Recovered {
  const work = `${file}.recovering`;
  for (const backup of backups.list()) {
    for (const suffix of SUFFIXES) rmSync(work + suffix, { force: true });
    copyFileSync(backup.file, work);
    try {
      verifyCopy(work);
    } catch (error) {
      if (['database_corrupt', 'chain_broken', 'store_failed'].includes(storeFault(error).code)) continue;
      throw error;
    }
    const rescue = rescueInto(work, file);
    verifyCopy(work);
    syncFile(work);
    // From here on the next start finishes it, whatever happens.
    renameSync(work, `${file}.recovered`);
    syncFolder(dirname(file));
    const aside = finishRecovery(file, clock);
    return { ...rescue, minutes: Math.max(0, Math.round((clock.now() - backup.at) / 60_000)), aside };
  }
  rmSync(work, { force: true });
  throw new SaksiError('database_corrupt', { cause });
}

/** The broken file is read from a copy: opening it would fold its log into it. */
function rescueInto(work: string, file: string): Rescue {
  const nothing: Rescue = { entries: 0, rows: 0, complete: false };
  if (isLost(file)) return nothing;
  const copy = `${work}.broken`;
  let good: Database.Database | null = null;
  let broken: Database.Database | null = null;
  try {
    for (const suffix of SUFFIXES) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
    good = new Database(work);
    broken = new Database(copy);
    broken.prepare('SELECT count(*) FROM sqlite_schema').get();
    return rescueTail(good, broken);
  } catch (error) {
    // Not even its first page can be read: the backup alone is what there is, and the notice says so.
    if (storeFault(error).code === 'disk_full') throw error;
    return nothing;
  } finally {
    broken?.close();
    good?.close();
    for (const suffix of SUFFIXES) rmSync(copy + suffix, { force: true });
  }
}

/** Puts a recovered file in its place; also after a crash in the middle of it. The answer: where the broken one is kept. */
function finishRecovery(file: string, clock: Clock): string | null {
  const ready = `${file}.recovered`;
  if (!existsSync(ready)) return null;
  const folder = join(dirname(file), 'broken', String(clock.now()));
  const there = SUFFIXES.filter((suffix) => existsSync(file + suffix));
  if (there.length > 0) mkdirSync(folder, { recursive: true, mode: 0o700 });
  // The log first: beside the recovered file it would be taken for its own.
  for (const suffix of there) renameSync(file + suffix, join(folder, basename(file) + suffix));
  renameSync(ready, file);
  syncFolder(dirname(file));
  return there.length > 0 ? folder : null;
}
