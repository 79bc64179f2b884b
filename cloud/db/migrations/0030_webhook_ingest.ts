import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * Statuses of messages taken over in batches. Three steps of one transaction, each one round trip whatever the number:
 * keep what is new, lock and read what it is about, write what follows (which is decided in cloud/messages/status-batch.ts).
 * Locks are taken in one order by everybody: statuses by (message, status) as the caller sorted them, tills by id,
 * messages by id.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [PRICING, WAITING, KEEP, LOCK, WRITE]);
}

/** What Meta says that a message cost, as it came with a status; null where nothing was said. */
const PRICING = `
  alter table message_events add column if not exists pricing jsonb;
`;

/**
 * A message's state changes four times and more. An index that has it in its predicate takes PostgreSQL's short way (HOT) from
 * every one of these updates, and then all indexes of the row are written each time. So the few that wait are found by a column that
 * changes only with the waiting.
 */
const WAITING = `
  alter table messages add column waiting boolean;
  update messages set waiting = true where state = 'queued';
  drop index messages_waiting;
  create index messages_waiting on messages (store_id) where waiting;
  drop index messages_codes_to_send;
  create index messages_codes_to_send on messages (staff_id) where kind = 'sealed_codes' and waiting;
  create function messages_note_waiting() returns trigger language plpgsql as $$
  begin
    new.waiting := case when new.state = 'queued' then true end;
    return new;
  end $$;
  create trigger messages_insert_waiting before insert on messages for each row
    when (new.state = 'queued') execute function messages_note_waiting();
  create trigger messages_update_waiting before update of state on messages for each row
    when ((old.state = 'queued') is distinct from (new.state = 'queued')) execute function messages_note_waiting();
`;

/**
 * Keeps the statuses not seen before; the arrays are columns of one table, each (message, status) once. Answers the number
 * (from 1) of each one that was new, and the message of ours that it is about. One whose message is known is kept as taken
 * over: the same transaction does it. One whose message is not known, or that speaks of a send that was given up, waits.
 */
const KEEP = `
  create function statuses_keep(
    p_wamids text[], p_statuses text[], p_correlations uuid[], p_codes integer[], p_pricing text[], p_occurred bigint[],
    p_now bigint
  ) returns table (n integer, message_id uuid) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_messages uuid[];
  begin
    v_messages := array(
      select coalesce(
        (select m.id from messages m where m.id = x.correlation and m.abandoned_wamid is distinct from x.wamid),
        (select m.id from messages m where m.wamid = x.wamid))
      from unnest(p_wamids, p_correlations) with ordinality as x(wamid, correlation, n) order by x.n);
    return query
      with fresh as (
        insert into message_events as e
            (wamid, status, correlation_id, error_code, pricing, occurred_at, received_at, applied_at)
          select x.wamid, x.status, x.correlation, x.code, x.pricing::jsonb, x.occurred, p_now,
            case when x.message is not null then p_now end
          from unnest(p_wamids, p_statuses, p_correlations, p_codes, p_pricing, p_occurred, v_messages)
            with ordinality as x(wamid, status, correlation, code, pricing, occurred, message, n) order by x.n
        on conflict (wamid, status) do nothing
        returning e.wamid, e.status
      )
      select x.n::integer, x.message
        from unnest(p_wamids, p_statuses, v_messages) with ordinality as x(wamid, status, message, n)
        join fresh on fresh.wamid = x.wamid and fresh.status = x.status order by x.n;
  end $$;
`;

/**
 * Locks messages, their tills' rows first, and answers how each stands and what its till's view of the redemption is made
 * of. A message that belongs to a till changes only under the lock of that till, so its own row need not be marked. \`newest_…\`: the message that carries the redemption's newest code, whose delivery the view shows.
 */
const LOCK = `
  create function statuses_lock(p_ids uuid[]) returns table (
    message_id uuid, message_till uuid, message_kind text, message_state text, message_reason text,
    template_only boolean, abandoned_wamid text, approval_id uuid,
    id uuid, till_id uuid, status text, asset text, amount bigint, currency text, sale_ref text, drawer boolean,
    created_at bigint, channel text, code_digits integer, tries_left integer, sends_max integer, serial integer,
    expires_at bigint, resend_at bigint, customer_id uuid, customer_name text, member_no text, phone_e164 text,
    language text, available bigint,
    newest_id uuid, newest_channel text, newest_state text, newest_reason text
  ) language plpgsql as $$
  #variable_conflict use_column
  begin
    perform 1 from tills t where t.id = any(array(select distinct m.till_id from messages m where m.id = any(p_ids)))
      order by t.id for no key update;
    perform 1 from messages m where m.id = any(p_ids) and m.till_id is null order by m.id for no key update;
    return query select m.id, m.till_id, m.kind, m.state, m.reason,
        m.template_only, m.abandoned_wamid, m.approval_id,
        r.id, r.till_id, r.status, r.asset, r.amount, r.currency, r.sale_ref, r.drawer,
        r.created_at, r.channel, r.code_digits, r.tries_left, r.sends_max, r.serial,
        r.expires_at, r.resend_at, c.id, c.name, c.member_no, c.phone_e164,
        c.language, a.balance,
        w.id, w.channel, w.state, w.reason
      from messages m
        left join redemptions r on r.id = m.redemption_id
        left join customers c on c.id = r.customer_id
        left join accounts a on a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available'
        left join messages w on w.redemption_id = r.id and w.serial = r.serial
      where m.id = any(p_ids) order by m.id;
  end $$;
`;

/**
 * Writes how far locked messages came (\`p_ids\`, each once), queues again those of \`p_again\` (as templates: the person's
 * window had closed; \`p_abandoned\` is the send that does not count any more), and gives each event its till's next number.
 */
const WRITE = `
  create function statuses_write(
    p_ids uuid[], p_states text[], p_reasons text[], p_again uuid[], p_abandoned text[], p_queue text,
    p_tills uuid[], p_events jsonb, p_now bigint
  ) returns void language plpgsql as $$
  begin
    update messages m set state = x.state, reason = x.reason, updated_at = p_now,
        content_sealed = case when x.state = 'queued' then m.content_sealed end
      from unnest(p_ids, p_states, p_reasons) as x(id, state, reason) where m.id = x.id;
    if cardinality(p_again) > 0 then
      update messages m set template_only = true, wamid = null, abandoned_wamid = x.wamid, updated_at = p_now
        from unnest(p_again, p_abandoned) as x(id, wamid) where m.id = x.id;
      perform queue_message(p_queue, x.id, 0) from unnest(p_again) as x(id);
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
