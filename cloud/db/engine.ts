import { type Kysely, sql } from 'kysely';
import { type Effects, systemEffects } from '../../shared/effects.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import type { Database } from './schema.ts';

export type Unlisten = () => Promise<void>;

/** The database behind the gateway: one SQL dialect, two engines. */
export interface Engine {
  readonly kind: 'pglite' | 'postgres';
  readonly kysely: Kysely<Database>;
  /**
   * Calls back with the payload of each NOTIFY on `channel` (1 to 63 of a-z, 0-9, _), also of those sent by other
   * processes. On Postgres a lost connection is opened again with backoff, and NOTIFYs of the gap are lost: whoever
   * must not miss one polls as well.
   */
  listen(channel: string, onPayload: (payload: string) => void): Promise<Unlisten>;
  /**
   * Runs several statements at once on one connection (simple protocol, no parameters), also ones with their own
   * BEGIN and COMMIT, which are rolled back when one fails. Answers the rows of all of them, in order.
   */
  script(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export type DatabaseLocation =
  | { databaseUrl: string }
  | { folder: string }
  | { memory: true; image?: string };

export type DatabaseOptions = DatabaseLocation & {
  effects?: Effects;
  /** Failures that belong to no call: an idle connection that broke, a listener that threw. */
  onError?: (error: unknown) => void;
  /** Connections of the Postgres pool. */
  poolSize?: number;
};

/** Opens the database without touching its schema. Throws when it cannot be reached, or the folder is in use. */
export async function openEngine(options: DatabaseOptions): Promise<Engine> {
  const effects = options.effects ?? systemEffects;
  const onError = options.onError ?? rethrow;
  if ('databaseUrl' in options) {
    return openPostgres({
      databaseUrl: options.databaseUrl,
      effects,
      onError,
      ...(options.poolSize === undefined ? {} : { poolSize: options.poolSize }),
    });
  }
  return openPglite(options, onError);
}

/** Opens the database and brings its schema up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Engine> {
  const engine = await openEngine(options);
  try {
    await migrate(engine.kysely);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

/** NOTIFY inside the transaction `db`: delivered when it commits, never when it rolls back. Payload under 8000 bytes. */
export async function notify(db: Kysely<Database>, channel: string, payload: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(db);
}

function rethrow(error: unknown): never {
  throw error;
}
