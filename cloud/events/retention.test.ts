import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import { pruneEvents } from './retention.ts';

const DAY_MS = 86_400_000;

describeOnBothEngines('the forgetting of old events', (getEngine) => {
  it('forgets those older than a week of each till, a bounded number of one till at a time, and keeps the rest', async () => {
    const engine = getEngine();
    const { kysely } = engine;
    const world = redemptionWorld(engine, systemEffects.clock);
    const storeId = await world.addStore();
    const [busy, calm] = [(await world.addTill(storeId)).tillId, (await world.addTill(storeId)).tillId];
    const now = Date.now();
    const add = (till: string, from: number, to: number, at: number) =>
      sql`insert into till_events (till_id, seq, data, created_at)
        select ${till}::uuid, n, '{}', ${at}::bigint from generate_series(${from}::bigint, ${to}::bigint) as n`.execute(
        kysely,
      );
    // As they may lie in the table, where room of forgotten ones was used again.
    await add(busy, 1501, 1510, now - 6 * DAY_MS);
    await add(busy, 1, 1500, now - 8 * DAY_MS);
    await add(calm, 1, 3, now - 8 * DAY_MS);
    await add(calm, 4, 4, now);
    const kept = async (till: string) => {
      const { rows } = await sql<{ first: number; count: number }>`
        select min(seq)::int as first, count(*)::int as count from till_events where till_id = ${till}::uuid`.execute(
        kysely,
      );
      return rows[0];
    };
    await pruneEvents(engine, now);
    expect([await kept(busy), await kept(calm)]).toEqual([
      { first: 1001, count: 510 },
      { first: 4, count: 1 },
    ]);
    await pruneEvents(engine, now);
    await pruneEvents(engine, now);
    expect(await kept(busy)).toEqual({ first: 1501, count: 10 });
  });

  it('forgets old statuses that were taken over, or belonged to nobody', async () => {
    const engine = getEngine();
    const { kysely } = engine;
    const now = Date.now();
    const add = (at: number) =>
      sql`insert into message_events (wamid, status, occurred_at, received_at) values (${randomUUID()}, 'sent', ${at}, ${at})`.execute(
        kysely,
      );
    await add(now - 31 * DAY_MS);
    await add(now - 29 * DAY_MS);
    await pruneEvents(engine, now);
    const rows = await kysely.selectFrom('message_events').select('received_at').execute();
    expect(rows).toEqual([{ received_at: now - 29 * DAY_MS }]);
  });
});
