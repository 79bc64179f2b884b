import Database from 'better-sqlite3';
import { SaksiError } from '../../shared/errors.ts';
import { storeFault } from './faults.ts';
import { MIGRATIONS } from './migrations.ts';
import { createSafetyMarks } from './safety-marks.ts';

/** How long a statement waits for a lock of another connection before it fails. */
export const BUSY_TIMEOUT_MS = 2_000;
/** WAL pages (4 KiB) after which SQLite itself checkpoints; before that `checkpoint()` does it in a quiet moment. */
const AUTO_CHECKPOINT_PAGES = 8_192;

/** `synchronous=FULL`: each commit is on the disk when it returns (sqlite.org/pragma.html#pragma_synchronous). */
const SYNCHRONOUS_FULL = 2;

/**
 * Opens the till's database: WAL, synchronous=FULL, foreign keys; every pragma is read back, the file is checked
 * (`quick_check`, or the whole `integrity_check` when the last end was no clean one) and migrated forward. The file is
 * locked for as long as it is open: two tills on one data folder would be two writers of one audit chain.
 * `beforeMigration` is called with a checked file that is about to change its schema. Throws SaksiError `database_corrupt`,
 * `database_locked`, `disk_full`, `store_failed`.
 */
export function openDatabase(
  file: string,
  beforeMigration: (db: Database.Database) => void = () => {},
): Database.Database {
  let db: Database.Database | null = null;
  try {
    db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    setPragmas(db, file === ':memory:');
    const version = versionOf(db);
    checkIntegrity(db, version > 0 && createSafetyMarks(db).read('clean') === true ? 'quick' : 'whole');
    if (version > 0 && version < MIGRATIONS.length) beforeMigration(db);
    migrate(db, version);
    return db;
  } catch (error) {
    db?.close();
    throw storeFault(error);
  }
}

function setPragmas(db: Database.Database, inMemory: boolean): void {
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma(`wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`);
  const expected: [string, unknown][] = [
    ['journal_mode', inMemory ? 'memory' : 'wal'],
    ['locking_mode', inMemory ? 'normal' : 'exclusive'],
    ['synchronous', SYNCHRONOUS_FULL],
    ['foreign_keys', 1],
    ['busy_timeout', BUSY_TIMEOUT_MS],
  ];
  for (const [pragma, value] of expected) {
    const got: unknown = db.pragma(pragma, { simple: true });
    if (got !== value) throw new Error(`pragma ${pragma} is ${String(got)}, not ${String(value)}`);
  }
}

/** Throws SaksiError `database_corrupt`. */
export function checkIntegrity(db: Database.Database, how: 'quick' | 'whole'): void {
  const verdict: unknown = db.pragma(`${how === 'quick' ? 'quick' : 'integrity'}_check(1)`, { simple: true });
  if (verdict === 'ok') return;
  throw new SaksiError('database_corrupt', { cause: new Error(`integrity: ${String(verdict)}`) });
}

function versionOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Runs what is missing, each step in a transaction with its number. A file from a newer Saksi is refused. */
function migrate(db: Database.Database, version: number): void {
  if (version > MIGRATIONS.length) {
    throw new Error(`database has version ${version}, this program knows ${MIGRATIONS.length}`);
  }
  MIGRATIONS.slice(version).forEach((sql, index) => {
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version + index + 1}`);
    }).immediate();
  });
}
