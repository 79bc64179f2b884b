import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, sql } from 'kysely';
import type { Engine } from '../../cloud/db/engine.ts';
import { migrate } from '../../cloud/db/migrate.ts';
import type { Database } from '../../cloud/db/schema.ts';
import { OID_INT8, parseInt8 } from '../../cloud/db/values.ts';
import { moved } from './quiet.ts';
import { assertTimeless } from './real-world.ts';

/** Jobs of the message queue, in the database like the product's, without pg-boss's own clock. */
const JOBS = `
  create table sim_jobs (id bigserial primary key, message uuid not null, delay_seconds integer not null);
  create or replace function queue_message(p_queue text, p_message uuid, p_delay_seconds integer) returns void
    language sql as $$ insert into sim_jobs (message, delay_seconds) values (p_message, p_delay_seconds) $$;
`;
const KEPT = ['gateway_identity', 'kysely_migration', 'kysely_migration_lock'];

/** The server that the gateway's processes come and go on. */
export interface SimDatabase {
  /** For looking in, never through a gateway. */
  readonly kysely: Kysely<Database>;
  /** As one gateway process has it, until that is killed. */
  connect(): Connection;
  /** All rows gone but the gateway's identity. */
  empty(): Promise<void>;
  /** Rises with everything that is written, so that what was read holds while it stays. */
  version(): Promise<string>;
  close(): Promise<void>;
}

export interface Connection {
  readonly engine: Engine;
  /** The process dies at its statement number `statements` from now, before it or right after; `onDeath` is then called. */
  dieIn(statements: number, after: boolean, onDeath: () => void): void;
  /** Dies at once: an open transaction rolls back, and nothing that it asks is answered any more. */
  kill(): void;
  readonly alive: boolean;
}

export async function openSimDatabase(): Promise<SimDatabase> {
  const pglite = await PGlite.create({ parsers: { [OID_INT8]: parseInt8 } });
  const kysely = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) });
  await migrate(kysely);
  await pglite.exec(JOBS);
  await assertTimelessFunctions(kysely);
  const tables = await sql<{
    name: string;
  }>`select tablename as name from pg_tables where schemaname = 'public'`
    .execute(kysely)
    .then(({ rows }) => rows.map(({ name }) => name).filter((name) => !KEPT.includes(name)));
  return {
    kysely,
    connect: () => connect(pglite),
    async version() {
      const { rows } = await sql<{ version: string }>`
        select pg_snapshot_xmax(pg_current_snapshot())::text as version`.execute(kysely);
      return rows[0]?.version ?? '';
    },
    async empty() {
      const names = tables.map((name) => `"${name}"`).join(', ');
      // The ledger refuses TRUNCATE by trigger; here a new shop begins.
      await pglite.exec(`set session_replication_role = replica; truncate ${names} restart identity cascade;
        set session_replication_role = origin`);
    },
    close: () => kysely.destroy(),
  };
}

/** What runs inside the database is the product's too: its functions, and what columns fill themselves with. */
async function assertTimelessFunctions(kysely: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ text: string }>`
    select prosrc as text from pg_proc where pronamespace = 'public'::regnamespace
    union all select pg_get_expr(adbin, adrelid) from pg_attrdef`.execute(kysely);
  for (const { text } of rows) assertTimeless(text);
}

type Queries = Pick<PGlite, 'query'>;

function connect(pglite: PGlite): Connection {
  let alive = true;
  let left = Number.POSITIVE_INFINITY;
  let diesAfter = false;
  let onDeath = () => {};

  function die(): void {
    alive = false;
    onDeath();
  }
  async function counted<T>(work: () => Promise<T>): Promise<T> {
    if (!alive) throw gone();
    left -= 1;
    const isLast = left <= 0;
    if (isLast && !diesAfter) {
      die();
      throw gone();
    }
    const answer = await work().finally(moved);
    if (isLast) die();
    if (!alive) throw gone();
    return answer;
  }
  const guarded = (inner: Queries) => ({
    query: (text: string, values?: unknown[], options?: object) =>
      counted(() => {
        assertTimeless(text);
        return inner.query(text, values, options);
      }),
  });
  const connection = {
    ready: true,
    closed: false,
    waitReady: Promise.resolve(),
    ...guarded(pglite),
    // What was under way when the process died is rolled back: its callback fails at its next statement, or here.
    transaction: (work: (trx: Queries) => Promise<unknown>) =>
      pglite
        .transaction(async (trx) => {
          const result = await work(guarded(trx) as unknown as Queries);
          if (!alive) throw gone();
          return result;
        })
        .finally(moved),
    close: async () => {},
  };
  const kysely = new Kysely<Database>({
    dialect: new PGliteDialect({ pglite: connection as unknown as PGlite }),
  });
  return {
    engine: {
      kind: 'pglite',
      kysely,
      listen: async () => async () => {},
      script: async () => {
        throw new Error('nothing here sends scripts');
      },
      close: async () => {},
    },
    dieIn(statements, after, told) {
      left = statements;
      diesAfter = after;
      onDeath = told;
    },
    kill() {
      alive = false;
    },
    get alive() {
      return alive;
    },
  };
}

function gone(): Error {
  return new Error('this gateway process was killed');
}
