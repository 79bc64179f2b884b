import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { createPostgresDatabase } from '../../test/fixtures/postgres.ts';
import { isDatabaseAway } from './away.ts';
import { openPostgres } from './postgres.ts';

let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
beforeAll(async () => {
  database = await createPostgresDatabase();
});
afterAll(() => database?.drop());

const thrown = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

const open = (connectTimeoutMs: number) =>
  openPostgres({
    ...{ databaseUrl: database.url, effects: systemEffects, poolSize: 1, connectTimeoutMs },
    onError: () => {},
  });

it('knows that no connection was free, from a statement that failed', async () => {
  // Long enough for the first connection of a busy machine.
  const { kysely, script, close } = await open(3_000);
  await kysely.connection().execute(async (held) => {
    expect(isDatabaseAway(await thrown(sql`select 1`.execute(kysely)))).toBe(true);
    expect(isDatabaseAway(await thrown(script('select 1')))).toBe(true);
    expect(isDatabaseAway(await thrown(sql`select 1 / 0`.execute(held)))).toBe(false);
  });
  await close();
});

it.each([
  ['08006', true],
  ['57P01', true],
  ['53300', true],
  ['ECONNRESET', true],
  ['57014', false],
  ['23505', false],
])('tells by its code whether the way to the database failed: %s', (code, away) => {
  expect(isDatabaseAway(Object.assign(new Error('x'), { code }))).toBe(away);
  expect(isDatabaseAway({ code })).toBe(false);
});
