/**
 * The queue of messages to send: pg-boss in the gateway's own database, in a schema of its own, so that a message
 * is queued by the very transaction that needs it. A job names a message and holds nothing else. What is in hand is kept a batch at a
 * time (`message_batches`, migration 0095), not with each job.
 */
import { CompiledQuery, sql } from 'kysely';
import { type Db, PgBoss } from 'pg-boss';
import type { Engine } from '../db/engine.ts';
import { type Batch, type Fetcher, startFetcher, type Taken } from './fetcher.ts';
import { type JobRow, jobOf } from './job.ts';

/** Codes and approvals. Jobs are made by the SQL functions `add_message` and `queue_message`. */
export const QUEUE = 'message_send';
/** All else: `queue_message` tells them apart, so that nobody at a till waits behind notices. */
const NOTICES = `${QUEUE}_notices`;
const SCHEMA = 'pgboss';
/** Each sends a batch at a time, so one slow answer holds up at most its own batch. */
const FETCHERS = { [QUEUE]: 3, [NOTICES]: 1 };
/** At Meta's default of 80 messages/s a number it stays at the first: what is in hand has its turn within seconds. */
const BATCH_SIZE = { first: 50, most: 200 };
/** Whoever queues a message wakes a fetcher here; this is for what other processes queued, or left behind. */
const POLL_MS = 1000;
/** Longer than a send may take; after it what a process that died had in hand is given to another. */
const IN_HAND_SECONDS = 30;
/** Times that a job may die with its process, or fail unexpectedly. Refusals by WhatsApp are not counted here. */
const JOB_RETRIES = 5;
const JOB_RETRY_DELAY_SECONDS = 2;
const JOB_RETRY_DELAY_SECONDS_MAX = 30;
/** A job outlives every code: what is still queued after it is of no use. */
const JOB_RETENTION_SECONDS = 3600;
const SUPERVISE_SECONDS = 10;
/** Key of the advisory lock; any number that nobody else uses. */
export const INSTALL_LOCK = 7_324_801;
/** A send that takes longer is given up; its job is given to another process, or to the next start. */
const STOP_TIMEOUT_MS = 5000;

export interface MessageQueue {
  start(): Promise<void>;
  /** To be called after the commit: a fetcher of this process looks at once. */
  wake(): void;
  /** @param handle rejects only for what nobody expected; the job is then tried again later */
  work(handle: (taken: Taken) => Promise<void>): Promise<void>;
  /** Finishes the jobs in hand, within a bound; the rest goes to another process or the next start. */
  stop(): Promise<void>;
}

export function createMessageQueue(engine: Engine, onError: (error: unknown) => void): MessageQueue {
  const boss = new PgBoss({
    db: adapter(engine),
    backend: engine.kind,
    schema: SCHEMA,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    // Both look at what only a server has: many sessions, and indexes large enough to bloat.
    reindex: engine.kind === 'postgres',
    monitorVacuum: engine.kind === 'postgres',
  });
  boss.on('error', onError);
  const fetchers: Fetcher[] = [];

  async function start(): Promise<void> {
    if (engine.kind === 'pglite') return install();
    // Gateways that start together on an empty database trip over each other inside pg-boss's own installation
    // (CREATE SCHEMA IF NOT EXISTS may miss a schema committed a moment ago): one after the other, then.
    await engine.kysely.connection().execute(async (connection) => {
      await sql`select pg_advisory_lock(${INSTALL_LOCK})`.execute(connection);
      try {
        await install();
      } finally {
        await sql`select pg_advisory_unlock(${INSTALL_LOCK})`.execute(connection);
      }
    });
  }

  async function install(): Promise<void> {
    await boss.start();
    for (const name of Object.keys(FETCHERS)) {
      await boss.createQueue(name, {
        retryLimit: JOB_RETRIES,
        retryDelay: JOB_RETRY_DELAY_SECONDS,
        retryBackoff: true,
        retryDelayMax: JOB_RETRY_DELAY_SECONDS_MAX,
        retentionSeconds: JOB_RETENTION_SECONDS,
      });
    }
  }

  /** One fetcher of each queue: which of them the message is in, only the database knows. */
  function wake(): void {
    for (const queue of Object.keys(FETCHERS)) {
      const its = fetchers.filter((fetcher) => fetcher.queue === queue);
      (its.find(({ idle }) => idle) ?? its[0])?.wake();
    }
  }

  /** A full batch has more behind it: another fetcher takes it up at once, not when this batch is done. */
  function wakeNext(queue: string): void {
    fetchers.find((fetcher) => fetcher.queue === queue && fetcher.idle)?.wake();
  }

  async function work(handle: (taken: Taken) => Promise<void>): Promise<void> {
    for (const [queue, count] of Object.entries(FETCHERS)) {
      for (let index = 0; index < count; index += 1) {
        const fetcher = startFetcher({
          ...{ take, end, queue, batchSize: BATCH_SIZE, pollMs: POLL_MS, handle, onError },
          onFull: () => wakeNext(queue),
        });
        fetchers.push(fetcher);
      }
    }
  }

  async function take(queue: string, max: number): Promise<Batch | null> {
    const { rows } = await sql<JobRow & { batch: number }>`
      select * from take_messages(${queue}, ${max}::integer, ${IN_HAND_SECONDS}::integer)`.execute(
      engine.kysely,
    );
    const [first] = rows;
    if (first === undefined) return null;
    return { id: first.batch, messages: rows.map((row) => ({ messageId: row.id, job: jobOf(row) })) };
  }

  async function end(batchId: number, again: readonly string[], when: 'later' | 'at once'): Promise<void> {
    await sql`select end_message_batch(${batchId}::bigint, ${[...again]}::uuid[], ${when === 'at once'})`.execute(
      engine.kysely,
    );
  }

  async function stop(): Promise<void> {
    await Promise.all(fetchers.splice(0).map((fetcher) => fetcher.stop(STOP_TIMEOUT_MS)));
    await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
  }

  return { start, wake, work, stop };
}

/** pg-boss sends single statements with parameters, and scripts of several statements without. */
function adapter(engine: Engine): Db {
  return {
    async executeSql(text, values) {
      if (values === undefined || values.length === 0) return { rows: await engine.script(text) };
      const result = await engine.kysely.executeQuery<Record<string, unknown>>(
        CompiledQuery.raw(text, values),
      );
      return { rows: result.rows };
    },
  };
}
