import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * A message's price goes to what is spent when the message is queued, and comes back where it was not sent: one transfer for
 * nearly every message. Before, it was held meanwhile, which was a second transfer, and a look at each message's charge as soon as
 * WhatsApp had it. What waits in the queue is told by the messages themselves.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [HELD, CHARGE, WANTED, DUE, ACCEPTED, SETTLE]);
}

const HELD = `
  with moved as (
    update message_charges set outcome = 'spent', step = step + 1 where outcome = 'held'
    returning message_id, store_id, price, step
  ), posted as (
    insert into credit_transfers (debit_account_id, credit_account_id, amount, kind, message_id, idempotency_key, posted_at)
      select h.id, s.id, m.price, 'spend', m.message_id, 'message/' || m.message_id || '/' || m.step,
        (extract(epoch from now()) * 1000)::bigint
      from moved m join credit_accounts h on h.store_id = m.store_id and h.kind = 'credit_held'
        join credit_accounts s on s.store_id = m.store_id and s.kind = 'credit_spent'
      where m.price > 0
  )
  update credit_accounts a set balance = a.balance + case a.kind when 'credit_spent' then t.total else -t.total end
    from (select store_id, sum(price)::bigint as total from moved where price > 0 group by store_id) t
    where a.store_id = t.store_id and a.kind in ('credit_held', 'credit_spent');
`;

/** As in migration 0065. */
const CHARGE = `
  create or replace function charge_message() returns trigger language plpgsql as $$
  declare
    v_policy jsonb;
    v_currency text;
    v_category text := message_category(new.kind);
    v_price bigint;
    v_credit credit_accounts;
    v_floor numeric := 0;
    v_outcome text := 'spent';
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
        select v_credit.id, id, v_price, 'spend', new.id, 'message/' || new.id || '/0', new.created_at
        from credit_accounts where store_id = new.store_id and kind = 'credit_spent';
      update credit_accounts set balance = balance + case kind when 'credit_spent' then v_price else -v_price end
        where store_id = new.store_id and kind in ('store_credit', 'credit_spent');
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

/** As in migration 0060; what waits is spent. */
const WANTED = `
  create or replace function credit_wanted(m messages, p_pricing jsonb, p_refund jsonb, p_now bigint, p_grace bigint)
    returns text language plpgsql immutable as $$
  begin
    return case
      when m.channel <> 'whatsapp' and p_pricing ->> 'billable' = 'true' then 'spent'
      when m.state = 'queued' then 'spent'
      when m.state = 'failed' then case when m.attempts = 0 or p_refund is null or p_refund ? case
          when m.reason = 'lapsed' then 'lapsed' when m.wamid is null then 'refused' else 'failed' end
        then 'returned' else 'spent' end
      when position('/' in coalesce(m.template, '/')) = 0 or p_pricing ->> 'billable' = 'false' then 'free'
      when m.state = 'sent' and p_now > m.expires_at + p_grace and (p_refund is null or p_refund ? 'lapsed')
        then 'returned'
      else 'spent' end;
  end $$;
`;

/**
 * A message that waited and was taken as a template is spent as it was: nothing is due. It is where it failed or goes again, where
 * it went free of charge, and where something came after its time.
 */
const DUE = `
  drop trigger messages_credit_due on messages;
  create trigger messages_credit_due after update on messages for each row
    when (new.store_id is not null and ((old.state <> new.state
        and (old.state = 'failed' or new.state in ('queued', 'failed') or new.updated_at > new.expires_at))
      or (old.template is distinct from new.template and position('/' in coalesce(new.template, '/')) = 0)))
    execute function note_credit_due();
`;

/**
 * As in migration 0093, without noting what is due: the messages' own trigger does, of the few of which something is. Planned once for a
 * session and not for each batch, which costs as much as writing it.
 */
const ACCEPTED = `
  create or replace function messages_accepted(p_ids uuid[], p_wamids text[], p_templates text[], p_now bigint) returns jsonb
    language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
  declare
    v_tills uuid[];
    v_free uuid[];
    v_done uuid[];
    v_moved uuid[];
  begin
    select array_agg(distinct m.till_id) filter (where m.redemption_id is not null and m.till_id is not null),
        array_agg(m.id) filter (where m.approval_id is null and (m.till_id is null or m.redemption_id is null))
      into v_tills, v_free from messages m where m.id = any(p_ids);
    if v_tills is not null then
      perform 1 from tills where id = any(v_tills) order by id for no key update;
    end if;
    if v_free is not null then
      perform 1 from messages where id = any(v_free) order by id for no key update;
    end if;
    with noted as (
      update messages m set state = case when b.state = 'queued' then 'accepted' else b.state end,
          reason = case when b.state = 'queued' then null else b.reason end, wamid = coalesce(b.wamid, x.wamid),
          template = x.template, attempts = b.attempts + 1, retry_at = null, updated_at = p_now,
          content_sealed = case when b.state in ('queued', 'accepted') then b.content_sealed end
        from unnest(p_ids, p_wamids, p_templates) as x(id, wamid, template) join messages b on b.id = x.id
        where m.id = x.id and m.approval_id is null and m.channel = 'whatsapp' and m.abandoned_wamid is distinct from x.wamid
        returning m.id, b.state as before
    )
    select array_agg(id), array_agg(id) filter (where before = 'queued') into v_done, v_moved from noted;
    return jsonb_build_object('done', to_jsonb(coalesce(v_done, '{}')), 'moved', to_jsonb(coalesce(v_moved, '{}')),
      'tills', to_jsonb(tell_deliveries(v_moved, p_now)));
  end $$;

  alter function tell_deliveries set plan_cache_mode = force_generic_plan;
`;

/** As in migration 0093, without what is held. What Meta bills is looked up once for each message (\`offset 0\`). */
const SETTLE = `
  create or replace function credit_account_for(p_outcome text) returns text language sql immutable as $$
    select case p_outcome when 'spent' then 'credit_spent' else 'store_credit' end
  $$;

  create or replace function credit_settle(p_now bigint, p_grace bigint, p_limit integer) returns integer
    language plpgsql set enable_seqscan = off as $$
  declare
    v_dues bigint[];
    v_due integer;
    v_ids uuid[];
  begin
    v_dues := array(select id from credit_due order by id limit p_limit for update skip locked);
    with due as (
      delete from credit_due where id = any(v_dues) returning message_id
    ) select count(*), array_agg(distinct message_id) into v_due, v_ids from due;
    if v_due = 0 then
      return 0;
    end if;
    perform 1 from message_charges where message_id = any(v_ids) order by message_id for update;
    perform 1 from credit_accounts where kind = 'store_credit' and store_id in
      (select store_id from message_charges where message_id = any(v_ids) and price > 0)
      order by store_id for no key update;
    -- A statement of its own, so that it sees what was committed while the locks were waited for.
    with now_is as materialized (
      select c.message_id, c.store_id, c.price, c.outcome as was, c.step, p.pricing,
        credit_wanted(m, p.pricing, s.message_credit -> 'refundOn', p_now, p_grace) as wanted
      from message_charges c join messages m on m.id = c.message_id join stores s on s.id = c.store_id
        left join lateral (select coalesce((select e.pricing from message_events e
          where e.wamid = case when m.channel = 'whatsapp' then m.wamid else m.abandoned_wamid end
            and e.pricing is not null and (m.channel = 'whatsapp' or e.status in ('delivered', 'read'))
          order by e.id desc limit 1), case when m.channel = 'whatsapp' then c.pricing end) as pricing offset 0) p on true
      where c.message_id = any(v_ids)
    ), moved as (
      update message_charges c set outcome = n.wanted, pricing = n.pricing, step = n.step + 1
      from now_is n where n.message_id = c.message_id
        and (n.wanted, n.pricing) is distinct from (n.was, c.pricing)
      returning n.*
    ), posted as (
      select d.id as debit, k.id as credit, x.*
      from (select *, credit_account_for(was) as source, credit_account_for(wanted) as target from moved) x
        join credit_accounts d on d.store_id = x.store_id and d.kind = x.source
        join credit_accounts k on k.store_id = x.store_id and k.kind = x.target
      where x.price > 0 and x.source <> x.target
    ), kept as (
      insert into credit_transfers (debit_account_id, credit_account_id, amount, kind, message_id, idempotency_key,
          posted_at)
        select debit, credit, price, case target when 'credit_spent' then 'spend' else 'refund' end,
          message_id, 'message/' || message_id || '/' || step + 1, p_now
        from posted
    )
    update credit_accounts a set balance = a.balance + t.change
    from (select account, sum(change)::bigint as change from (
        select debit as account, -price as change from posted union all select credit, price from posted) both_sides
      group by account) t
    where a.id = t.account and t.change <> 0;
    return v_due;
  end $$;
`;
