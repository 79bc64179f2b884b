import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** What was done for each row of many, more cheaply. What it comes to is as before. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [DUE, WORDS, BY_KEY, SETTLE]);
}

/**
 * In the place of migration 0032's trigger for each statement, which joined the old and the new rows of a batch, each with each.
 * Nearly no status changes where the money belongs, and the condition is looked at before a function is called.
 */
const DUE = `
  drop trigger messages_credit_due on messages;
  create or replace function note_credit_due() returns trigger language plpgsql as $$
  begin
    insert into credit_due (message_id) values (new.id);
    return null;
  end $$;
  create trigger messages_credit_due after update on messages for each row
    when (new.store_id is not null and old.state <> new.state and (old.state in ('queued', 'failed')
      or new.state in ('queued', 'failed') or new.updated_at > new.expires_at))
    execute function note_credit_due();
`;

/** As in migration 0070, without regular expressions: between two quotes lies a name or a word; only after a word comes one of these. */
const WORDS = `
  create or replace function audit_words(p_kind text, p_sale_ref text, p_staff uuid, p_approver uuid, p_detail text)
    returns tsvector language plpgsql immutable as $$
  declare
    v_text text := p_kind || ' ' || coalesce(p_sale_ref, '');
    v_pieces text[];
    v_piece text;
  begin
    v_pieces := string_to_array(p_detail, '"');
    for i in 2 .. coalesce(cardinality(v_pieces), 0) - 1 loop
      v_piece := v_pieces[i];
      if left(v_pieces[i + 1], 1) in (']', ',', '}') and length(v_piece) between 2 and 64
        and left(v_piece, 1) not between '0' and '9'
        and (substr(v_piece, 9, 1) <> '-' or v_piece !~ '^[0-9a-f]{8}-') then
        v_text := v_text || ' ' || v_piece;
      end if;
    end loop;
    return array_to_tsvector(array_remove(array_remove(string_to_array(
      translate(lower(v_text collate "C"), E' \\t\\r\\n\\f\\x0b!"#$%&''()*+,-./:;<=>?@[\\\\]^_\`{|}~', repeat(' ', 64)), ' ')
      || array[lower(p_sale_ref collate "C"), '@' || p_staff::text, '@' || p_approver::text], null), ''));
  end $$;
`;

/**
 * These go by the keys they are given, a batch at a time. Where a session plans them while a table is still small it reads the whole
 * table instead, and goes on doing so for as long as it lasts.
 */
const BY_KEY = `
  alter function messages_record set enable_seqscan = off;
  alter function statuses_write set enable_seqscan = off;
  alter function statuses_keep set enable_seqscan = off;
  alter function messages_lock set enable_seqscan = off;
  alter function redemptions_capture set enable_seqscan = off;
`;

/**
 * As in migration 0060, taking what is due by its keys. Analysed while it was empty, as a queue mostly is, the table was read
 * through anew for each of its rows.
 */
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
