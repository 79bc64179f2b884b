import Database from 'better-sqlite3';
import { SaksiError } from '../../shared/errors.ts';
import { MIGRATIONS } from './migrations.ts';

/** How long a statement waits for a lock of another connection before it fails. */
export const BUSY_TIMEOUT_MS = 2_000;
/** WAL pages (4 KiB) after which SQLite itself checkpoints; before that `checkpoint()` does it in a quiet moment. */
const AUTO_CHECKPOINT_PAGES = 8_192;

/** `synchronous=FULL`: each commit is on the disk when it returns (sqlite.org/pragma.html#pragma_synchronous). */
const SYNCHRONOUS_FULL = 2;

/**
 * Opens the till's database: WAL, synchronous=FULL, foreign keys; every pragma is read back, the file is checked
 * (`quick_check`) and migrated forward. The file is locked for as long as it is open: two tills on one data folder
 * would be two writers of one audit chain. Throws SaksiError `store_failed`.
 */
export function openDatabase(file: string): Database.Database {
  let db: Database.Database | null = null;
  try {
    db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    setPragmas(db, file === ':memory:');
    checkIntegrity(db);
    migrate(db);
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof SaksiError ? error : new SaksiError('store_failed', { cause: error });
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

function checkIntegrity(db: Database.Database): void {
  const verdict: unknown = db.pragma('quick_check(1)', { simple: true });
  if (verdict !== 'ok') throw new Error(`quick_check: ${String(verdict)}`);
}

/** Runs what is missing, each step in a transaction with its number. A file from a newer Saksi is refused. */
function migrate(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }));
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
