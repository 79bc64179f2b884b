import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Codes that whoever got one says they never asked for: somebody may be trying to spend what is theirs. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [
    `
  create table unrequested_codes (
    -- The message that carried the code: one word on each.
    message_id uuid primary key,
    store_id uuid not null,
    till_id uuid not null,
    about text not null check (about in ('redemption', 'login', 'approval')),
    redemption_id uuid,
    customer_id uuid,
    staff_id uuid,
    sale_ref text,
    at bigint not null
  );
  create index unrequested_codes_by_store on unrequested_codes (store_id, at);
  create trigger unrequested_codes_append_only before update or delete on unrequested_codes
    for each row execute function refuse_change();
  create trigger unrequested_codes_no_truncate before truncate on unrequested_codes
    for each statement execute function refuse_change();
`,
  ]);
}
