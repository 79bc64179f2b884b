import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Clock, systemClock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createAudit } from './audit.ts';
import { checkIntegrity } from './database.ts';
import { storeFault } from './faults.ts';
import { MIGRATIONS } from './migrations.ts';

/** The newest of each of the last hours and days that have one. */
export const KEPT = { hours: 24, days: 7 } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Pages copied between two turns of the event loop. */
const PAGES_PER_STEP = 256;
const NAME = /^till-(\d+)\.sqlite$/;

export interface Backup {
  file: string;
  /** By the till's wall clock. */
  at: number;
}

/** Rolling copies of the database in `folder`. None counts that was not checked: pages, schema and audit chain. */
export function createBackups(folder: string, clock: Clock) {
  /** Newest first. */
  function list(): Backup[] {
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .flatMap((name) => {
        const at = NAME.exec(name)?.[1];
        return at === undefined ? [] : [{ file: join(folder, name), at: Number(at) }];
      })
      .sort((one, other) => other.at - one.at);
  }

  function begin(): string {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // What a crash left half written.
    for (const name of readdirSync(folder)) if (name.includes('.partial')) rmSync(join(folder, name));
    return join(folder, 'till.partial');
  }

  /** Checked, on the disk, and only then under its name. */
  function finish(partial: string): void {
    settleCopy(partial);
    verifyCopy(partial);
    syncFile(partial);
    // Later than the one before it, whatever was done to the clock: the newest is what is taken first.
    const at = Math.max(clock.now(), (list()[0]?.at ?? 0) + 1);
    renameSync(partial, join(folder, `till-${at}.sqlite`));
    syncFolder(folder);
    rotate();
  }

  function rotate(): void {
    const kept = new Set<string>();
    for (const [spanMs, count] of [
      [HOUR_MS, KEPT.hours],
      [DAY_MS, KEPT.days],
    ] as const) {
      const spans = new Set<number>();
      for (const { file, at } of list()) {
        const span = Math.floor(at / spanMs);
        if (spans.has(span) || spans.size >= count) continue;
        spans.add(span);
        kept.add(file);
      }
    }
    for (const { file } of list()) if (!kept.has(file)) rmSync(file);
  }

  return {
    list,

    /** While the till works on: SQLite's online backup, some pages at a time. Throws what the disk throws. */
    async make(db: Database.Database): Promise<void> {
      const partial = begin();
      try {
        await db.backup(partial, { progress: () => PAGES_PER_STEP });
        finish(partial);
      } catch (error) {
        rmSync(partial, { force: true });
        throw storeFault(error);
      }
    },

    /** At once, before the schema changes. */
    makeNow(db: Database.Database): void {
      const partial = begin();
      try {
        db.prepare('VACUUM INTO ?').run(partial);
        finish(partial);
      } catch (error) {
        rmSync(partial, { force: true });
        throw storeFault(error);
      }
    },
  };
}
export type Backups = ReturnType<typeof createBackups>;

/** One file without a write-ahead log beside it. */
function settleCopy(file: string): void {
  const db = new Database(file);
  db.pragma('journal_mode = DELETE');
  db.close();
}

/** Throws SaksiError `database_corrupt` or `chain_broken` unless a till could go on with this file. */
export function verifyCopy(file: string): { seq: number; hash: string } {
  let db: Database.Database | null = null;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    checkIntegrity(db, 'whole');
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version < 1 || version > MIGRATIONS.length)
      throw new SaksiError('database_corrupt', { params: { version } });
    const verdict = createAudit(db, systemClock).verifyChain();
    if (!verdict.ok) throw new SaksiError('chain_broken', { params: { seq: verdict.seq } });
    return { seq: verdict.length, hash: verdict.head };
  } catch (error) {
    throw storeFault(error);
  } finally {
    db?.close();
  }
}

export function syncFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A rename is on the disk when its folder is; Windows has no such call and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
