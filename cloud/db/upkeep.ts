import { sql } from 'kysely';
import type { Engine } from './engine.ts';

/** Tables of one look: the database has one connection, and somebody at a till may be waiting for it. */
const TABLES_PER_LOOK = 4;
/** PostgreSQL 18, section 24.1.6: autovacuum's thresholds, rows and a part of the table. */
const CHANGED = { rows: 50, part: 0.2 };
const INSERTED = { rows: 1000, part: 0.2 };
const STALE = { rows: 50, part: 0.1 };
/** No table waits for more, however large it is: each vacuum holds everybody up, so it does little at a time. */
const ROWS_MAX = 20_000;
/** autovacuum_freeze_max_age. */
const FREEZE_AGE = 200_000_000;

/**
 * What PostgreSQL's autovacuum does, for the embedded database, which has no processes of its own: without it rows that were
 * deleted keep their place for ever (a queue of a few rows grows to gigabytes and is read through with each look), and the planner
 * knows of no table how large it became.
 * @returns the tables that were vacuumed, as `schema.table`
 */
export async function keepUp({ kysely, script }: Pick<Engine, 'kysely' | 'script'>): Promise<string[]> {
  const { rows } = await sql<{ name: string; vacuum: boolean }>`
    select format('%I.%I', s.schemaname, s.relname) as name, w.vacuum
    from pg_stat_all_tables s join pg_class c on c.oid = s.relid
      cross join lateral (select greatest(c.reltuples, 0) as rows) n
      cross join lateral (select
        s.n_dead_tup > least(${CHANGED.rows} + ${CHANGED.part} * n.rows, ${ROWS_MAX})
          or s.n_ins_since_vacuum > least(${INSERTED.rows} + ${INSERTED.part} * n.rows, ${ROWS_MAX})
          or age(c.relfrozenxid) > ${FREEZE_AGE} as vacuum,
        s.n_mod_since_analyze > least(${STALE.rows} + ${STALE.part} * n.rows, ${ROWS_MAX}) as analyze) w
    where c.relkind = 'r' and s.schemaname <> 'pg_toast' and (w.vacuum or w.analyze)
    order by s.n_dead_tup desc, s.n_ins_since_vacuum desc, s.relid limit ${TABLES_PER_LOOK}`.execute(kysely);
  for (const { name, vacuum } of rows) await script(vacuum ? `vacuum (analyze) ${name}` : `analyze ${name}`);
  return rows.filter(({ vacuum }) => vacuum).map(({ name }) => name);
}
