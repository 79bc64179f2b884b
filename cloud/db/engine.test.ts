import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { createPostgresDatabase } from '../../test/fixtures/postgres.ts';
import { notify, openDatabase, openEngine } from './engine.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

describeOnBothEngines('engine', (getEngine) => {
  it('reads int8 as safe integers and refuses larger ones', async () => {
    const { kysely } = getEngine();
    const read = (text: string) =>
      sql<{ n: number }>`select ${sql.raw(text)}::bigint as n`.execute(kysely).then(({ rows }) => rows[0]?.n);
    expect(await read('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    await expect(read('9007199254740993')).rejects.toThrow(RangeError);
    expect(await read('1')).toBe(1);
  });

  it('leaves the transaction that notifies as durable as it was', async () => {
    const commit = await getEngine()
      .kysely.transaction()
      .execute(async (trx) => {
        await notify(trx, 'till_events', '');
        return (await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(trx)).rows;
      });
    expect(commit).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('delivers a NOTIFY at commit, not when rolled back, and not after unlisten', async () => {
    const { kysely, listen } = getEngine();
    const seen: string[] = [];
    const unlisten = await listen('till_events', (payload) => seen.push(payload));
    const lost = kysely.transaction().execute(async (trx) => {
      await notify(trx, 'till_events', 'rolled back');
      throw new Error('roll back');
    });
    await expect(lost).rejects.toThrow('roll back');
    await kysely.transaction().execute((trx) => notify(trx, 'till_events', 'committed'));
    await expect.poll(() => seen).toEqual(['committed']);
    await unlisten();
    await notify(kysely, 'till_events', 'nobody listens');
    await sql`select 1`.execute(kysely);
    expect(seen).toEqual(['committed']);
    await expect(listen('x; drop table stores', () => {})).rejects.toThrow(RangeError);
  });

  it('keeps a query outside a transaction out of it', async () => {
    const { kysely } = getEngine();
    await sql`create table outside (n integer)`.execute(kysely);
    let outside: Promise<unknown> = Promise.resolve();
    const transaction = kysely.transaction().execute(async (trx) => {
      await sql`insert into outside values (1)`.execute(trx);
      outside = sql`insert into outside values (2)`.execute(kysely);
      await sql`select 1`.execute(trx);
      throw new Error('roll back');
    });
    await expect(transaction).rejects.toThrow('roll back');
    await outside;
    const { rows } = await sql`select n from outside`.execute(kysely);
    expect(rows).toEqual([{ n: 2 }]);
  });

  it('migrates once', async () => {
    expect(await migrate(getEngine().kysely)).toEqual([]);
  });
});

it('lets several gateways migrate one empty database at once', async () => {
  const database = await createPostgresDatabase();
  const engines = await Promise.all([1, 2, 3, 4].map(() => openEngine({ databaseUrl: database.url })));
  const applied = await Promise.all(engines.map(({ kysely }) => migrate(kysely)));
  expect(applied.flat().sort()).toEqual(Object.keys(MIGRATIONS).sort());
  await Promise.all(engines.map((engine) => engine.close()));
  await database.drop();
});

it('listens again after the connection broke', async () => {
  const database = await createPostgresDatabase();
  const errors: unknown[] = [];
  const engine = await openEngine({ databaseUrl: database.url, onError: (error) => errors.push(error) });
  const seen: string[] = [];
  await engine.listen('till_events', (payload) => seen.push(payload));
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where query like 'listen%' and datname = current_database()`.execute(engine.kysely);
  await expect
    .poll(
      async () => {
        await notify(engine.kysely, 'till_events', 'again');
        return seen.length;
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(0);
  expect(errors).not.toEqual([]);
  await engine.close();
  await database.drop();
});

it('keeps what it committed in a folder, with fsync', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saksi-db-'));
  const first = await openDatabase({ folder });
  const { rows } = await sql<{ fsync: string }>`select current_setting('fsync') as fsync`.execute(
    first.kysely,
  );
  expect(rows).toEqual([{ fsync: 'on' }]);
  await sql`create table kept (n bigint)`.execute(first.kysely);
  await sql`insert into kept values (7)`.execute(first.kysely);
  await first.close();
  const second = await openDatabase({ folder });
  expect((await sql`select n from kept`.execute(second.kysely)).rows).toEqual([{ n: 7 }]);
  await second.close();
  await rm(folder, { recursive: true });
});

it('a connection that the server cuts inside a transaction fails the transaction, not the process', async () => {
  const database = await createPostgresDatabase();
  const told: unknown[] = [];
  const { kysely, close } = await openEngine({
    databaseUrl: database.url,
    onError: (error) => told.push(error),
  });
  const uncaught: unknown[] = [];
  const listener = (error: unknown) => uncaught.push(error);
  process.on('uncaughtException', listener);
  const cut = kysely.transaction().execute(async (trx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(kysely);
    // Nothing is asked of the connection while it goes: that is when its error has nobody to go to.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await sql`select 1`.execute(trx);
  });
  await expect(cut).rejects.toThrow();
  process.off('uncaughtException', listener);
  expect(uncaught).toEqual([]);
  expect(told.length).toBeGreaterThan(0);
  expect((await sql<{ one: number }>`select 1 as one`.execute(kysely)).rows).toEqual([{ one: 1 }]);
  await close();
  await database.drop();
});
