import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * The next due jobs of a queue of pg-boss's, marked as in hand, as its own \`fetch\` takes them. Its statement joins what is due
 * with the table: where the table was analysed while it was empty, as a queue mostly is, PostgreSQL reads all of the queue for each
 * job of a batch. Here jobs are gone through in their order, and then taken by their keys, whatever is known of the table.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [TAKE]);
}

const TAKE = `
  create function take_jobs(p_queue text, p_limit integer) returns table (id uuid, data jsonb, retry_count integer)
    language plpgsql set enable_seqscan = off as $$
  #variable_conflict use_column
  declare
    v_ids uuid[];
  begin
    v_ids := array(select id from pgboss.job_common
      where name = p_queue and state < 'active' and not blocked and start_after <= pgboss.job_now()
      order by priority desc, created_on limit p_limit for update skip locked);
    return query update pgboss.job_common j set state = 'active', started_on = pgboss.job_now(),
        heartbeat_on = pgboss.job_now(), retry_count = j.retry_count + case when j.started_on is null then 0 else 1 end
      where j.name = p_queue and j.id = any(v_ids) returning j.id, j.data, j.retry_count;
  end $$;
`;
