import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * How far a code's message came is told by an event of its own, put together where it is kept, and statuses are taken over by one
 * statement that is its own transaction: nobody waits for a lock while a gateway is busy with something else.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [TELL, LOCK, WRITE, RECORD, ABSORB]);
}

/**
 * Appends `code.delivery` (shared/gateway-api.ts) of each of these messages that carries its redemption's newest code, as it now
 * stands, and answers the tills. Their rows are locked.
 */
const TELL = `
  create function tell_deliveries(p_ids uuid[], p_now bigint) returns uuid[]
    language plpgsql set enable_seqscan = off as $$
  declare
    v_tills uuid[];
  begin
    if coalesce(cardinality(p_ids), 0) = 0 then
      return '{}';
    end if;
    with told as (
      select r.till_id, row_number() over (partition by r.till_id order by m.id) as n,
        jsonb_build_object('type', 'code.delivery', 'redemptionId', r.id, 'sends', r.serial,
          'delivery', case when m.state = 'queued' then delivery_of(m)
            else jsonb_build_object('channel', m.channel, 'state', m.state, 'reason', m.reason) end) as data
      from messages m join redemptions r on r.id = m.redemption_id and r.serial = m.serial
      where m.id = any(p_ids)
    ), moved as (
      update tills t set event_seq = t.event_seq + c.events
        from (select till_id, count(*) as events from told group by till_id) c where t.id = c.till_id
        returning t.id, t.event_seq - c.events as before
    ), kept as (
      insert into till_events (till_id, seq, data, created_at)
        select moved.id, moved.before + told.n, told.data, p_now from told join moved on moved.id = told.till_id
    )
    select array_agg(id) into v_tills from moved;
    return coalesce(v_tills, '{}');
  end $$;
`;

/**
 * In the place of migration 0061's: what a redemption's view was made of is not read any more. \`newest\`: it carries its
 * redemption's newest code.
 */
const LOCK = `
  drop function messages_lock;
  create function messages_lock(p_ids uuid[]) returns table (
    message_id uuid, message_till uuid, message_kind text, channel text, message_state text, message_reason text,
    template_only boolean, abandoned_wamid text, approval_id uuid, wamid text, template text, attempts integer,
    newest boolean
  ) language plpgsql set enable_seqscan = off as $$
  #variable_conflict use_column
  begin
    perform 1 from tills t where t.id = any(array(select distinct m.till_id from messages m where m.id = any(p_ids)
        and (m.redemption_id is not null or m.approval_id is not null))) order by t.id for no key update;
    perform 1 from messages m where m.id = any(p_ids)
        and (m.till_id is null or (m.redemption_id is null and m.approval_id is null)) order by m.id for no key update;
    return query select m.id, m.till_id, m.kind, m.channel, m.state, m.reason,
        m.template_only, m.abandoned_wamid, m.approval_id, m.wamid, m.template, m.attempts,
        exists (select 1 from redemptions r where r.id = m.redemption_id and r.serial = m.serial)
      from messages m where m.id = any(p_ids) order by m.id;
  end $$;
`;

/** As in migration 0034; what is told is said by the messages' ids (\`p_told\`), and the tills are answered. */
const WRITE = `
  drop function statuses_write;
  create function statuses_write(
    p_ids uuid[], p_states text[], p_reasons text[], p_again uuid[], p_abandoned text[], p_queue text,
    p_told uuid[], p_now bigint
  ) returns uuid[] language plpgsql set enable_seqscan = off as $$
  begin
    update messages m set state = x.state, reason = x.reason, retry_at = null, updated_at = p_now,
        content_sealed = case when x.state = 'queued' then m.content_sealed end
      from unnest(p_ids, p_states, p_reasons) as x(id, state, reason) where m.id = x.id;
    if cardinality(p_again) > 0 then
      update messages m set template_only = true, wamid = null, abandoned_wamid = x.wamid, updated_at = p_now
        from unnest(p_again, p_abandoned) as x(id, wamid) where m.id = x.id;
      perform queue_message(p_queue, x.id, 0) from unnest(p_again) as x(id);
    end if;
    return tell_deliveries(p_told, p_now);
  end $$;
`;

/** The same for what is recorded of sends. */
const RECORD = `
  drop function messages_record;
  create function messages_record(p_rows jsonb, p_queue text, p_told uuid[], p_now bigint) returns uuid[]
    language plpgsql set enable_seqscan = off as $$
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
    return tell_deliveries(p_told, p_now);
  end $$;
`;

/**
 * In the place of \`statuses_keep\`. Keeps the statuses not seen before and takes over those that only say how far a message came:
 * the furthest of \`p_chain\` wins, whatever the order. The arrays are columns of one table, each (wamid, status) once and sorted.
 * Locks are taken in one order by everybody: statuses, tills by id, messages by id.
 *
 * Answers \`waiting\`: how many are kept whose message is not known; \`left\`: those that more follows from, kept and not taken
 * over ({id, message_id}); \`reached\`: how many messages came to each state; \`tills\` that were told.
 */
const ABSORB = `
  drop function statuses_keep;
  create function statuses_absorb(
    p_wamids text[], p_statuses text[], p_correlations uuid[], p_codes integer[], p_pricing text[], p_occurred bigint[],
    p_chain text[], p_now bigint
  ) returns jsonb language plpgsql set enable_seqscan = off as $$
  declare
    v_messages uuid[];
    v_tills uuid[];
    v_plain boolean[];
    v_ids uuid[];
    v_wamids text[];
    v_places integer[];
    v_told uuid[];
    v_free uuid[];
    v_waiting integer;
    v_left jsonb;
    v_moved uuid[];
    v_reached jsonb;
  begin
    select array_agg(m.id order by x.n), array_agg(m.till order by x.n), array_agg(m.plain and x.status <> 'failed' order by x.n)
      into v_messages, v_tills, v_plain
      from unnest(p_wamids, p_statuses, p_correlations) with ordinality as x(wamid, status, correlation, n)
        left join lateral (
          select o.id, case when o.redemption_id is not null then o.till_id end as till,
              o.channel = 'whatsapp' and o.approval_id is null as plain
            from messages o where o.id = x.correlation and o.abandoned_wamid is distinct from x.wamid
          union all
          select o.id, case when o.redemption_id is not null then o.till_id end,
              o.channel = 'whatsapp' and o.approval_id is null
            from messages o where o.wamid = x.wamid
          limit 1) m on true;
    with fresh as (
      insert into message_events as e
          (wamid, status, correlation_id, error_code, pricing, occurred_at, received_at, applied_at)
        select x.wamid, x.status, x.correlation, x.code, x.pricing::jsonb, x.occurred, p_now, case when x.plain then p_now end
        from unnest(p_wamids, p_statuses, p_correlations, p_codes, p_pricing, p_occurred, v_plain)
          with ordinality as x(wamid, status, correlation, code, pricing, occurred, plain, n) order by x.n
      on conflict (wamid, status) do nothing
      returning e.id, e.wamid, e.status
    )
    select array_agg(x.message) filter (where x.plain), array_agg(x.wamid) filter (where x.plain),
        array_agg(array_position(p_chain, x.status)) filter (where x.plain),
        array_agg(distinct x.till) filter (where x.plain and x.till is not null),
        array_agg(x.message) filter (where x.plain and x.till is null),
        count(*) filter (where x.message is null),
        jsonb_agg(jsonb_build_object('id', fresh.id, 'message_id', x.message)) filter (where x.message is not null and x.plain is not true)
      into v_ids, v_wamids, v_places, v_told, v_free, v_waiting, v_left
      from unnest(p_wamids, p_statuses, v_messages, v_tills, v_plain) as x(wamid, status, message, till, plain)
        join fresh on fresh.wamid = x.wamid and fresh.status = x.status;
    if v_told is not null then
      perform 1 from tills where id = any(v_told) order by id for no key update;
    end if;
    if v_free is not null then
      perform 1 from messages where id = any(v_free) order by id for no key update;
    end if;
    if v_ids is not null then
      with said as (
        select id, max(place) as place, array_agg(wamid) as wamids
        from unnest(v_ids, v_wamids, v_places) as x(id, wamid, place) group by id
      ), moved as (
        -- What went another way or was given up since it was looked up is not moved by what is said of the way before.
        update messages m set state = p_chain[s.place], reason = null, retry_at = null, updated_at = p_now, content_sealed = null
          from said s where m.id = s.id and array_position(p_chain, m.state) < s.place and m.channel = 'whatsapp'
            and (m.abandoned_wamid is null or m.abandoned_wamid <> all(s.wamids))
          returning m.id, m.state
      )
      select array_agg(id), (select jsonb_object_agg(state, n) from (select state, count(*) as n from moved group by state) c)
        into v_moved, v_reached from moved;
    end if;
    return jsonb_build_object('waiting', v_waiting, 'left', coalesce(v_left, '[]'), 'reached', coalesce(v_reached, '{}'),
      'tills', to_jsonb(tell_deliveries(v_moved, p_now)));
  end $$;
`;
