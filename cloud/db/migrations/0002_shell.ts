import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** The gateway's identity, pairing, tills' event streams, messages and what WhatsApp says about them. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [IDENTITY, EVENTS, MESSAGES, APPEND_TILL_EVENT]);
}

const IDENTITY = `
  create table gateway_identity (
    only_row boolean primary key default true check (only_row),
    gateway_id uuid not null,
    key_id text not null,
    public_x text not null,
    private_sealed text not null,
    created_at bigint not null
  );

  create table whatsapp_accounts (
    id text primary key,
    phone_number_id text,
    waba_id text,
    access_token_sealed text,
    app_secret_sealed text,
    verify_token_sealed text,
    updated_at bigint not null
  );

  create table pairing_codes (
    secret_hash text primary key,
    till_id uuid not null references tills,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
  );
  create index pairing_codes_by_till on pairing_codes (till_id);
`;

const EVENTS = `
  create table till_events (
    till_id uuid not null,
    seq bigint not null,
    data jsonb not null,
    created_at bigint not null,
    primary key (till_id, seq)
  );
  create index till_events_by_age on till_events (created_at);
`;

const MESSAGES = `
  create table messages (
    id uuid primary key,
    store_id uuid not null,
    till_id uuid not null,
    redemption_id uuid not null references redemptions,
    serial integer not null check (serial >= 1),
    kind text not null check (kind in ('code')),
    channel text not null check (channel in ('whatsapp')),
    recipient_sealed text not null,
    language text not null,
    template text,
    state text not null check (state in ('queued', 'accepted', 'sent', 'delivered', 'read', 'failed')),
    reason text,
    wamid text unique,
    attempts integer not null default 0 check (attempts >= 0),
    created_at bigint not null,
    expires_at bigint not null,
    updated_at bigint not null,
    unique (redemption_id, serial)
  ) with (fillfactor = 70);
  create index messages_waiting on messages (store_id) where state = 'queued';

  create table message_events (
    id bigint generated always as identity,
    wamid text not null,
    status text not null check (status in ('sent', 'delivered', 'read', 'failed')),
    correlation_id uuid,
    error_code integer,
    occurred_at bigint not null,
    received_at bigint not null,
    applied_at bigint,
    primary key (wamid, status)
  );
  create index message_events_due on message_events (id) where applied_at is null;
  create index message_events_by_age on message_events (received_at);
`;

/**
 * Gives the event the till's next number and keeps it. The till's row stays locked until the transaction ends, so
 * numbers rise in commit order and leave no gap. The delivery state is read after that lock was taken: whoever built
 * the event may have looked before another transaction recorded a newer one.
 */
const APPEND_TILL_EVENT = `
  create function append_till_event(p_till uuid, p_data jsonb, p_at bigint) returns bigint language plpgsql as $$
  declare
    v_seq bigint;
    v_delivery jsonb;
    v_data jsonb := p_data;
  begin
    update tills set event_seq = event_seq + 1 where id = p_till returning event_seq into strict v_seq;
    if jsonb_typeof(p_data #> '{redemption,code}') = 'object' then
      select jsonb_build_object('channel', channel, 'state', state, 'reason', reason) into v_delivery
        from messages where redemption_id = (p_data #>> '{redemption,id}')::uuid order by serial desc limit 1;
      if found then
        v_data := jsonb_set(p_data, '{redemption,code,delivery}', v_delivery);
      end if;
    end if;
    insert into till_events (till_id, seq, data, created_at) values (p_till, v_seq, v_data, p_at);
    return v_seq;
  end $$;
`;
