import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Queueing a message in one round trip, with plans that are kept: it is part of every redemption's transaction. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [QUEUE_MESSAGE, ADD_MESSAGE]);
}

/**
 * A job of pg-boss, made in SQL. Its `send` would do the same with one statement so large that planning it takes longer
 * than everything else in the transaction. The job's options are the queue's. pg-boss makes its tables when the gateway
 * starts, after the migrations; the names below are looked up when the function is first called.
 */
const QUEUE_MESSAGE = `
  create function queue_message(p_queue text, p_message uuid, p_delay_seconds integer) returns void
    language plpgsql as $$
  declare
    v_start timestamptz := now() + make_interval(secs => p_delay_seconds);
  begin
    insert into pgboss.job (
      name, data, start_after, keep_until, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max,
      expire_seconds, deletion_seconds
    )
    select q.name, jsonb_build_object('messageId', p_message), v_start,
      v_start + make_interval(secs => q.retention_seconds), q.policy, q.retry_limit, q.retry_delay, q.retry_backoff,
      q.retry_delay_max, q.expire_seconds, q.deletion_seconds
    from pgboss.queue q where q.name = p_queue;
    if not found then
      raise exception 'message queue % does not exist', p_queue;
    end if;
  end $$;
`;

/** Keeps a message (a row of \`messages\` as JSON, every column that has no null in it named) and queues it. */
const ADD_MESSAGE = `
  create function add_message(p_queue text, p_row jsonb) returns void language plpgsql as $$
  begin
    insert into messages select * from jsonb_populate_record(null::messages, p_row);
    perform queue_message(p_queue, (p_row ->> 'id')::uuid, 0);
  end $$;
`;
