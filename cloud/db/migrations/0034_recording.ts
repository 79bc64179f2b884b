import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * What is recorded of messages (by whoever sends them, and by WhatsApp's statuses) in two steps of one transaction, each one round
 * trip whatever the number: lock and read, write with all tills' events. What follows is decided in between, in cloud/messages/.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [LOCK, EVENTS, STATUSES, RECORD]);
}

/**
 * In the place of `statuses_lock` (migration 0030). Locks messages, their tills' rows first, and answers how each stands and what
 * its till's view of the redemption is made of. A message that its till is told about changes only under the lock of that till,
 * so its own row need not be marked; of any other nobody waits for the till: a backlog brings thousands of them at once.
 * `newest_…`: the message that carries the redemption's newest code, whose delivery the view shows.
 */
const LOCK = `
  drop function statuses_lock;
  create function messages_lock(p_ids uuid[]) returns table (
    message_id uuid, message_till uuid, message_kind text, message_state text, message_reason text,
    template_only boolean, abandoned_wamid text, approval_id uuid, wamid text, template text, attempts integer,
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
        m.template_only, m.abandoned_wamid, m.approval_id, m.wamid, m.template, m.attempts,
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
`;

/** Gives each event its till's next number, in their order; each till's row is written once. */
const EVENTS = `
  create function append_till_events(p_tills uuid[], p_events jsonb, p_now bigint) returns void language plpgsql as $$
  begin
    if cardinality(p_tills) = 0 then
      return;
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

/** As in migration 0030; what waited for another attempt does so no more. */
const STATUSES = `
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
    perform append_till_events(p_tills, p_events, p_now);
  end $$;
`;

/**
 * Writes what became of messages that were sent, or not; they are locked. `p_rows`: columns of `messages` and `retry_in`, the
 * seconds after which it is queued again, or null.
 */
const RECORD = `
  create function messages_record(p_rows jsonb, p_queue text, p_tills uuid[], p_events jsonb, p_now bigint)
    returns void language plpgsql as $$
  begin
    update messages m set state = x.state, reason = x.reason, wamid = x.wamid, template = x.template,
        template_only = x.template_only, abandoned_wamid = x.abandoned_wamid, attempts = x.attempts,
        retry_at = x.retry_at, updated_at = p_now,
        content_sealed = case when x.state in ('queued', 'accepted') then m.content_sealed end
      from jsonb_to_recordset(p_rows) as x (id uuid, state text, reason text, wamid text, template text,
        template_only boolean, abandoned_wamid text, attempts integer, retry_at bigint)
      where m.id = x.id;
    perform queue_message(p_queue, x.id, x.retry_in)
      from jsonb_to_recordset(p_rows) as x (id uuid, retry_in integer) where x.retry_in is not null;
    perform append_till_events(p_tills, p_events, p_now);
  end $$;
`;
