import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** What was done on the pages stays for good; the session that did it is forgotten some time after its end. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, ['alter table web_events drop constraint web_events_session_id_fkey;']);
}
