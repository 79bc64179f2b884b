import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** What WhatsApp lets a number send, shared by all gateways on this database; and queues in which nobody's code waits behind notices. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [TABLES, TAKE, QUEUE_MESSAGE, RETRY_AT, READ, STATUSES]);
}

const TABLES = `
  create table send_numbers (
    number_id text primary key,
    -- Messages a second that Meta allows; 0: not limited here.
    per_second integer not null default 80 check (per_second between 0 and 10000),
    -- After Meta said that it was too many: this many, until then.
    slowed_to integer check (slowed_to >= 1),
    slowed_until bigint,
    -- One message to one person in so long, after a burst; 0: not limited here.
    pair_period_ms integer not null default 6000 check (pair_period_ms >= 0),
    pair_burst integer not null default 45 check (pair_burst >= 1),
    -- Different people written to outside their windows in 24 hours; null: unlimited, or not known yet.
    daily_people integer check (daily_people >= 1),
    -- As Meta last said: GREEN, YELLOW, RED, UNKNOWN.
    quality text,
    updated_at bigint not null
  );
  -- Where a process crashed, limits begin anew: not worth a log.
  create unlogged table send_buckets (
    number_id text primary key,
    -- Epoch ms from which the number owes nothing (generic cell rate algorithm, ITU-T I.371).
    free_at double precision not null
  ) with (fillfactor = 50);
  create unlogged table send_pairs (
    number_id text not null,
    contact text not null,
    free_at double precision not null,
    primary key (number_id, contact)
  ) with (fillfactor = 70);
  create index send_pairs_by_age on send_pairs (free_at);
  -- Who was written to outside their window, counted for the whole business portfolio.
  create table send_people (
    portfolio text not null,
    contact text not null,
    since double precision not null,
    primary key (portfolio, contact)
  );
  create index send_people_by_age on send_people (portfolio, since);
`;

/**
 * Which of `p_asks` ({"contact", "class", "template"}) may go now: answers for each, in order, {"wait": ms, "why"}; wait 0: it
 * may, and was counted. `class` 0 codes, 1 approvals, 2 notices: when it is tight a later class must leave room for an earlier one.
 * Nine tenths of the rate and one tenth as a burst: never more than the rate within any one second. One short transaction on
 * one row, which a process takes for all the messages that it has in hand; its commit waits for no disk.
 */
const TAKE = `
  create function send_take(p_number text, p_portfolio text, p_asks jsonb, p_open_since bigint, p_now double precision)
    returns jsonb language plpgsql as $$
  declare
    v_limits send_numbers;
    v_ask record;
    v_rate integer;
    v_interval double precision := 0;
    v_burst double precision := 0;
    v_free double precision;
    v_pair double precision;
    v_opens boolean;
    v_people bigint;
    v_wait double precision;
    v_why text;
    v_refused integer := 0;
    v_answers jsonb := '[]';
    v_day constant double precision := 86400000;
  begin
    perform set_config('synchronous_commit', 'off', true);
    select * into v_limits from send_numbers where number_id = p_number;
    v_rate := least(nullif(v_limits.per_second, 0), case when v_limits.slowed_until > p_now then v_limits.slowed_to end);
    if v_rate is not null then
      v_interval := 1000 / (0.9 * v_rate);
      v_burst := greatest(1000.0 / 9, v_interval);
    end if;
    insert into send_buckets as b (number_id, free_at) values (p_number, p_now)
      -- Nobody can owe more than a burst: a clock that was set back, or is behind another gateway's, must not wait for itself.
      on conflict (number_id) do update set free_at = least(greatest(b.free_at, p_now), p_now + v_burst + v_interval)
      returning free_at into v_free;
    for v_ask in
      select n, a ->> 'contact' as contact, (a ->> 'class')::integer as class, (a ->> 'template')::boolean as template
      from jsonb_array_elements(p_asks) with ordinality x (a, n) order by 3, 1
    loop
      v_wait := 0;
      v_why := null;
      v_opens := false;
      if v_limits.pair_period_ms > 0 then
        -- More than a burst was owed before the clock was set back.
        select greatest(free_at, p_now) into v_pair from send_pairs
          where number_id = p_number and contact = v_ask.contact
            and free_at <= p_now + v_limits.pair_period_ms * v_limits.pair_burst;
        v_pair := coalesce(v_pair, p_now);
        v_wait := v_pair - p_now - v_limits.pair_period_ms * (v_limits.pair_burst - 1);
        if v_wait > 0 then
          v_why := 'person';
        end if;
      end if;
      if v_why is null and v_limits.daily_people is not null and v_ask.template then
        v_opens := not exists (select 1 from contact_windows where contact = v_ask.contact
            and last_inbound_at > p_open_since)
          and not exists (select 1 from send_people where portfolio = p_portfolio and contact = v_ask.contact
            and since > p_now - v_day);
        if v_opens then
          if v_people is null then
            select count(*) into v_people from send_people where portfolio = p_portfolio and since > p_now - v_day;
          end if;
          -- The last tenth of the day is for codes.
          if v_people >= (case v_ask.class when 0 then v_limits.daily_people
              else v_limits.daily_people - v_limits.daily_people / 10 end) then
            v_why := 'day';
            select min(since) + v_day - p_now into v_wait from send_people
              where portfolio = p_portfolio and since > p_now - v_day;
            v_wait := coalesce(v_wait, v_day);
          end if;
        end if;
      end if;
      if v_why is null and v_interval > 0
          and v_free - p_now > v_burst * (case v_ask.class when 0 then 1 when 1 then 0.6 else 0.3 end) then
        v_why := 'rate';
        v_refused := v_refused + 1;
        v_wait := v_free - p_now - v_burst * (case v_ask.class when 0 then 1 when 1 then 0.6 else 0.3 end)
          + v_refused * v_interval;
      end if;
      if v_why is null then
        v_free := v_free + v_interval;
        if v_limits.pair_period_ms > 0 then
          insert into send_pairs (number_id, contact, free_at)
            values (p_number, v_ask.contact, v_pair + v_limits.pair_period_ms)
            on conflict (number_id, contact) do update set free_at = excluded.free_at;
        end if;
        if v_opens then
          insert into send_people (portfolio, contact, since) values (p_portfolio, v_ask.contact, p_now)
            on conflict (portfolio, contact) do update set since = excluded.since;
          v_people := v_people + 1;
        end if;
        v_wait := 0;
      end if;
      v_answers := v_answers || jsonb_build_object('n', v_ask.n, 'wait', ceil(v_wait), 'why', v_why);
    end loop;
    update send_buckets set free_at = v_free where number_id = p_number;
    return v_answers;
  end $$;
`;

/**
 * As in migration 0004; notices go by a queue of their own, whose fetchers may all wait for the number to be free without
 * holding up a code, and of the first queue codes go before approvals.
 */
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
    select q.name, jsonb_build_object('messageId', p_message), case v_kind when 'code' then 1 else 0 end, v_start,
      v_start + make_interval(secs => q.retention_seconds), q.policy, q.retry_limit, q.retry_delay, q.retry_backoff,
      q.retry_delay_max, q.expire_seconds, q.deletion_seconds
    from pgboss.queue q where q.name = case when v_kind in ('code', 'approval_request', 'approval_code') then p_queue
      else p_queue || '_notices' end;
    if not found then
      raise exception 'message queue % does not exist', p_queue;
    end if;
  end $$;
`;

/** When a message that waits is tried again, by the gateway's clock; part of the delivery that tills see. */
const RETRY_AT = `
  alter table messages add column retry_at bigint;

  create function delivery_of(m messages) returns jsonb language plpgsql immutable as $$
  begin
    return jsonb_build_object('channel', m.channel, 'state', m.state, 'reason', m.reason)
      || case when m.state = 'queued' and m.retry_at is not null then jsonb_build_object('retryAt', m.retry_at)
        else '{}'::jsonb end;
  end $$;

  create or replace function append_till_event(p_till uuid, p_data jsonb, p_at bigint) returns bigint
    language plpgsql as $$
  declare
    v_seq bigint;
    v_message messages;
    v_data jsonb := p_data;
  begin
    update tills set event_seq = event_seq + 1 where id = p_till returning event_seq into strict v_seq;
    if jsonb_typeof(p_data #> '{redemption,code}') = 'object' then
      select * into v_message from messages
        where redemption_id = (p_data #>> '{redemption,id}')::uuid order by serial desc limit 1;
      if found then
        v_data := jsonb_set(p_data, '{redemption,code,delivery}', delivery_of(v_message));
      end if;
    end if;
    insert into till_events (till_id, seq, data, created_at) values (p_till, v_seq, v_data, p_at);
    return v_seq;
  end $$;
`;

/** As in migration 0003, with `delivery_of`. */
const READ = `
  create or replace function redemption_read(p_id uuid, p_till uuid, p_key text, p_lock boolean) returns jsonb
    language plpgsql as $$
  declare
    r redemptions;
    v_doc jsonb;
  begin
    if p_lock then
      perform 1 from redemptions where id = p_id for no key update;
    end if;
    select * into r from redemptions where id = p_id and till_id = coalesce(p_till, till_id);
    if not found then
      return null;
    end if;
    select jsonb_build_object(
      'redemption', to_jsonb(r),
      'customer', jsonb_build_object('id', c.id, 'name', c.name, 'member_no', c.member_no,
        'phone_e164', c.phone_e164, 'language', c.language),
      'available', a.balance,
      'policy', (s.policy - array['approvals', 'slipDesign']) || jsonb_build_object('version', s.policy_version),
      'delivery', (select delivery_of(m) from messages m where m.redemption_id = r.id and m.serial = r.serial),
      'hashes', (select jsonb_object_agg(k.serial, encode(k.verify_hash, 'hex')) from codes k
        where k.redemption_id = r.id),
      'request', (select jsonb_build_object('hash', encode(q.request_hash, 'hex'), 'outcome', q.outcome)
        from till_requests q where q.till_id = p_till and q.idempotency_key = p_key)
    ) into strict v_doc
    from customers c, stores s, accounts a
    where c.id = r.customer_id and s.id = r.store_id
      and a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available';
    return v_doc;
  end $$;

  -- Of it what a till's view is made of.
  create function redemption_viewed(p_id uuid) returns jsonb language plpgsql stable as $$
  begin
    return (select jsonb_build_object('redemption', to_jsonb(r),
      'customer', jsonb_build_object('id', c.id, 'name', c.name, 'member_no', c.member_no,
        'phone_e164', c.phone_e164, 'language', c.language),
      'available', a.balance,
      'delivery', (select delivery_of(m) from messages m where m.redemption_id = r.id and m.serial = r.serial))
    from redemptions r, customers c, accounts a
    where r.id = p_id and c.id = r.customer_id
      and a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available');
  end $$;
`;

/**
 * As in migration 0030, with the time of trying again; and of a message that no till is told about nobody waits for the
 * till: a backlog brings thousands of them at once.
 */
const STATUSES = `
  drop function statuses_lock;
  create function statuses_lock(p_ids uuid[]) returns table (
    message_id uuid, message_till uuid, message_kind text, message_state text, message_reason text,
    template_only boolean, abandoned_wamid text, approval_id uuid,
    id uuid, till_id uuid, status text, asset text, amount bigint, currency text, sale_ref text, drawer boolean,
    created_at bigint, channel text, code_digits integer, tries_left integer, sends_max integer, serial integer,
    expires_at bigint, resend_at bigint, customer_id uuid, customer_name text, member_no text, phone_e164 text,
    language text, available bigint,
    newest_id uuid, newest_channel text, newest_state text, newest_reason text,
    newest_retry_at bigint
  ) language plpgsql as $$
  #variable_conflict use_column
  begin
    perform 1 from tills t where t.id = any(array(select distinct m.till_id from messages m where m.id = any(p_ids)
        and (m.redemption_id is not null or m.approval_id is not null))) order by t.id for no key update;
    perform 1 from messages m where m.id = any(p_ids)
        and (m.till_id is null or (m.redemption_id is null and m.approval_id is null)) order by m.id for no key update;
    return query select m.id, m.till_id, m.kind, m.state, m.reason,
        m.template_only, m.abandoned_wamid, m.approval_id,
        r.id, r.till_id, r.status, r.asset, r.amount, r.currency, r.sale_ref, r.drawer,
        r.created_at, r.channel, r.code_digits, r.tries_left, r.sends_max, r.serial,
        r.expires_at, r.resend_at, c.id, c.name, c.member_no, c.phone_e164,
        c.language, a.balance,
        w.id, w.channel, w.state, w.reason, w.retry_at
      from messages m
        left join redemptions r on r.id = m.redemption_id
        left join customers c on c.id = r.customer_id
        left join accounts a on a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available'
        left join messages w on w.redemption_id = r.id and w.serial = r.serial
      where m.id = any(p_ids) order by m.id;
  end $$;

  create or replace function statuses_write(
    p_ids uuid[], p_states text[], p_reasons text[], p_again uuid[], p_abandoned text[], p_queue text,
    p_tills uuid[], p_events jsonb, p_now bigint
  ) returns void language plpgsql as $$
  begin
    update messages m set state = x.state, reason = x.reason, retry_at = null, updated_at = p_now,
        content_sealed = case when x.state = 'queued' then m.content_sealed end
      from unnest(p_ids, p_states, p_reasons) as x(id, state, reason) where m.id = x.id;
    if cardinality(p_again) > 0 then
      update messages m set template_only = true, wamid = null, abandoned_wamid = x.wamid, updated_at = p_now
        from unnest(p_again, p_abandoned) as x(id, wamid) where m.id = x.id;
      perform queue_message(p_queue, x.id, 0) from unnest(p_again) as x(id);
    end if;
    with counted as (
      select x.till, count(*) as events from unnest(p_tills) as x(till) group by x.till
    ), moved as (
      update tills t set event_seq = t.event_seq + counted.events from counted where t.id = counted.till
        returning t.id, t.event_seq - counted.events as before
    )
    insert into till_events (till_id, seq, data, created_at)
      select x.till, moved.before + row_number() over (partition by x.till order by x.n), x.data, p_now
      from rows from (unnest(p_tills), jsonb_array_elements(p_events)) with ordinality as x(till, data, n)
        join moved on moved.id = x.till;
  end $$;
`;
