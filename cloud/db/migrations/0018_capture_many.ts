import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Batches of captures with one document each way: hundreds of rows of many columns cost more on the way than all that is done. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [DROP, READ_MANY, CAPTURE_MANY]);
}

const DROP = `
  drop function redemptions_read;
  drop function redemptions_capture;
`;

/** What the views of many redemptions of one till are made of: one document, its rows made from whole rows. Null: none of them. */
const READ_MANY = `
  create function redemptions_read(p_till uuid, p_ids uuid[]) returns json language plpgsql stable as $$
  begin
    return (select json_agg(read) from (
      select r.id, r.till_id, r.status, r.asset, r.amount, r.currency, r.sale_ref, r.drawer, r.created_at, r.channel,
          r.code_digits, r.tries_left, r.sends_max, r.serial, r.expires_at, r.resend_at, c.id as customer_id,
          c.name as customer_name, c.member_no, c.phone_e164, c.language, a.balance as available,
          m.channel as delivery_channel, m.state as delivery_state, m.reason as delivery_reason
        from redemptions r
          join customers c on c.id = r.customer_id
          join accounts a on a.store_id = r.store_id and a.customer_id = r.customer_id and a.asset = r.asset
            and a.kind = 'customer_available'
          left join messages m on m.redemption_id = r.id and m.serial = r.serial
        where r.id = any(p_ids) and r.till_id = p_till
    ) read);
  end $$;
`;

/**
 * Captures redemptions of one till, each with its remembered request, ledger transfer and event, in a handful of statements
 * whatever their number: small ones, whose plans are kept. \`p_items\` is an array of {key, id, stream, hash (hex), settled, slip,
 * event}, each key and each id in it once. Only what is authorised and whose key is new is touched, and of a stream all or none.
 * Answers the places, from 1, of what was left: that is decided one by one by whoever called.
 *
 * Batches of one till follow each other. Locks as every other function: redemptions, accounts by id, till. What another request
 * made meanwhile of a key, a transfer or a redemption is an error, and nothing of the batch remains.
 */
const CAPTURE_MANY = `
  create function redemptions_capture(p_till uuid, p_items jsonb, p_at bigint) returns integer[] language plpgsql as $$
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
    update redemptions r set status = 'captured', settled_at = p_at, till_settled_at = x.settled, slip = x.slip
      from unnest(v_ids, v_settled, v_slips) as x(id, settled, slip)
      where r.id = x.id and r.status = 'authorised';
    get diagnostics v_updated = row_count;
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
