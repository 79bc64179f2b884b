import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMemoryDatabase } from '../../test/fixtures/engines.ts';
import type { Engine } from './engine.ts';
import { keepUp } from './upkeep.ts';

/** PostgreSQL gathers what it counts of changes and notes it at most once a second. */
const NOTED_WITHIN_MS = 15_000;

describe('the upkeep of the embedded database', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openMemoryDatabase();
  });
  afterAll(() => engine.close());

  const sizeOf = async (table: string) => {
    const { rows } = await sql<{ size: number }>`select pg_relation_size(${table}::regclass) as size`.execute(
      engine.kysely,
    );
    return rows[0]?.size ?? 0;
  };
  /** A queue: what comes is soon gone again. */
  async function passThrough(rows: number): Promise<void> {
    await sql`insert into credit_due (message_id) select gen_random_uuid() from generate_series(1, ${rows}::integer)`.execute(
      engine.kysely,
    );
    await sql`delete from credit_due`.execute(engine.kysely);
  }
  async function untilVacuumed(table: string): Promise<void> {
    const until = Date.now() + NOTED_WITHIN_MS;
    while (!(await keepUp(engine)).includes(table)) {
      if (Date.now() > until) throw new Error(`${table} was not vacuumed`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  it('gives the place of deleted rows free again', async () => {
    for (let turn = 0; turn < 10; turn += 1) await passThrough(90);
    const grown = await sizeOf('credit_due');
    expect(grown).toBeGreaterThan(40_000);
    await untilVacuumed('public.credit_due');
    expect(await sizeOf('credit_due')).toBe(0);
  });

  it('tells the planner how large a table became', async () => {
    const staged = sql`insert into web_events (what, at) select 'sign_in', n from generate_series(1, 3000) n`;
    await staged.execute(engine.kysely);
    await untilVacuumed('public.web_events');
    const { rows } = await sql<{
      rows: number;
    }>`select reltuples::integer as rows from pg_class where oid = 'web_events'::regclass`.execute(
      engine.kysely,
    );
    expect(rows[0]?.rows).toBe(3000);
  });

  it('leaves alone what hardly changed', async () => {
    for (let look = 0; look < 20 && (await keepUp(engine)).length > 0; look += 1);
    await passThrough(20);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await sql`select 1`.execute(engine.kysely);
    expect(await keepUp(engine)).not.toContain('public.credit_due');
  });
});
