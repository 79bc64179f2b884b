import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * What each redemption costs besides its own rows: its audit events and the message's job. Measured on the embedded database, where
 * a statement inside a function costs more than the row that it writes; so there are fewer of them here.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [THEN, LINK, DROP, MADE, CHANGED, CAPTURE_MANY, QUEUE_JOB]);
}

/** A second event of the same change and the same particulars, linked right after the first. */
const THEN = `
  alter table audit_staged
    add column then_kind text check (then_kind ~ '^[a-z_]+\\.[a-z_]+$'),
    add column then_detail text,
    add constraint audit_staged_then check ((then_kind is null) = (then_detail is null));
`;

/** As in migration 0070, with \`then_kind\`. */
const LINK = `
  create or replace function audit_link(p_limit integer, p_now bigint) returns integer language plpgsql as $$
  declare
    c_nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    c_start constant bytea := decode(repeat('0', 64), 'hex');
    v_ids bigint[];
    v_count integer;
  begin
    -- A lock is a write: an idle gateway makes none.
    if not exists (select 1 from audit_staged) then
      return 0;
    end if;
    perform audit_write_lock();
    v_ids := array(select id from audit_staged order by id limit p_limit);
    insert into audit_chains (source, owner, store_id, base_hash, seq, hash)
      select distinct 'gateway', coalesce(s.store_id, c_nobody), s.store_id, c_start, 0, c_start
      from audit_staged s
      where s.id = any(v_ids) and not exists (select 1 from audit_chains c
        where c.source = 'gateway' and c.owner = coalesce(s.store_id, c_nobody));
    with taken as (
      delete from audit_staged where id = any(v_ids) returning *
    ), numbered as (
      select t.id, x.place, t.store_id, t.till_id, coalesce(t.at, p_now) as at, x.kind, t.staff_id, t.approver_id,
        t.customer_id, t.sale_ref, t.subject_id, t.asset, t.amount, t.outcome, c.id as chain_id, c.hash as start,
        c.seq + row_number() over (partition by c.id order by t.id, x.place) as seq,
        row_to_json((select b from (select t.amount, t.approver_id as "approverId", t.asset, t.customer_id as "customerId",
          x.detail::json as detail, t.outcome, t.sale_ref as "saleRef", t.staff_id as "staffId", t.store_id as "storeId",
          t.subject_id as "subjectId", t.till_id as "tillId") b))::text as body
      from taken t
        cross join lateral (values (1, t.kind, t.detail), (2, t.then_kind, t.then_detail)) as x(place, kind, detail)
        join audit_chains c on c.source = 'gateway' and c.owner = coalesce(t.store_id, c_nobody) and c.paired_at = 0
      where x.kind is not null
    ), hashed as (
      select n.*, audit_hash(n.start, n.seq, n.at, n.kind, n.body) over (partition by n.chain_id order by n.seq) as hash
      from numbered n
    ), kept as (
      insert into audit_events (chain_id, seq, at, source, kind, body, prev_hash, hash, store_id, till_id, staff_id,
          approver_id, customer_id, sale_ref, subject_id, asset, amount, outcome)
        select chain_id, seq, at, 'gateway', kind, body, lag(hash, 1, start) over (partition by chain_id order by seq),
          hash, store_id, till_id, staff_id, approver_id, customer_id, sale_ref, subject_id, asset, amount, outcome
        from hashed order by id, place
      returning 1
    ), moved as (
      update audit_chains c set seq = h.seq, hash = h.hash
        from (select distinct on (chain_id) chain_id, seq, hash from hashed order by chain_id, seq desc) h
        where c.id = h.chain_id
    )
    select count(*) into v_count from kept;
    return v_count;
  end $$;
`;

const DROP = `
  drop trigger redemptions_made_audit on redemptions;
  drop trigger redemptions_changed_audit on redemptions;
  drop function audit_redemptions_made;
  drop function audit_redemptions_changed;
`;

/** A code's first message goes with the redemption itself. */
const MADE = `
  create function audit_authorised(n redemptions) returns text language plpgsql immutable as $$
  begin
    return '{"jti":"' || n.grant_jti || '","ms":'
      || coalesce((n.authorised_at - (n.resend_at - n.resend_after_ms))::text, 'null') || '}';
  end $$;

  create function audit_redemption_made() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount,
        outcome, detail, then_kind, then_detail)
      values (new.store_id, new.till_id, new.created_at, 'redemption.requested', new.staff_id, new.customer_id, new.sale_ref,
        new.id, new.asset, new.amount, 'ok', '{}',
        case when new.code_digits is not null then 'code.sent'
          when new.status = 'authorised' then 'redemption.authorised' end,
        case when new.code_digits is not null then '{"channel":"' || new.channel || '","serial":1}'
          when new.status = 'authorised' then audit_authorised(new) end);
    return null;
  end $$;
  create trigger redemptions_made_audit after insert on redemptions for each row execute function audit_redemption_made();
`;

/**
 * Row by row, with conditions: what changes is one redemption nearly always, and transition tables with their join cost more
 * than its row. Triggers of one row fire in the order of their names: the code's before the status'. A message that went out
 * again is told by \`resend_at\`.
 */
const CHANGED = `
  create function audit_redemption_code() returns trigger language plpgsql as $$
  begin
    if new.tries_left < old.tries_left then
      insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount,
          outcome, detail)
        values (new.store_id, new.till_id, nullif(current_setting('saksi.at', true), '')::bigint, 'code.wrong', new.staff_id,
          new.customer_id, new.sale_ref, new.id, new.asset, new.amount, 'refused',
          '{"triesLeft":' || new.tries_left || ',"why":"wrong"}');
    end if;
    if new.serial > old.serial then
      insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount,
          outcome, detail)
        values (new.store_id, new.till_id, new.resend_at - new.resend_after_ms, 'code.sent', new.staff_id, new.customer_id,
          new.sale_ref, new.id, new.asset, new.amount, 'ok',
          '{"channel":"' || new.channel || '","serial":' || new.serial || '}');
    end if;
    return null;
  end $$;
  create trigger redemptions_code_audit after update on redemptions for each row
    when (new.tries_left < old.tries_left or new.serial > old.serial) execute function audit_redemption_code();

  create function audit_captured(p_slip text) returns text language plpgsql immutable as $$
  begin
    return '{"offline":false,"slip":' || coalesce(to_json(p_slip)::text, 'null') || '}';
  end $$;

  create function audit_redemption_status() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount,
        outcome, detail)
      values (new.store_id, new.till_id,
        coalesce(new.settled_at, new.authorised_at, nullif(current_setting('saksi.at', true), '')::bigint),
        'redemption.' || new.status, new.staff_id, new.customer_id, new.sale_ref, new.id, new.asset, new.amount,
        case new.status when 'expired' then 'lapsed' when 'failed' then 'refused' else 'ok' end,
        case new.status
          when 'authorised' then audit_authorised(new)
          when 'captured' then audit_captured(new.slip)
          when 'released' then '{"reason":' || coalesce(to_json(new.cancel_reason)::text, 'null') || '}'
          else '{}' end);
    return null;
  end $$;
  create trigger redemptions_status_audit after update on redemptions for each row
    when (new.status <> old.status and coalesce(current_setting('saksi.captures_told', true), '') = '')
    execute function audit_redemption_status();
`;

/** As in migration 0018, with the audit events of what it captures. */
const CAPTURE_MANY = `
  create or replace function redemptions_capture(p_till uuid, p_items jsonb, p_at bigint) returns integer[] language plpgsql as $$
  declare
    v_left integer[];
    v_keys text[];
    v_ids uuid[];
    v_hashes text[];
    v_settled bigint[];
    v_slips text[];
    v_events jsonb[];
    v_debits bigint[];
    v_credits bigint[];
    v_amounts bigint[];
    v_updated bigint;
    v_seq bigint;
    v_store constant uuid := (select store_id from tills where id = p_till);
  begin
    perform pg_advisory_xact_lock(hashtextextended(p_till::text, 18));
    with wanted as materialized (
      select * from rows from (
        jsonb_to_recordset(p_items) as (key text, id uuid, stream text, hash text, settled bigint, slip text, event jsonb)
      ) with ordinality as x(key, id, stream, hash, settled, slip, event, n)
    ), known as materialized (
      select idempotency_key from till_requests
        where till_id = p_till and idempotency_key = any(array(select key from wanted))
    ), found as materialized (
      select r.id, r.amount,
          (select a.id from accounts a where a.store_id = v_store and a.customer_id = r.customer_id and a.asset = r.asset
            and a.kind = 'customer_reserved') as debit,
          (select a.id from accounts a where a.store_id = v_store and a.customer_id is null and a.asset = r.asset
            and a.kind = 'store_redeemed') as credit
        from redemptions r
        where r.id = any(array(select id from wanted)) and r.till_id = p_till and r.status = 'authorised'
    ), judged as (
      select w.*, r.amount, r.debit, r.credit,
        bool_and(r.id is not null and w.key not in (select idempotency_key from known)) over (partition by w.stream) as fits
      from wanted w
        left join found r on r.id = w.id
    )
    select array_agg(n::integer) filter (where not fits), array_agg(key) filter (where fits), array_agg(id) filter (where fits),
        array_agg(hash) filter (where fits), array_agg(settled) filter (where fits), array_agg(slip) filter (where fits),
        array_agg(event) filter (where fits), array_agg(debit) filter (where fits), array_agg(credit) filter (where fits),
        array_agg(amount) filter (where fits)
      into v_left, v_keys, v_ids, v_hashes, v_settled, v_slips, v_events, v_debits, v_credits, v_amounts
      from (select * from judged order by n) judged;
    if v_keys is null then
      return v_left;
    end if;

    insert into till_requests (till_id, idempotency_key, request_hash, redemption_id, created_at)
      select p_till, x.key, decode(x.hash, 'hex'), x.id, p_at from unnest(v_keys, v_hashes, v_ids) as x(key, hash, id);
    -- Its audit events go with it, set-wise: the trigger, which would be asked row by row, is told so for this statement alone.
    perform set_config('saksi.captures_told', 'yes', true);
    with captured as (
      update redemptions r set status = 'captured', settled_at = p_at, till_settled_at = x.settled, slip = x.slip
        from unnest(v_ids, v_settled, v_slips) as x(id, settled, slip)
        where r.id = x.id and r.status = 'authorised'
        returning r.*
    )
    insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount,
        outcome, detail)
      select store_id, till_id, p_at, 'redemption.captured', staff_id, customer_id, sale_ref, id, asset, amount, 'ok',
        audit_captured(slip)
      from captured order by id;
    get diagnostics v_updated = row_count;
    perform set_config('saksi.captures_told', '', true);
    if v_updated < cardinality(v_ids) then
      raise exception 'a redemption of the batch was decided meanwhile' using errcode = 'serialization_failure';
    end if;

    perform 1 from accounts where id = any(v_debits || v_credits) order by id for no key update;
    insert into transfers (debit_account_id, credit_account_id, amount, kind, ref_id, idempotency_key, posted_at)
      select x.debit, x.credit, x.amount, 'capture', x.id, 'redemption/' || x.id || '/capture', p_at
      from unnest(v_debits, v_credits, v_amounts, v_ids) as x(debit, credit, amount, id);
    update accounts a set balance = a.balance + moved.by
      from (select account, sum(delta) as by from (
          select x.debit as account, -x.amount as delta from unnest(v_debits, v_amounts) as x(debit, amount)
          union all
          select x.credit, x.amount from unnest(v_credits, v_amounts) as x(credit, amount)
        ) legs group by account) moved
      where a.id = moved.account;

    update tills set event_seq = event_seq + cardinality(v_ids) where id = p_till
      returning event_seq - cardinality(v_ids) into strict v_seq;
    insert into till_events (till_id, seq, data, created_at)
      select p_till, v_seq + x.o, x.data, p_at from unnest(v_events) with ordinality as x(data, o);
    return v_left;
  end $$;
`;

/**
 * As \`queue_message\` of migration 0065, of which it is the work: for whoever knows the message's kind. All queues of the gateway lie in
 * pg-boss's common table; written directly, as through the partitioned one each insert would set up its routing anew.
 */
const QUEUE_JOB = `
  create function queue_job(p_queue text, p_kind text, p_message uuid, p_delay_seconds integer) returns void
    language plpgsql as $$
  declare
    v_start timestamptz := now() + make_interval(secs => p_delay_seconds);
    v_priority integer := case when p_kind in ('code', 'login_code') then 1 else 0 end;
    v_queue text := case when p_kind in ('code', 'login_code', 'approval_request', 'approval_code') then p_queue
      else p_queue || '_notices' end;
  begin
    insert into pgboss.job_common (
      name, data, priority, start_after, keep_until, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max,
      expire_seconds, deletion_seconds
    )
    select q.name, jsonb_build_object('messageId', p_message), v_priority, v_start,
      v_start + make_interval(secs => q.retention_seconds), q.policy, q.retry_limit, q.retry_delay, q.retry_backoff,
      q.retry_delay_max, q.expire_seconds, q.deletion_seconds
    from pgboss.queue q where q.name = v_queue and q.table_name = 'job_common';
    if not found then
      raise exception 'message queue % does not exist', v_queue;
    end if;
  end $$;

  create or replace function queue_message(p_queue text, p_message uuid, p_delay_seconds integer) returns void
    language plpgsql as $$
  begin
    perform queue_job(p_queue, (select kind from messages where id = p_message), p_message, p_delay_seconds);
  end $$;

  create or replace function add_message(p_queue text, p_row jsonb) returns void language plpgsql as $$
  begin
    insert into messages select * from jsonb_populate_record(null::messages, p_row);
    perform queue_job(p_queue, p_row ->> 'kind', (p_row ->> 'id')::uuid, 0);
  end $$;
`;
