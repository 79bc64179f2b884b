import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Effects } from '../../shared/effects.ts';
import { NO_CONNECTION } from './away.ts';
import type { Engine } from './engine.ts';
import { createListener } from './listener.ts';
import type { Database } from './schema.ts';
import { OID_INT8, parseInt8 } from './values.ts';

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** No statement of the gateway comes near this; one that does must not hold locks for longer. */
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

export interface PostgresOptions {
  databaseUrl: string;
  effects: Effects;
  onError: (error: unknown) => void;
  poolSize?: number;
  /** How long a connection is waited for, free or new. Left out: 5 s. */
  connectTimeoutMs?: number;
}

/** PostgreSQL 15 or newer (`unique nulls not distinct`) behind a connection string. */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const config: pg.ClientConfig = {
    connectionString: options.databaseUrl,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'saksi-gateway',
    types: { getTypeParser: typeParser },
  };
  const pool = new pg.Pool({
    ...config,
    max: options.poolSize ?? POOL_SIZE,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  let closing = false;
  const lost = (error: Error) => {
    // A connection that is being closed has nothing left to lose.
    if (!closing) options.onError(error);
  };
  pool.on('error', lost);
  // The pool listens to idle connections only: one that is lost between two statements of a transaction would end the
  // process. Its transaction fails by itself, at the next statement.
  pool.on('connect', (client) => void client.on('error', lost));
  const listener = createListener({
    connect: async () => {
      const client = new pg.Client(config);
      await client.connect();
      return client;
    },
    effects: options.effects,
    onError: options.onError,
  });
  const borrowed = { connect: () => borrow(pool), end: () => pool.end(), options: pool.options };
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool: borrowed }) });
  try {
    await pool.query('select 1');
  } catch (error) {
    await kysely.destroy();
    throw error;
  }
  return {
    kind: 'postgres',
    kysely,
    listen: listener.listen,
    script: (text) => runScript(pool, text),
    async close() {
      closing = true;
      await listener.close();
      await kysely.destroy();
    },
  };
}

/**
 * The pool's two time-outs (no connection free, none made) are bare errors: with a code, whoever asked can tell that the
 * database was out of reach from a statement that failed.
 */
async function borrow(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    if (error instanceof Error && !('code' in error)) Object.assign(error, { code: NO_CONNECTION });
    throw error;
  }
}

async function runScript(pool: pg.Pool, text: string): Promise<Record<string, unknown>[]> {
  const client = await borrow(pool);
  try {
    const results: pg.QueryResult | pg.QueryResult[] = await client.query(text);
    client.release();
    return [results].flat().flatMap((result) => result.rows);
  } catch (error) {
    // The connection may be inside a transaction that failed: it is not used again.
    client.release(true);
    throw error;
  }
}

function typeParser(oid: number, format?: string): (text: string) => unknown {
  if (oid === OID_INT8) return parseInt8;
  return pg.types.getTypeParser(oid, format as 'text');
}
