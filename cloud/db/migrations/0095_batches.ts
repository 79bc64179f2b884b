import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * Messages that somebody sends at the moment: a batch of jobs leaves pg-boss's table as one row here, and what is sent is done with by
 * deleting that row. Marked as active one by one, each job was written to its table and indexes once more before it was deleted.
 * What a process that died had in hand goes back to the queue when the batch's time is over.
 *
 * Neither function's commit waits for the disk: where a crash of the database took one back, whatever was written after it is gone as
 * well, and the message is as it was before it was taken.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [BATCHES, END, TAKE]);
}

const BATCHES = `
  create table message_batches (
    id bigint generated always as identity primary key,
    -- Of pg-boss, where they came from.
    queue text not null,
    messages uuid[] not null,
    -- How often each was tried before.
    tries smallint[] not null,
    until timestamptz not null
  );
  -- A row is there for moments.
  alter table message_batches alter column messages set storage plain;
  drop function take_jobs;
`;

/**
 * Is done with a batch; \`p_again\`, those of its messages that are to be tried again: later and later, or at once. Each is for as long
 * as its queue says (\`retry_limit\`). A batch whose time was over is somebody else's: nothing is done.
 */
const END = `
  create function end_message_batch(p_batch bigint, p_again uuid[], p_at_once boolean) returns void
    language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
  declare
    v_batch message_batches;
  begin
    perform set_config('synchronous_commit', 'off', true);
    delete from message_batches where id = p_batch returning * into v_batch;
    if not found or cardinality(p_again) = 0 then
      return;
    end if;
    insert into pgboss.job_common (
      name, data, priority, start_after, keep_until, policy, retry_count, retry_limit, retry_delay, retry_backoff, retry_delay_max,
      expire_seconds, deletion_seconds
    )
    select q.name, jsonb_build_object('messageId', x.message), case when m.kind in ('code', 'login_code') then 1 else 0 end,
      s.start, s.start + make_interval(secs => q.retention_seconds), q.policy, x.tries + 1, q.retry_limit, q.retry_delay,
      q.retry_backoff, q.retry_delay_max, q.expire_seconds, q.deletion_seconds
    from unnest(v_batch.messages, v_batch.tries) as x(message, tries)
      join pgboss.queue q on q.name = v_batch.queue left join messages m on m.id = x.message
      cross join lateral (select pgboss.job_now() + make_interval(secs => case when p_at_once then 0
        else least(q.retry_delay_max, q.retry_delay * 2 ^ x.tries) end) as start) s
    where x.message = any(p_again) and x.tries < q.retry_limit;
  end $$;
`;

/**
 * The next due jobs of a queue, taken out of it and in hand for so many seconds: \`batch\`, and its messages. Jobs are gone through in
 * their order and then taken by their keys, whatever is known of the table (it is analysed while it is empty, as a queue mostly is).
 */
const TAKE = `
  create function take_messages(p_queue text, p_limit integer, p_seconds integer) returns table (batch bigint, message uuid)
    language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
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
    return query select v_batch, x from unnest(v_messages) as x;
  end $$;
`;
