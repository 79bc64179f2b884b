import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Codes at sign-in: the logins that wait for one, what happened to each, and their messages. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [LOGINS, EVENTS, MESSAGES, CATEGORY, CHARGE, QUEUE_MESSAGE]);
}

/**
 * A code itself is a row of `codes`, whose `redemption_id` is then the login's id: sign-ins and redemptions share the limits
 * per phone, till and store.
 */
const LOGINS = `
  alter table staff add column logins_from bigint not null default 0;

  create table logins (
    id uuid primary key,
    store_id uuid not null,
    till_id uuid not null,
    staff_id uuid not null references staff,
    status text not null check (status in ('awaiting_code', 'passed', 'failed', 'expired')),
    phone_masked text not null,
    code_digits integer not null,
    code_ttl_ms bigint not null,
    tries_left integer not null check (tries_left >= 0),
    sends_max integer not null,
    resend_after_ms bigint not null,
    serial integer not null check (serial between 1 and sends_max),
    expires_at bigint not null,
    resend_at bigint not null,
    created_at bigint not null,
    ended_at bigint,
    -- Until when the till is remembered for the person; null: it is not.
    remembered_until bigint,
    check ((status = 'awaiting_code') = (ended_at is null)),
    check (remembered_until is null or status = 'passed')
  ) with (fillfactor = 70);
  create unique index logins_one_open on logins (till_id, staff_id) where status = 'awaiting_code';
  create index logins_by_staff on logins (staff_id, created_at);
`;

/** What happened at sign-ins, by whom; never a code. */
const EVENTS = `
  create table login_events (
    seq bigint generated always as identity primary key,
    login_id uuid not null references logins,
    store_id uuid not null,
    till_id uuid not null,
    staff_id uuid not null,
    what text not null check (what in ('asked', 'resent', 'wrong', 'superseded', 'passed', 'failed', 'expired')),
    remembered boolean not null default false,
    at bigint not null
  );
  create index login_events_by_store on login_events (store_id, at);
  create trigger login_events_append_only before update or delete on login_events
    for each row execute function refuse_change();
  create trigger login_events_no_truncate before truncate on login_events
    for each statement execute function refuse_change();
`;

const MESSAGES = `
  alter table messages add column login_id uuid;
  create unique index messages_by_login on messages (login_id, serial) where login_id is not null;
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check check (kind in
    ('code', 'login_code', 'approval_request', 'approval_code', 'note', 'sealed_codes', 'offline_spent', 'offline_loss',
     'drawer_alert', 'credit_low', 'notice'));
  alter table messages drop constraint messages_subject;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'login_code' then num_nonnulls(store_id, till_id, staff_id, login_id) = 4
    when 'note' then content is not null
    when 'sealed_codes' then num_nonnulls(store_id, staff_id) = 2 and content is null
    when 'offline_spent' then num_nonnulls(store_id, content) = 2
    when 'offline_loss' then num_nonnulls(store_id, content) = 2
    when 'drawer_alert' then num_nonnulls(store_id, content) = 2
    when 'credit_low' then num_nonnulls(store_id, content) = 2
    when 'notice' then num_nonnulls(store_id, content) = 2
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);
`;

const CATEGORY = `
  create or replace function message_category(p_kind text) returns text language sql immutable as $$
    select case when p_kind in ('code', 'login_code', 'approval_code') then 'authentication' when p_kind = 'note' then 'service'
      else 'utility' end
  $$;
`;

/** As in migration 0032; a code at sign-in is refused like a customer's where the credit is used up. */
const CHARGE = `
  create or replace function charge_message() returns trigger language plpgsql as $$
  declare
    v_policy jsonb;
    v_currency text;
    v_category text := message_category(new.kind);
    v_price bigint;
    v_credit credit_accounts;
    v_floor numeric := 0;
    v_outcome text := 'held';
  begin
    if new.store_id is null then
      return new;
    end if;
    select message_credit, currency into strict v_policy, v_currency from stores where id = new.store_id;
    v_price := message_price(v_currency, v_category, new.country, new.created_at);
    if v_price > 0 and new.state <> 'failed' then
      select * into strict v_credit from credit_accounts
        where store_id = new.store_id and kind = 'store_credit' for no key update;
      if new.state = 'queued' and new.kind <> 'credit_low' and coalesce((v_policy ->> 'enforce')::boolean, false) then
        if v_policy #> '{overdraw,kinds}' ? new.kind then
          v_floor := -(v_policy #>> '{overdraw,messages}')::numeric * v_price;
        end if;
        if v_credit.balance - v_price < v_floor then
          if new.kind in ('code', 'login_code') then
            raise exception 'message credit is used up'
              using errcode = 'integrity_constraint_violation', constraint = 'message_credit';
          end if;
          new.state := 'failed';
          new.reason := 'credit_empty';
        end if;
      end if;
    end if;
    if new.state = 'failed' then
      v_outcome := 'returned';
    elsif v_price > 0 then
      insert into credit_transfers (debit_account_id, credit_account_id, amount, kind, message_id, idempotency_key,
          posted_at)
        select v_credit.id, id, v_price, 'hold', new.id, 'message/' || new.id || '/0', new.created_at
        from credit_accounts where store_id = new.store_id and kind = 'credit_held';
      update credit_accounts set balance = balance + case kind when 'credit_held' then v_price else -v_price end
        where store_id = new.store_id and kind in ('store_credit', 'credit_held');
    end if;
    insert into message_charges (message_id, store_id, till_id, kind, category, country, price, outcome, created_at)
      values (new.id, new.store_id, new.till_id, new.kind, v_category, new.country, v_price, v_outcome, new.created_at);
    -- Kept when it was on its way already.
    if new.state not in ('queued', 'failed') then
      insert into credit_due (message_id) values (new.id);
    end if;
    return new;
  end $$;
`;

/** As in migration 0033; somebody at a till waits for a code at sign-in as well. */
const QUEUE_MESSAGE = `
  create or replace function queue_message(p_queue text, p_message uuid, p_delay_seconds integer) returns void
    language plpgsql as $$
  declare
    v_start timestamptz := now() + make_interval(secs => p_delay_seconds);
    v_kind text;
  begin
    select kind into v_kind from messages where id = p_message;
    insert into pgboss.job (
      name, data, priority, start_after, keep_until, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max,
      expire_seconds, deletion_seconds
    )
    select q.name, jsonb_build_object('messageId', p_message), case when v_kind in ('code', 'login_code') then 1 else 0 end,
      v_start, v_start + make_interval(secs => q.retention_seconds), q.policy, q.retry_limit, q.retry_delay, q.retry_backoff,
      q.retry_delay_max, q.expire_seconds, q.deletion_seconds
    from pgboss.queue q where q.name = case
      when v_kind in ('code', 'login_code', 'approval_request', 'approval_code') then p_queue
      else p_queue || '_notices' end;
    if not found then
      raise exception 'message queue % does not exist', p_queue;
    end if;
  end $$;
`;
