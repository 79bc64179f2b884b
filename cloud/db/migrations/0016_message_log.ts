import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** The message log's pages: a store's messages, newest first. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, ['create index messages_log on messages (store_id, created_at desc, id desc);']);
}
