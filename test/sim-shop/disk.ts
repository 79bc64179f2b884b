import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { DATABASE_FILE } from '../../electron/store/store.ts';

/**
 * A till's disk. What a crash leaves is a copy of the files as they are at that moment: the process is alive to no effect
 * from then on. That it is full is told to SQLite by its own limit of pages, so that the failure is SQLite's.
 */
const open = new Map<string, SqliteDatabase.Database>();
let watching = false;

/** Remembers connections by their file, as the till opens them; those of an earlier run are forgotten. */
export function watchDatabases(): void {
  open.clear();
  if (watching) return;
  watching = true;
  const { prototype } = SqliteDatabase;
  const original = prototype.pragma;
  prototype.pragma = function (this: SqliteDatabase.Database, ...args: Parameters<typeof original>) {
    if (this.name !== '' && open.get(this.name) !== this) open.set(this.name, this);
    return original.apply(this, args);
  };
}

export class Disk {
  readonly #root: string;
  #copies = 0;
  #folder: string;
  /** Told the database file that a crash left, before the next start. */
  onSnapshot: (file: string) => void = () => {};

  constructor(root: string) {
    this.#root = root;
    this.#folder = join(root, 'disk-0');
    mkdirSync(this.#folder, { recursive: true });
  }

  get folder(): string {
    return this.#folder;
  }

  /** The files as a power cut leaves them, for the till that starts next. */
  snapshot(): void {
    const from = this.#folder;
    this.#copies += 1;
    this.#folder = join(this.#root, `disk-${this.#copies}`);
    copyFolder(from, this.#folder);
    this.onSnapshot(join(this.#folder, DATABASE_FILE));
  }

  /** As it is now and as it can be read after a power cut: with what is committed, without what is not. */
  asOnDisk<T>(read: (database: SqliteDatabase.Database) => T): T {
    const copy = join(this.#root, 'look');
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy, { recursive: true });
    for (const suffix of ['', '-wal']) {
      const file = join(this.#folder, DATABASE_FILE + suffix);
      if (existsSync(file)) copyFileSync(file, join(copy, DATABASE_FILE + suffix));
    }
    const database = new SqliteDatabase(join(copy, DATABASE_FILE));
    try {
      return read(database);
    } finally {
      database.close();
    }
  }

  /** The till's own connection, for looking; null while the till is off. */
  connection(): SqliteDatabase.Database | null {
    const database = open.get(join(this.#folder, DATABASE_FILE));
    return database?.open === true ? database : null;
  }

  setFull(full: boolean): void {
    const database = this.connection();
    if (database === null) return;
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${full ? pages : 1_073_741_823}`);
  }
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyFolder(join(from, entry.name), join(to, entry.name));
    else copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}
