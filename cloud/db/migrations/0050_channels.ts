import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Channels beside WhatsApp: their settings, where customers are reached and what they agreed to, and which way a code went. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [SETTINGS, CUSTOMERS, CONSENTS, MESSAGES, SENDS, NOTICES]);
}

const SETTINGS = `
  -- One of a kind for all stores of this gateway; JSON with its secrets, sealed.
  create table channel_settings (
    kind text primary key check (kind in ('sms', 'email')),
    settings_sealed text not null,
    updated_at bigint not null
  );
  -- Apart from the policy, of which slips' logos are the largest part: read by every look for codes that did not arrive.
  alter table stores add column channels jsonb generated always as (policy -> 'channels') stored;
`;

const CUSTOMERS = `
  alter table customers add column email text
    check (length(email) between 3 and 254 and email ~ '^[^@[:space:]]+@[^@[:space:]]+$');
  -- Which other channels this customer takes codes over; null: any that the shop has.
  alter table customers add column code_channels text[] check (code_channels <@ array['sms', 'email']);
`;

/** What a customer said, each change of mind a row; the newest counts. Codes need no consent: they are asked for at the till. */
const CONSENTS = `
  create table consents (
    id bigint generated always as identity primary key,
    customer_id uuid not null references customers,
    store_id uuid not null,
    purpose text not null check (purpose in ('notices')),
    given boolean not null,
    how text not null check (how in ('whatsapp', 'operator')),
    -- The message that said so, or what the operator wrote down.
    source text not null,
    at bigint not null
  );
  create index consents_newest on consents (customer_id, purpose, id desc);
  create trigger consents_append_only before update or delete on consents
    for each row execute function refuse_change();
  create trigger consents_no_truncate before truncate on consents
    for each statement execute function refuse_change();
`;

const MESSAGES = `
  alter table messages drop constraint messages_channel_check;
  alter table messages add constraint messages_channel_check check (channel in ('whatsapp', 'sms', 'email'));
  -- Since when it is on its channel; null: since it was queued.
  alter table messages add column channel_since bigint;
  -- Somebody has it in hand until then: two jobs of one message must not send it twice.
  alter table messages add column sending_until bigint;
  -- There is no other way for it any more.
  alter table messages add column fallback_over boolean;
`;

const SENDS = `
  create table channel_moves (
    message_id uuid not null,
    at bigint not null,
    from_channel text not null,
    to_channel text not null,
    -- How far it had come, and why it failed there; null: it did not arrive in time.
    state text not null,
    reason text,
    primary key (message_id, to_channel)
  );
  create trigger channel_moves_append_only before update or delete on channel_moves
    for each row execute function refuse_change();

  -- Each attempt over another channel. \`code\`: what the network, the provider or the server answered.
  create table channel_sends (
    id bigint generated always as identity primary key,
    message_id uuid not null,
    channel text not null,
    outcome text not null check (outcome in ('accepted', 'refused')),
    code text,
    provider_id text,
    at bigint not null
  );
  create index channel_sends_by_message on channel_sends (message_id);
  create trigger channel_sends_append_only before update or delete on channel_sends
    for each row execute function refuse_change();
`;

const NOTICES = `
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check check (kind in
    ('code', 'approval_request', 'approval_code', 'note', 'sealed_codes', 'offline_spent', 'offline_loss',
     'drawer_alert', 'credit_low', 'notice'));
  alter table messages drop constraint messages_subject;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'note' then content is not null
    when 'sealed_codes' then num_nonnulls(store_id, staff_id) = 2 and content is null
    when 'offline_spent' then num_nonnulls(store_id, content) = 2
    when 'offline_loss' then num_nonnulls(store_id, content) = 2
    when 'drawer_alert' then num_nonnulls(store_id, content) = 2
    when 'credit_low' then num_nonnulls(store_id, content) = 2
    when 'notice' then num_nonnulls(store_id, content) = 2
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);

  -- How far the ledger was looked at for notices; nothing of before the first look is told.
  create table notice_cursor (
    only_row boolean primary key default true check (only_row),
    transfer_id bigint not null,
    looked_at bigint not null
  );
  insert into notice_cursor (transfer_id, looked_at) values (0, 0);

  create table notices (
    transfer_id bigint not null,
    purpose text not null check (purpose in ('customer', 'managers')),
    at bigint not null,
    primary key (transfer_id, purpose)
  );
  create index notices_by_age on notices (at);
`;
