import Database from 'better-sqlite3';
import { buildDBClient, SqliteQueue } from 'liteque';
import { better, defineQueue } from 'plainjob';
import { systemEffects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import type { OutboxMessage } from '../../shared/offline.ts';

export interface PeerQueue {
  add(stream: string, message: OutboxMessage): Promise<void>;
  close(): void;
}

/**
 * liteque: keeps an idempotency key for each job, as the outbox does. As it ships it is either in WAL with `synchronous=NORMAL`,
 * where a power cut loses jobs, or in the slow rollback journal; here it is given the till's own settings.
 */
export async function openPeerQueue(file: string): Promise<PeerQueue> {
  const jobs = buildDBClient(file, { runMigrations: true });
  // drizzle keeps the connection there, and its types hide it.
  const { client } = (jobs as unknown as { session: { client: Database.Database } }).session;
  beAsDurable(client);
  const queue = new SqliteQueue<{ stream: string; message: OutboxMessage }>('outbox', jobs, {
    defaultJobArgs: { numRetries: 20 },
    keepFailedJobs: true,
  });
  return {
    async add(stream, message) {
      await queue.enqueue({ stream, message }, { idempotencyKey: createUuid(systemEffects) });
    },
    close: () => client.close(),
  };
}

/** plainjob: a job is its text and one index; no key that keeps it from being put in twice. */
export async function openBarePeerQueue(file: string): Promise<PeerQueue> {
  const db = new Database(file);
  const queue = defineQueue({ connection: better(db) });
  beAsDurable(db);
  return {
    async add(stream, message) {
      queue.add('outbox', { stream, message });
    },
    close: () => queue.close(),
  };
}

function beAsDurable(db: Database.Database): void {
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
}
