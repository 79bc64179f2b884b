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

/** \`redemption_read\` for many of one till, without what only a decision about a code needs. */
const READ_MANY = `
  create function redemptions_read(p_till uuid, p_ids uuid[]) returns table (doc jsonb) language sql stable as $$
    select jsonb_build_object(
      'redemption', to_jsonb(r),
      'customer', jsonb_build_object('id', c.id, 'name', c.name, 'member_no', c.member_no,
        'phone_e164', c.phone_e164, 'language', c.language),
      'available', a.balance,
      'delivery', (select jsonb_build_object('channel', m.channel, 'state', m.state, 'reason', m.reason)
        from messages m where m.redemption_id = r.id and m.serial = r.serial))
    from redemptions r
      join customers c on c.id = r.customer_id
      join accounts a on a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available'
    where r.id = any(p_ids) and r.till_id = p_till
  $$;
`;

/**
 * Captures redemptions of one till, each with its remembered request, ledger transfer and event, in a handful of statements.
 * \`p_items\`: {n, key, hash, id, stream, settledAt, slip} numbered from 1, \`p_views\` beside them; each key and each id once. Only what is authorised and whose
 * key is new is touched, and of a stream all or none: the rest is decided one by one by whoever called. Answers the keys
 * captured. Locks as every other function: redemptions, accounts by id, till. A key or transfer that another request
 * made meanwhile violates its constraint, and nothing of the batch remains.
 */
const CAPTURE_MANY = `
  create function redemptions_capture(p_till uuid, p_items jsonb, p_views text[], p_at bigint) returns setof text language plpgsql as $$
  declare
    v_fit jsonb;
    v_count bigint;
    v_seq bigint;
  begin
    perform 1 from redemptions where id in (select x.id from jsonb_to_recordset(p_items) as x(id uuid))
      order by id for no key update;
    with items as (
      select * from jsonb_to_recordset(p_items)
        as x(n int, key text, id uuid, stream text)
    ), judged as (
      select i.n, i.stream, r.store_id, r.asset, r.amount, debit.id as debit, credit.id as credit,
        r.id is not null and q.till_id is null as fits
      from items i
        left join redemptions r on r.id = i.id and r.till_id = p_till and r.status = 'authorised'
        left join till_requests q on q.till_id = p_till and q.idempotency_key = i.key
        left join accounts debit on debit.customer_id = r.customer_id and debit.asset = r.asset
          and debit.kind = 'customer_reserved'
        left join accounts credit on credit.store_id = r.store_id and credit.customer_id is null
          and credit.asset = r.asset and credit.kind = 'store_redeemed'
    ), streams as (
      select stream from judged group by stream having bool_and(fits)
    )
    select jsonb_agg(p_items -> (fit.n - 1) || jsonb_build_object('debit', fit.debit, 'credit', fit.credit,
        'amount', fit.amount, 'o', fit.o) order by fit.o), count(*)
      into v_fit, v_count from (
        select *, row_number() over (order by n) as o from judged where stream in (select stream from streams)) fit;
    if v_count = 0 then
      return;
    end if;

    insert into till_requests (till_id, idempotency_key, request_hash, redemption_id, created_at)
      select p_till, x.key, x.hash::bytea, x.id, p_at
      from jsonb_to_recordset(v_fit) as x(key text, hash text, id uuid);
    update redemptions r set status = 'captured', settled_at = p_at, till_settled_at = x."settledAt", slip = x.slip
      from jsonb_to_recordset(v_fit) as x(id uuid, "settledAt" bigint, slip text) where r.id = x.id;

    perform 1 from accounts where id in (
      select x.debit from jsonb_to_recordset(v_fit) as x(debit bigint)
      union select x.credit from jsonb_to_recordset(v_fit) as x(credit bigint)) order by id for no key update;
    insert into transfers (debit_account_id, credit_account_id, amount, kind, ref_id, idempotency_key, posted_at)
      select x.debit, x.credit, x.amount, 'capture', x.id, 'redemption/' || x.id || '/capture', p_at
      from jsonb_to_recordset(v_fit) as x(debit bigint, credit bigint, amount bigint, id uuid, o bigint)
      order by x.o;
    update accounts a set balance = a.balance + moved.by
      from (select account, sum(delta) as by from (
          select x.debit as account, -x.amount as delta from jsonb_to_recordset(v_fit) as x(debit bigint, amount bigint)
          union all
          select x.credit, x.amount from jsonb_to_recordset(v_fit) as x(credit bigint, amount bigint)
        ) legs group by account) moved
      where a.id = moved.account;

    update tills set event_seq = event_seq + v_count where id = p_till returning event_seq - v_count into strict v_seq;
    insert into till_events (till_id, seq, data, created_at)
      select p_till, v_seq + x.o, jsonb_build_object('type', 'redemption.changed', 'redemption', p_views[x.n]::jsonb),
        p_at
      from jsonb_to_recordset(v_fit) as x(n int, o bigint);
    return query select x.key from jsonb_to_recordset(v_fit) as x(key text);
  end $$;
`;
