import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** What becomes of nearly every message that is sent, in one statement; and what its charge comes to, worked out once. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [DUE, ACCEPTED, SETTLE]);
}

/** As in migration 0086, where whoever writes the messages does not note what is due of all of them at once (`messages_accepted`). */
const DUE = `
  drop trigger messages_credit_due on messages;
  create trigger messages_credit_due after update on messages for each row
    when (new.store_id is not null and old.state <> new.state and (old.state in ('queued', 'failed')
      or new.state in ('queued', 'failed') or new.updated_at > new.expires_at)
      and coalesce(current_setting('saksi.dues_noted', true), '') = '')
    execute function note_credit_due();
`;

/**
 * WhatsApp took these messages (arrays as columns, each message once): as \`messages_record\` notes it, tills locked first, for those
 * from which no more follows. A status may have been faster: then the state stays. Answers \`done\`, the messages that were noted (not
 * those that a supervisor is asked by, that went another way or that this send was given up for), and \`moved\`, those of them that are
 * news; \`tills\` that were told.
 */
const ACCEPTED = `
  create function messages_accepted(p_ids uuid[], p_wamids text[], p_templates text[], p_now bigint) returns jsonb
    language plpgsql set enable_seqscan = off set saksi.dues_noted = 'on' as $$
  declare
    v_done uuid[];
    v_moved uuid[];
  begin
    perform 1 from tills t where t.id = any(array(select distinct m.till_id from messages m
        where m.id = any(p_ids) and m.redemption_id is not null)) order by t.id for no key update;
    perform 1 from messages m where m.id = any(p_ids) and m.approval_id is null
        and (m.till_id is null or m.redemption_id is null) order by m.id for no key update;
    with noted as (
      update messages m set state = case when b.state = 'queued' then 'accepted' else b.state end,
          reason = case when b.state = 'queued' then null else b.reason end, wamid = coalesce(b.wamid, x.wamid),
          template = x.template, attempts = b.attempts + 1, retry_at = null, updated_at = p_now,
          content_sealed = case when b.state in ('queued', 'accepted') then b.content_sealed end
        from unnest(p_ids, p_wamids, p_templates) as x(id, wamid, template) join messages b on b.id = x.id
        where m.id = x.id and m.approval_id is null and m.channel = 'whatsapp' and m.abandoned_wamid is distinct from x.wamid
        returning m.id, b.state as before, m.store_id
    ), due as (
      insert into credit_due (message_id) select id from noted where before = 'queued' and store_id is not null
    )
    select array_agg(id), array_agg(id) filter (where before = 'queued') into v_done, v_moved from noted;
    return jsonb_build_object('done', to_jsonb(coalesce(v_done, '{}')), 'moved', to_jsonb(coalesce(v_moved, '{}')),
      'tills', to_jsonb(tell_deliveries(v_moved, p_now)));
  end $$;
`;

/** As in migration 0086. What a charge is wanted to come to was worked out at each of the six places that name it. */
const SETTLE = `
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
