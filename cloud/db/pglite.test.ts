import * as fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it, vi } from 'vitest';
import { openEngine } from './engine.ts';

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  return { ...original, fsyncSync: vi.fn(original.fsyncSync) };
});

it('syncs each commit to the disk, once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saksi-db-'));
  const { kysely, close } = await openEngine({ folder });
  await sql`create table kept (n bigint)`.execute(kysely);
  const synced = vi.mocked(fs.fsyncSync);
  synced.mockClear();
  await sql`insert into kept values (1)`.execute(kysely);
  expect(synced).toHaveBeenCalledTimes(1);
  await kysely.transaction().execute(async (trx) => {
    await sql`insert into kept values (2)`.execute(trx);
    await sql`insert into kept values (3)`.execute(trx);
  });
  expect(synced).toHaveBeenCalledTimes(2);
  await sql`select * from kept`.execute(kysely);
  expect(synced).toHaveBeenCalledTimes(2);
  await close();
  await rm(folder, { recursive: true });
});
