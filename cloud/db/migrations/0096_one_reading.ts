import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * What is sent is read by the statement that takes it off the queue, its code with it: one round trip for a batch instead of three. It is
 * noted as taken by WhatsApp without a trigger for each message, and what the noting answers is what was not as always.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [READ, TAKE, WAITING, ACCEPTED, EVENTS]);
}

/**
 * Messages as their sender needs them, one row for each id; of one that is gone, nothing but the id. \`code_\`: of a redemption's code,
 * where it is the newest and the redemption waits for it. In one statement with whoever asks (it is inlined), so that it sees what that
 * sees.
 */
const READ = `
  create function message_jobs(p_ids uuid[]) returns table (
    id uuid, kind text, channel text, state text, attempts integer, language text, expires_at bigint, recipient_sealed text,
    redemption_id uuid, serial integer, approval_id uuid, approval_ref text, login_id uuid, content jsonb, template_only boolean,
    store_language text, account text, code_nonce bytea, code_digits integer, code_expires_at bigint
  ) language sql stable as $$
    select x.id, m.kind, m.channel, m.state, m.attempts, m.language, m.expires_at, m.recipient_sealed,
      m.redemption_id, m.serial, m.approval_id, m.approval_ref, m.login_id, m.content, m.template_only,
      s.language, coalesce(m.whatsapp_account, s.whatsapp_account, 'default'), c.nonce, r.code_digits, c.expires_at
    from unnest(p_ids) as x(id) left join messages m on m.id = x.id left join stores s on s.id = m.store_id
      left join lateral (select id, serial, code_digits from redemptions where id = m.redemption_id and m.kind = 'code'
        and serial = m.serial and status = 'awaiting_code' offset 0) r on true
      left join lateral (select nonce, expires_at from codes where redemption_id = r.id and serial = r.serial offset 0) c on true
  $$;
`;

/** As in migration 0095; each message comes as its sender needs it. */
const TAKE = `
  drop function take_messages;
  create function take_messages(p_queue text, p_limit integer, p_seconds integer) returns table (
    batch bigint, id uuid, kind text, channel text, state text, attempts integer, language text, expires_at bigint,
    recipient_sealed text, redemption_id uuid, serial integer, approval_id uuid, approval_ref text, login_id uuid, content jsonb,
    template_only boolean, store_language text, account text, code_nonce bytea, code_digits integer, code_expires_at bigint
  ) language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
  #variable_conflict use_column
  declare
    v_ids uuid[];
    v_messages uuid[];
    v_tries smallint[];
    v_batch bigint;
  begin
    perform set_config('synchronous_commit', 'off', true);
    perform end_message_batch(b.id, b.messages, true) from message_batches b where b.queue = p_queue and b.until < pgboss.job_now();
    v_ids := array(select id from pgboss.job_common
      where name = p_queue and state < 'active' and not blocked and start_after <= pgboss.job_now()
      order by priority desc, created_on limit p_limit for update skip locked);
    if cardinality(v_ids) = 0 then
      return;
    end if;
    with taken as (
      delete from pgboss.job_common j where j.name = p_queue and j.id = any(v_ids) returning j.data, j.retry_count
    )
    select array_agg((data ->> 'messageId')::uuid), array_agg(retry_count::smallint) into v_messages, v_tries from taken;
    insert into message_batches (queue, messages, tries, until)
      values (p_queue, v_messages, v_tries, pgboss.job_now() + make_interval(secs => p_seconds)) returning id into v_batch;
    return query select v_batch, j.* from message_jobs(v_messages) as j;
  end $$;
`;

/** Whoever says himself that a message does not wait any more needs no trigger for it. */
const WAITING = `
  drop trigger messages_update_waiting on messages;
  create trigger messages_update_waiting before update of state on messages for each row
    when ((old.state = 'queued') is distinct from (new.state = 'queued') and old.waiting is not distinct from new.waiting)
    execute function messages_note_waiting();
`;

/**
 * As in migration 0094; that none of them waits any more is said here. \`left\`: of these nothing was noted, more follows from them. \`old\`:
 * known already. Who waits is read when the tills, or the messages, are locked: from then on nobody else changes it.
 */
const ACCEPTED = `
  create or replace function messages_accepted(p_ids uuid[], p_wamids text[], p_templates text[], p_now bigint) returns jsonb
    language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
  declare
    v_free uuid[];
    v_waiting uuid[];
    v_done uuid[];
    v_moved uuid[];
    v_left uuid[];
    v_old uuid[];
  begin
    perform 1 from tills where id = any(array(
      select distinct till_id from messages where id = any(p_ids) and redemption_id is not null)) order by id for no key update;
    select array_agg(id) filter (where state = 'queued'),
        array_agg(id) filter (where approval_id is null and (till_id is null or redemption_id is null))
      into v_waiting, v_free from messages where id = any(p_ids);
    if v_free is not null then
      perform 1 from messages where id = any(v_free) order by id for no key update;
      select array_agg(id) filter (where state = 'queued') into v_waiting from messages where id = any(p_ids);
    end if;
    with noted as (
      update messages m set state = case when m.state = 'queued' then 'accepted' else m.state end,
          reason = case when m.state = 'queued' then null else m.reason end, wamid = coalesce(m.wamid, x.wamid),
          template = x.template, attempts = m.attempts + 1, retry_at = null, waiting = null, updated_at = p_now,
          content_sealed = case when m.state in ('queued', 'accepted') then m.content_sealed end
        from unnest(p_ids, p_wamids, p_templates) as x(id, wamid, template)
        where m.id = x.id and m.approval_id is null and m.channel = 'whatsapp' and m.abandoned_wamid is distinct from x.wamid
        returning m.id
    )
    select coalesce(array_agg(id), '{}') into v_done from noted;
    v_moved := v_done;
    if v_waiting is null or cardinality(v_waiting) < cardinality(p_ids) then
      v_moved := array(select unnest(v_done) intersect select unnest(v_waiting));
      v_old := array(select unnest(v_done) except select unnest(v_waiting));
    end if;
    if cardinality(v_done) < cardinality(p_ids) then
      v_left := array(select unnest(p_ids) except select unnest(v_done));
    end if;
    return jsonb_build_object('left', v_left, 'old', v_old, 'tills', tell_deliveries(v_moved, p_now));
  end $$;
`;

/** Old events are found by their tills, whose events are in order: no index of its own, written with each event, is needed for it. */
const EVENTS = `
  drop index till_events_by_age;
`;
