import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * What a redemption does to the database, each in one round trip and one transaction. Decisions (which transition, right or wrong code) are
 * made in cloud/redemptions; here is only what must be atomic and fast. Locks are always taken in this order: redemption,
 * phone, till and store of the code limits, accounts by id, till row (its event); so no two of these wait crosswise.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [CODE_REFUSAL, PREPARE, READ, TELL, CREATE, CHANGE]);
}

/**
 * Why a code may not be issued, by `p_limits` ({phone, till, store}: {count, windowSeconds}): {"outcome", "wait_ms"}, or null
 * when it may; the caller then keeps it in the same statement. Exact sliding windows: the code `count` back must be older than the window. Phone and till are
 * locked until commit. Locking the store as well would put all its tills in one row, so they share its lock while the
 * store is further from its limit than the server has connections (that many others may be about to commit); nearer to it,
 * the answer 'store_near_limit' asks for a new transaction with `p_alone`.
 */
const CODE_REFUSAL = `
  create function code_refusal(c codes, p_limits jsonb, p_alone boolean) returns jsonb language plpgsql as $$
  declare
    v_phone_window bigint := (p_limits #>> '{phone,windowSeconds}')::bigint * 1000;
    v_till_window bigint := (p_limits #>> '{till,windowSeconds}')::bigint * 1000;
    v_store_window bigint := (p_limits #>> '{store,windowSeconds}')::bigint * 1000;
    v_phone_count integer := (p_limits #>> '{phone,count}')::integer;
    v_till_count integer := (p_limits #>> '{till,count}')::integer;
    v_store_count integer := (p_limits #>> '{store,count}')::integer;
    v_phone bigint;
    v_till bigint;
    v_store bigint;
  begin
    -- A select list is evaluated from left to right.
    perform pg_advisory_xact_lock(hashtextextended('codes/phone/' || encode(c.phone_tag, 'hex'), 0)),
      pg_advisory_xact_lock(hashtextextended('codes/till/' || c.till_id::text, 0)),
      case when p_alone then pg_advisory_xact_lock(hashtextextended('codes/store/' || c.store_id::text, 0))
        else pg_advisory_xact_lock_shared(hashtextextended('codes/store/' || c.store_id::text, 0)) end;
    if not p_alone then
      v_store_count := v_store_count - current_setting('max_connections')::integer;
      if v_store_count < 1 then
        return jsonb_build_object('outcome', 'store_near_limit');
      end if;
    end if;
    -- A statement of its own, so that it sees what was committed while the locks were waited for.
    select
      (select issued_at from codes where phone_tag = c.phone_tag and issued_at > c.issued_at - v_phone_window
        order by issued_at desc offset v_phone_count - 1 limit 1),
      (select issued_at from codes where till_id = c.till_id and issued_at > c.issued_at - v_till_window
        order by issued_at desc offset v_till_count - 1 limit 1),
      (select issued_at from codes where store_id = c.store_id and issued_at > c.issued_at - v_store_window
        order by issued_at desc offset v_store_count - 1 limit 1)
      into v_phone, v_till, v_store;
    if v_phone is not null then
      return jsonb_build_object('outcome', 'code_limit_phone', 'wait_ms', v_phone + v_phone_window - c.issued_at);
    elsif v_till is not null then
      return jsonb_build_object('outcome', 'code_limit_till', 'wait_ms', v_till + v_till_window - c.issued_at);
    elsif v_store is not null and not p_alone then
      return jsonb_build_object('outcome', 'store_near_limit');
    elsif v_store is not null then
      return jsonb_build_object('outcome', 'code_limit_store', 'wait_ms', v_store + v_store_window - c.issued_at);
    end if;
    return null;
  end $$;
`;

/**
 * What a new redemption starts from: the store's policy, the customer (by id, phone or member number; null when there is
 * none), and the redemption remembered under the idempotency key.
 */
const PREPARE = `
  create function redemption_prepare(
    p_store uuid, p_till uuid, p_key text, p_customer uuid, p_phone text, p_member_no text
  ) returns jsonb language plpgsql stable as $$
  declare
    v_customer uuid := p_customer;
    v_doc jsonb;
  begin
    if p_phone is not null then
      select id into v_customer from customers where store_id = p_store and phone_e164 = p_phone;
    elsif p_member_no is not null then
      select id into v_customer from customers where store_id = p_store and member_no = p_member_no;
    end if;
    select jsonb_build_object(
      'policy', (s.policy - array['approvals', 'slipDesign']) || jsonb_build_object('version', s.policy_version),
      'currency', s.currency,
      'customer', case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name,
        'member_no', c.member_no, 'phone_e164', c.phone_e164, 'language', c.language) end,
      'remembered', case when q.till_id is not null then
        jsonb_build_object('hash', encode(q.request_hash, 'hex'), 'redemptionId', q.redemption_id) end
    ) into strict v_doc
    from stores s
      left join customers c on c.id = v_customer and c.store_id = s.id
      left join till_requests q on q.till_id = p_till and q.idempotency_key = p_key
    where s.id = p_store;
    return v_doc;
  end $$;
`;

/**
 * All that a decision or an answer about a redemption needs, as one document; null when this till has no such
 * redemption. With `p_lock` its row is locked first, in a statement of its own, so that the rest is read after any wait.
 */
const READ = `
  create function redemption_read(p_id uuid, p_till uuid, p_key text, p_lock boolean) returns jsonb
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
      'delivery', (select jsonb_build_object('channel', m.channel, 'state', m.state, 'reason', m.reason)
        from messages m where m.redemption_id = r.id and m.serial = r.serial),
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
`;

/**
 * `append_till_event` for a redemption whose delivery is read in the same breath: answers that delivery, null when no
 * message is recorded. Read after the till's row was locked, as there. `p_fresh`: its message was queued just now.
 */
const TELL = `
  create function tell_till(r redemptions, p_view jsonb, p_available bigint, p_at bigint, p_fresh boolean) returns jsonb
    language plpgsql as $$
  declare
    v_seq bigint;
    v_delivery jsonb;
    v_view jsonb := p_view || jsonb_build_object('availableAfter', p_available);
  begin
    update tills set event_seq = event_seq + 1 where id = r.till_id returning event_seq into strict v_seq;
    if not p_fresh and r.code_digits is not null then
      select jsonb_build_object('channel', channel, 'state', state, 'reason', reason) into v_delivery
        from messages where redemption_id = r.id and serial = r.serial;
      if found then
        v_view := jsonb_set(v_view, '{code,delivery}', v_delivery);
      end if;
    end if;
    insert into till_events (till_id, seq, data, created_at)
      values (r.till_id, v_seq, jsonb_build_object('type', 'redemption.changed', 'redemption', v_view), p_at);
    return v_delivery;
  end $$;
`;

/**
 * Answers {"outcome": 'created', "available"}, or a refusal before anything was written; 'stale' when the store's policy
 * version or the customer (`p_customer`, a row's columns) are not those that the draft was made from. When the idempotency key was used
 * before, `till_requests_pkey` is violated and nothing remains. `p_message` is the row for `add_message`, or null; `p_view`
 * the redemption as the till's event shows it, its balance filled in here.
 */
const CREATE = `
  create function redemption_create(
    p_redemption jsonb, p_customer jsonb, p_request jsonb, p_code jsonb, p_limits jsonb, p_alone boolean,
    p_queue text, p_message jsonb, p_view jsonb
  ) returns jsonb language plpgsql as $$
  declare
    r redemptions := jsonb_populate_record(null::redemptions, p_redemption);
    c codes;
    v_refused jsonb;
    v_posted text;
    v_available bigint;
  begin
    perform 1 from stores s, customers u
      where s.id = r.store_id and s.policy_version = r.policy_version
        and u.id = r.customer_id and u.store_id = r.store_id and u.name = p_customer ->> 'name'
        and u.language = p_customer ->> 'language'
        and u.member_no is not distinct from p_customer ->> 'member_no'
        and u.phone_e164 is not distinct from p_customer ->> 'phone_e164';
    if not found then
      return jsonb_build_object('outcome', 'stale');
    end if;
    if r.staff_id is not null then
      perform 1 from staff where id = r.staff_id and store_id = r.store_id and active;
      if not found then
        return jsonb_build_object('outcome', 'staff_unknown');
      end if;
    end if;
    if p_code is not null then
      c := jsonb_populate_record(null::codes, p_code);
      v_refused := code_refusal(c, p_limits, p_alone);
      if v_refused is not null then
        return v_refused;
      end if;
    end if;
    select outcome, available into v_posted, v_available from ledger_transfer('redemption/' || r.id || '/reserve',
      'reserve', r.store_id, r.customer_id, r.asset, r.amount, r.id, r.created_at);
    if v_posted <> 'posted' then
      return jsonb_build_object('available', v_available, 'outcome',
        case v_posted when 'overdrawn' then 'amount_above_balance' else v_posted end);
    end if;
    insert into till_requests select * from jsonb_populate_record(null::till_requests, p_request);
    insert into redemptions values (r.*);
    if p_code is not null then
      insert into codes values (c.*);
    end if;
    if p_message is not null then
      perform add_message(p_queue, p_message);
    end if;
    perform tell_till(r, p_view, v_available, r.created_at, true);
    return jsonb_build_object('available', v_available, 'outcome', 'created');
  end $$;
`;

/**
 * Applies a decided change: columns of `p_patch`, the remembered request (or null), the transfer `p_transfer` ('capture',
 * 'release' or null), a new code and its message (or null), the till's event with `p_view`. `p_seen` is what the decision
 * was based on; when that is no longer so the answer is 'stale'. Else {"outcome": 'changed', "available", "delivery"}, the
 * last two as they are now; with any other outcome nothing changed.
 */
const CHANGE = `
  create function redemption_change(
    p_id uuid, p_seen jsonb, p_patch jsonb, p_request jsonb, p_transfer text, p_at bigint,
    p_code jsonb, p_limits jsonb, p_alone boolean, p_queue text, p_message jsonb, p_view jsonb
  ) returns jsonb language plpgsql as $$
  declare
    r redemptions;
    c codes;
    v_refused jsonb;
    v_posted text;
    v_available bigint;
    v_delivery jsonb;
  begin
    select * into strict r from redemptions where id = p_id for no key update;
    if jsonb_build_object('status', r.status, 'tries_left', r.tries_left, 'serial', r.serial) <> p_seen then
      return jsonb_build_object('outcome', 'stale');
    end if;
    r := jsonb_populate_record(r, p_patch);
    if p_code is not null then
      -- Before anything is written: a refusal leaves nothing to undo.
      c := jsonb_populate_record(null::codes, p_code);
      v_refused := code_refusal(c, p_limits, p_alone);
      if v_refused is not null then
        return v_refused;
      end if;
      insert into codes values (c.*);
    end if;
    if p_request is not null then
      insert into till_requests select * from jsonb_populate_record(null::till_requests, p_request);
    end if;
    update redemptions set status = r.status, tries_left = r.tries_left, serial = r.serial, expires_at = r.expires_at,
      resend_at = r.resend_at, authorised_at = r.authorised_at, settled_at = r.settled_at,
      till_settled_at = r.till_settled_at, slip = r.slip, cancel_reason = r.cancel_reason
      where id = p_id;
    if p_transfer is not null then
      select outcome, available into v_posted, v_available
        from ledger_transfer('redemption/' || r.id || '/' || p_transfer, p_transfer, r.store_id, r.customer_id,
          r.asset, r.amount, r.id, p_at);
      if v_posted <> 'posted' then
        raise exception 'redemption %: % of its reservation is %', r.id, p_transfer, v_posted
          using errcode = 'integrity_constraint_violation';
      end if;
    else
      v_available := available_of(r.customer_id, r.asset);
    end if;
    if p_message is not null then
      perform add_message(p_queue, p_message);
    end if;
    v_delivery := tell_till(r, p_view, v_available, p_at, p_message is not null);
    return jsonb_build_object('outcome', 'changed', 'available', v_available, 'delivery', v_delivery);
  end $$;
`;
