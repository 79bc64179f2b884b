import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DATABASE_FILE } from './store.ts';

/**
 * Whether the till of this data folder was paired. Read beside a running till, and without changing anything. A
 * database that cannot be read counts as paired: what is refused to a paired till must not become free by breaking it.
 */
export function belongsToShop(dataDir: string): boolean {
  const file = join(dataDir, DATABASE_FILE);
  if (!existsSync(file)) return false;
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true });
    try {
      return db.prepare('SELECT 1 FROM identity').get() !== undefined;
    } finally {
      db.close();
    }
  } catch {
    return true;
  }
}
