import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** A finding is told of again when it became more severe. Of those told of before this it is not known how severe they were. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, ["alter table alerts add column severity text not null default 'high';"]);
}
