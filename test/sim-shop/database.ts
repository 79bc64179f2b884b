import { PGlite } from '@electric-sql/pglite';
import { Kysely, sql } from 'kysely';
import type { Engine } from '../../cloud/db/engine.ts';
import { migrate } from '../../cloud/db/migrate.ts';
import type { Database } from '../../cloud/db/schema.ts';
import { OID_INT8, parseInt8 } from '../../cloud/db/values.ts';
import { moved } from './quiet.ts';
import { assertTimeless } from './real-world.ts';
import { type Guard, Session, sessionDialect } from './session.ts';

/** Jobs of the message queue, in the database like the product's, without pg-boss's own clock. */
const JOBS = `
  create table sim_jobs (id bigserial primary key, message uuid not null, delay_seconds integer not null);
  create or replace function queue_job(p_queue text, p_kind text, p_message uuid, p_delay_seconds integer) returns void
    language sql as $$ insert into sim_jobs (message, delay_seconds) values (p_message, p_delay_seconds) $$;
`;

/** What a database that ends with its process can do without; the log of changes lies in memory too, so it is kept short. */
const SETTINGS = {
  ...{ full_page_writes: 'off', synchronous_commit: 'off', wal_level: 'minimal', max_wal_senders: '0' },
  ...{ min_wal_size: '32MB', max_wal_size: '48MB', track_activities: 'off', track_counts: 'off' },
};

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
  const startParams = [
    ...PGlite.defaultStartParams,
    ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const pglite = await PGlite.create({ parsers: { [OID_INT8]: parseInt8 }, startParams });
  const session = new Session(pglite);
  const kysely = new Kysely<Database>({ dialect: sessionDialect(session, async (_text, work) => work()) });
  await migrate(kysely);
  await pglite.exec(JOBS);
  await assertTimelessFunctions(kysely);
  // Rows that a migration put in are part of the schema.
  const kept = ['gateway_identity', ...(await writtenTables(kysely))];
  return {
    kysely,
    connect: () => connect(session),
    async version() {
      const { rows } = await sql<{ version: string }>`
        select pg_snapshot_xmax(pg_current_snapshot())::text as version`.execute(kysely);
      return rows[0]?.version ?? '';
    },
    empty: () => empty(kysely, kept),
    async close() {
      await kysely.destroy();
      await pglite.close();
    },
  };
}

/** Truncating is dear: only what a run wrote to. The ledger refuses it by trigger; here a new shop begins. */
async function empty(kysely: Kysely<Database>, kept: readonly string[]): Promise<void> {
  await kysely.connection().execute(async (one) => {
    const names = (await writtenTables(one)).filter((name) => !kept.includes(name));
    if (names.length === 0) return;
    await sql`set session_replication_role = replica`.execute(one);
    await sql`truncate ${sql.join(names.map((name) => sql.table(name)))} restart identity cascade`.execute(
      one,
    );
    await sql`set session_replication_role = origin`.execute(one);
    // A number that was drawn and rolled back leaves no row behind.
    await sql`select setval(seqrelid, seqstart, false) from pg_sequence order by seqrelid`.execute(one);
  });
}

async function writtenTables(kysely: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0
    order by relname`.execute(kysely);
  return rows.map(({ name }) => name);
}

/** What runs inside the database is the product's too: its functions, and what columns fill themselves with. */
async function assertTimelessFunctions(kysely: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ text: string }>`
    select prosrc as text from pg_proc where pronamespace = 'public'::regnamespace
    union all select pg_get_expr(adbin, adrelid) from pg_attrdef`.execute(kysely);
  for (const { text } of rows) assertTimeless(text);
}

const timeless = new Set<string>();

function assertOnceTimeless(text: string): void {
  if (timeless.has(text)) return;
  assertTimeless(text);
  timeless.add(text);
}

function connect(session: Session): Connection {
  let alive = true;
  let left = Number.POSITIVE_INFINITY;
  let diesAfter = false;
  let onDeath = () => {};

  function die(): void {
    alive = false;
    onDeath();
  }
  // BEGIN and COMMIT are statements too: a process that dies after its COMMIT does not know that it is done.
  const guard: Guard = async (text, work) => {
    if (!alive) throw gone();
    assertOnceTimeless(text);
    left -= 1;
    const isLast = left <= 0;
    if (isLast && !diesAfter) {
      die();
      throw gone();
    }
    moved();
    const answer = work();
    if (isLast) {
      die();
      throw gone();
    }
    return answer;
  };
  const kysely = new Kysely<Database>({ dialect: sessionDialect(session, guard) });
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
