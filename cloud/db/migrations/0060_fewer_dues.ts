import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** What a message cost: looked at when something is new about it, and also where a code arrived that had left WhatsApp. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [DUE, WANTED, SETTLE]);
}

/**
 * Meta says the same price with each of a message's statuses: only another one is due. Of a send that was given up the status
 * itself is news, too (it is kept as not taken over): what arrives is billed.
 */
const DUE = `
  create or replace function note_pricing_due() returns trigger language plpgsql as $$
  begin
    -- Our own id nearly always comes back; one that is not ours has no charge, and is passed over.
    insert into credit_due (message_id)
      select x.message_id from (
        select coalesce(e.correlation_id, (select m.id from messages m where m.wamid = e.wamid)) as message_id
        from fresh e where e.pricing is not null and (e.applied_at is null or e.pricing is distinct from (
          select o.pricing from message_events o where o.wamid = e.wamid and o.pricing is not null and o.id < e.id
          order by o.id desc limit 1))
      ) x where x.message_id is not null;
    return null;
  end $$;
`;

/**
 * As in migration 0032, and: a code that moved on to another channel is spent where Meta says that it bills what arrived after
 * all. \`p_pricing\` of such a one is what came with its arrival on WhatsApp, or null.
 */
const WANTED = `
  create or replace function credit_wanted(m messages, p_pricing jsonb, p_refund jsonb, p_now bigint, p_grace bigint)
    returns text language plpgsql immutable as $$
  begin
    return case
      when m.channel <> 'whatsapp' and p_pricing ->> 'billable' = 'true' then 'spent'
      when m.state = 'queued' then 'held'
      when m.state = 'failed' then case when m.attempts = 0 or p_refund is null or p_refund ? case
          when m.reason = 'lapsed' then 'lapsed' when m.wamid is null then 'refused' else 'failed' end
        then 'returned' else 'spent' end
      when position('/' in coalesce(m.template, '/')) = 0 or p_pricing ->> 'billable' = 'false' then 'free'
      when m.state = 'sent' and p_now > m.expires_at + p_grace and (p_refund is null or p_refund ? 'lapsed')
        then 'returned'
      else 'spent' end;
  end $$;
`;

/** As in migration 0032, with the price of what has left WhatsApp as above. */
const SETTLE = `
  create or replace function credit_settle(p_now bigint, p_grace bigint, p_limit integer) returns integer
    language plpgsql as $$
  declare
    v_due integer;
    v_ids uuid[];
  begin
    with due as (
      delete from credit_due where id in (select id from credit_due order by id limit p_limit for update skip locked)
      returning message_id
    ) select count(*), array_agg(distinct message_id) into v_due, v_ids from due;
    if v_due = 0 then
      return 0;
    end if;
    perform 1 from message_charges where message_id = any(v_ids) order by message_id for update;
    perform 1 from credit_accounts where kind = 'store_credit' and store_id in
      (select store_id from message_charges where message_id = any(v_ids) and price > 0)
      order by store_id for no key update;
    -- A statement of its own, so that it sees what was committed while the locks were waited for.
    with now_is as (
      select c.message_id, c.store_id, c.price, c.outcome as was, c.step, p.pricing,
        credit_wanted(m, p.pricing, s.message_credit -> 'refundOn', p_now, p_grace) as wanted
      from message_charges c join messages m on m.id = c.message_id join stores s on s.id = c.store_id
        left join lateral (select coalesce((select e.pricing from message_events e
          where e.wamid = case when m.channel = 'whatsapp' then m.wamid else m.abandoned_wamid end
            and e.pricing is not null and (m.channel = 'whatsapp' or e.status in ('delivered', 'read'))
          order by e.id desc limit 1), case when m.channel = 'whatsapp' then c.pricing end) as pricing) p on true
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
        select debit, credit, price, case target when 'credit_held' then 'hold' when 'credit_spent' then 'spend'
            else case source when 'credit_held' then 'release' else 'refund' end end,
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
