import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/fixtures/gateway.ts';
import { createMigratedDatabase } from '../../test/fixtures/postgres.ts';
import { type Engine, openDatabase } from '../db/engine.ts';
import { createMessageQueue, INSTALL_LOCK } from './queue.ts';

let drop: () => Promise<void>;
let engines: Engine[];
beforeAll(async () => {
  const database = await createMigratedDatabase();
  drop = database.drop;
  engines = [];
  for (let count = 0; count < 8; count += 1) engines.push(await openDatabase({ databaseUrl: database.url }));
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await drop();
});

/** pg-boss's own installation lock: whoever holds it keeps installations waiting between their look and their work. */
const BOSS_LOCK = sql`('x' || encode(sha224((current_database() || '.pgboss.pgboss')::bytea), 'hex'))::bit(64)::bigint`;

it('is installed once by gateways that start at the same moment', async () => {
  const [holder, ...others] = engines as [Engine, ...Engine[]];
  const release = await holdLock(holder);
  const errors: unknown[] = [];
  const queues = others.map((engine) => createMessageQueue(engine, (error) => void errors.push(error)));
  const starting = Promise.allSettled(queues.map((queue) => queue.start()));
  // One is at pg-boss's lock; the others wait for ours, before they even look whether it is installed.
  await eventually(async () => {
    const { rows } = await sql<{ waiting: number }>`select count(*)::int as waiting from pg_locks
      where locktype = 'advisory' and not granted and objid = ${INSTALL_LOCK}::oid`.execute(holder.kysely);
    return rows[0]?.waiting === queues.length - 1;
  }, 'all but one to wait');
  await release();
  const started = await starting;
  await Promise.all(queues.map((queue) => queue.stop()));
  expect(started.map((it) => (it.status === 'rejected' ? String(it.reason) : 'started'))).toEqual(
    queues.map(() => 'started'),
  );
  expect(errors).toEqual([]);
});

async function holdLock(engine: Engine): Promise<() => Promise<void>> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = () => {};
  const holding = new Promise<void>((resolve) => {
    held = resolve;
  });
  const done = engine.kysely.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${BOSS_LOCK})`.execute(trx);
    held();
    await released;
  });
  await holding;
  return () => {
    release();
    return done;
  };
}
