import Database from 'better-sqlite3';
import { better, defineQueue } from 'plainjob';
import type { OutboxMessage } from '../../shared/offline.ts';

export interface PeerQueue {
  add(stream: string, message: OutboxMessage): Promise<void>;
  close(): void;
}

/** plainjob, on the same SQLite and as durable as the till's own. */
export async function openPeerQueue(file: string): Promise<PeerQueue> {
  const db = new Database(file);
  const queue = defineQueue({ connection: better(db) });
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  return {
    async add(stream, message) {
      queue.add('outbox', { stream, message });
    },
    close() {
      queue.close();
    },
  };
}
