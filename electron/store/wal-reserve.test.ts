import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { openDatabase } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import { reserveWal } from './wal-reserve.ts';

afterAll(removeTempFolders);

const MIB = 1_048_576;

it('leaves a log that a day of commits does not lengthen, the same database, and commits that are synced', () => {
  const file = join(tempFolder(), 'till.sqlite');
  const db = openDatabase(file);
  const before = statSync(file).size;
  reserveWal(db);
  const reserved = statSync(`${file}-wal`).size;
  expect(reserved).toBeGreaterThan(8 * MIB);
  expect(db.pragma('synchronous', { simple: true })).toBe(2);
  expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);

  const insert = db.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES ('x', ?)");
  for (let n = 0; n < 700; n += 1) insert.run(String(n));
  expect(statSync(`${file}-wal`).size).toBe(reserved);
  // It takes room in the log alone.
  db.pragma('wal_checkpoint(PASSIVE)');
  expect(statSync(file).size - before).toBeLessThan(MIB);
  db.close();
});

it('is no reason not to open on a disk without room', () => {
  const db = openDatabase(join(tempFolder(), 'till.sqlite'));
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  const prepare = db.prepare.bind(db);
  const failing = Object.assign(db, {
    prepare: (sql: string) =>
      sql.startsWith('PRAGMA')
        ? {
            run: () => {
              throw full;
            },
          }
        : prepare(sql),
  });
  expect(() => reserveWal(failing as typeof db)).not.toThrow();
  expect(db.pragma('synchronous', { simple: true })).toBe(2);
  db.close();
});
