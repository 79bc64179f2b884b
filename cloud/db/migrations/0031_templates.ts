import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** The templates of each WhatsApp business account as Meta has them, and what Meta tells about the account. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [TEMPLATES, ACCOUNT_EVENTS]);
}

/**
 * One row for each name and language at Meta. Meta takes no quick edits of approved words, so changed words are a new
 * version with a name of its own: \`base\` for the first, \`base_v2\` and so on. \`shape\`: how many words and buttons a message
 * of it has; an older version of the same shape can stand in while the newest is looked at.
 */
const TEMPLATES = `
  create table message_templates (
    waba_id text not null,
    name text not null,
    language text not null,
    base text not null,
    version integer not null check (version >= 1),
    category text not null,
    -- Null: made by somebody else, with words that are not known to be ours.
    words_hash text,
    shape text,
    meta_id text,
    status text not null check (status in
      ('draft', 'pending', 'approved', 'rejected', 'paused', 'disabled', 'in_appeal')),
    reason text,
    quality text,
    -- By Meta's clock where Meta says when; news that are older change nothing.
    status_at bigint not null,
    checked_at bigint,
    created_at bigint not null,
    primary key (waba_id, name, language),
    unique (waba_id, base, language, version)
  );

  -- When all templates of an account were last read. Before the first time nothing is known of them.
  create table template_syncs (
    waba_id text primary key,
    synced_at bigint not null
  );
`;

const ACCOUNT_EVENTS = `
  create table account_events (
    key text primary key,
    waba_id text not null,
    field text not null,
    facts jsonb not null,
    occurred_at bigint not null,
    received_at bigint not null
  );
  create index account_events_by_account on account_events (waba_id, occurred_at);
  create trigger account_events_append_only before update or delete on account_events
    for each row execute function refuse_change();
`;
