import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Batches of tills' outboxes: captures of a whole batch at once, and what managers took on. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [HANDOVERS, READ_MANY, CAPTURE_MANY]);
}

const HANDOVERS = `
  create table handovers (
    -- The till's id of this word; \`about\`: of the item that was refused.
    id uuid primary key,
    till_id uuid not null references tills,
    store_id uuid not null references stores,
    about uuid not null,
    item text not null,
    reason text not null,
    note text not null,
    staff_id uuid not null,
    kept_at bigint not null
  );
  create index handovers_by_store on handovers (store_id, kept_at);
  create trigger handovers_append_only before update or delete on handovers
    for each row execute function refuse_change();
`;

/** What the views of many redemptions of one till are made of; columns, as building documents takes longer than all else. */
const READ_MANY = `
  create function redemptions_read(p_till uuid, p_ids uuid[]) returns table (
    id uuid, till_id uuid, status text, asset text, amount bigint, currency text, sale_ref text, drawer boolean,
    created_at bigint, channel text, code_digits integer, tries_left integer, sends_max integer, serial integer,
    expires_at bigint, resend_at bigint, customer_id uuid, customer_name text, member_no text, phone_e164 text,
    language text, available bigint, delivery_channel text, delivery_state text, delivery_reason text
  ) language plpgsql stable as $$
  #variable_conflict use_column
  begin
    return query select r.id, r.till_id, r.status, r.asset, r.amount, r.currency, r.sale_ref, r.drawer,
        r.created_at, r.channel, r.code_digits, r.tries_left, r.sends_max, r.serial,
        r.expires_at, r.resend_at, c.id, c.name, c.member_no, c.phone_e164,
        c.language, a.balance, m.channel, m.state, m.reason
      from redemptions r
        join customers c on c.id = r.customer_id
        join accounts a on a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available'
        left join messages m on m.redemption_id = r.id and m.serial = r.serial
      where r.id = any(p_ids) and r.till_id = p_till;
  end $$;
`;

/**
 * Captures redemptions of one till, each with its remembered request, ledger transfer and event, in a handful of statements
 * whatever their number: small ones, whose plans are kept. The arrays are columns of one table, each key and each id in it
 * once. Only what is authorised and whose key is new is touched, and of a stream all or none: the rest is decided one by one
 * by whoever called. Answers the keys captured. Locks as every other function: redemptions, accounts by id, till. A key or
 * transfer that another request made meanwhile violates its constraint, and nothing of the batch remains.
 */
const CAPTURE_MANY = `
  create function redemptions_capture(
    p_till uuid, p_keys text[], p_ids uuid[], p_streams text[], p_hashes text[], p_settled bigint[], p_slips text[],
    p_events text[], p_at bigint
  ) returns setof text language plpgsql as $$
  declare
    v_known text[];
    v_fit bigint[];
    v_debits bigint[];
    v_credits bigint[];
    v_amounts bigint[];
    v_moved bigint[];
    v_seq bigint;
  begin
    v_known := array(select idempotency_key from till_requests
      where till_id = p_till and idempotency_key = any(p_keys));
    with locked as materialized (
      select id, customer_id, asset, amount, status from redemptions
        where id = any(p_ids) and till_id = p_till order by id for no key update
    ), debits as materialized (
      select id, customer_id, asset from accounts
        where customer_id = any(array(select distinct customer_id from locked)) and kind = 'customer_reserved'
    ), credits as materialized (
      select id, asset from accounts where store_id = (select store_id from tills where id = p_till)
        and customer_id is null and kind = 'store_redeemed'
    ), judged as (
      select i.n, r.amount, debits.id as debit, credits.id as credit,
        bool_and(r.id is not null and i.key <> all(v_known)) over (partition by i.stream) as fits
      from unnest(p_keys, p_ids, p_streams) with ordinality as i(key, id, stream, n)
        left join locked r on r.id = i.id and r.status = 'authorised'
        left join debits on debits.customer_id = r.customer_id and debits.asset = r.asset
        left join credits on credits.asset = r.asset
    )
    select array_agg(n order by n), array_agg(debit order by n), array_agg(credit order by n), array_agg(amount order by n)
      into v_fit, v_debits, v_credits, v_amounts from judged where fits;
    if v_fit is null then
      return;
    end if;
    if cardinality(v_fit) < cardinality(p_keys) then
      select array_agg(p_keys[n] order by o), array_agg(p_ids[n] order by o), array_agg(p_hashes[n] order by o),
          array_agg(p_settled[n] order by o), array_agg(p_slips[n] order by o), array_agg(p_events[n] order by o)
        into p_keys, p_ids, p_hashes, p_settled, p_slips, p_events
        from unnest(v_fit) with ordinality as fit(n, o);
    end if;

    insert into till_requests (till_id, idempotency_key, request_hash, redemption_id, created_at)
      select p_till, x.key, decode(x.hash, 'hex'), x.id, p_at from unnest(p_keys, p_hashes, p_ids) as x(key, hash, id);
    update redemptions r set status = 'captured', settled_at = p_at, till_settled_at = x.settled, slip = x.slip
      from unnest(p_ids, p_settled, p_slips) as x(id, settled, slip) where r.id = x.id;

    v_moved := v_debits || v_credits;
    perform 1 from accounts where id = any(v_moved) order by id for no key update;
    insert into transfers (debit_account_id, credit_account_id, amount, kind, ref_id, idempotency_key, posted_at)
      select x.debit, x.credit, x.amount, 'capture', x.id, 'redemption/' || x.id || '/capture', p_at
      from unnest(v_debits, v_credits, v_amounts, p_ids) as x(debit, credit, amount, id);
    update accounts a set balance = a.balance + moved.by
      from (select account, sum(delta) as by from (
          select x.debit as account, -x.amount as delta from unnest(v_debits, v_amounts) as x(debit, amount)
          union all
          select x.credit, x.amount from unnest(v_credits, v_amounts) as x(credit, amount)
        ) legs group by account) moved
      where a.id = moved.account;

    update tills set event_seq = event_seq + cardinality(v_fit) where id = p_till
      returning event_seq - cardinality(v_fit) into strict v_seq;
    insert into till_events (till_id, seq, data, created_at)
      select p_till, v_seq + x.o, x.data::jsonb, p_at from unnest(p_events) with ordinality as x(data, o);
    return query select unnest(p_keys);
  end $$;
`;
