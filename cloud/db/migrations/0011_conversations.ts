import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** How staff are known on WhatsApp, what they write to us, and the messages to them beside customers' codes. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [IDENTITIES, INBOUND, MESSAGES]);
}

/**
 * Nobody is asked before their number or account was verified. `user_id` is Meta's business-scoped one, and is only ever
 * written by a verified exchange.
 */
const IDENTITIES = `
  create table staff_identities (
    staff_id uuid primary key references staff,
    phone_e164 text check (phone_e164 ~ '^\\+[1-9][0-9]{6,14}$'),
    user_id text,
    username text,
    verified_at bigint not null,
    how text not null check (how in ('exchange', 'admin')),
    check (num_nonnulls(phone_e164, user_id) >= 1),
    check (how = 'exchange' or user_id is null)
  );
  create index staff_identities_by_phone on staff_identities (phone_e164);
  create index staff_identities_by_user on staff_identities (user_id);

  create table enrolment_words (
    word_hash text primary key,
    staff_id uuid not null references staff,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
  );
  create index enrolment_words_by_staff on enrolment_words (staff_id);
`;

/**
 * Messages from people, each once by its id. The body is sealed and goes when it was handled; the id stays longer than
 * Meta repeats a webhook. \`sender\` and \`contact\` are keyed hashes.
 */
const INBOUND = `
  create table inbound_messages (
    wamid text primary key,
    id bigint generated always as identity,
    sender text not null,
    sent_at bigint not null,
    received_at bigint not null,
    body_sealed text,
    attempts integer not null default 0,
    outcome text,
    replied boolean not null default false,
    handled_at bigint,
    check ((handled_at is null) = (outcome is null))
  );
  create index inbound_messages_due on inbound_messages (id) where handled_at is null;
  create index inbound_messages_by_sender on inbound_messages (sender, id);
  create index inbound_messages_by_age on inbound_messages (received_at);

  create table contact_windows (
    contact text primary key,
    last_inbound_at bigint not null
  ) with (fillfactor = 70);
  create index contact_windows_by_age on contact_windows (last_inbound_at);
`;

const MESSAGES = `
  alter table messages alter column store_id drop not null;
  alter table messages alter column till_id drop not null;
  alter table messages alter column redemption_id drop not null;
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check
    check (kind in ('code', 'approval_request', 'approval_code', 'note'));
  alter table messages add column approval_id uuid references approvals;
  alter table messages add column approval_ref text;
  alter table messages add column content jsonb;
  alter table messages add column template_only boolean;
  alter table messages add column abandoned_wamid text;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'note' then content is not null
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);
  create unique index messages_by_approval on messages (approval_ref, kind) where approval_ref is not null;
`;
