/** Findings as people read them: each at its newest revision, with what was made of it. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { AcknowledgementState, Finding } from '../../shared/findings.ts';
import type {
  FindingDetail,
  FindingFilter,
  FindingState,
  FindingSummary,
  ShownFinding,
} from '../../shared/findings-api.ts';
import type { Database } from '../db/schema.ts';
import './tables.ts';

type Db = Kysely<Database>;

const WORDS_MAX = 500;
const PEOPLE_MAX = 200;

export interface FindingsPage extends FindingFilter {
  readonly storeId: string;
  /** Only findings with a smaller id: the last of the page before. */
  readonly before?: number;
  readonly limit: number;
}

/** Newest first. */
export async function listFindings(db: Db, page: FindingsPage): Promise<ShownFinding[]> {
  const { rows } = await sql<FindingRow>`select * from (${newest(page.storeId)}) f
    where ${and([...narrowed(page), ...(page.before === undefined ? [] : [sql`f.id < ${page.before}::bigint`])])}
    order by f.id desc limit ${page.limit}::integer`.execute(db);
  return rows.map(toFinding);
}

/** By the id of any of its revisions. Throws `not_found` where the store has no such finding. */
export async function findFinding(db: Db, storeId: string, id: number): Promise<ShownFinding> {
  const [found] = await findFindings(db, storeId, [id]);
  if (found === undefined) throw new SaksiError('not_found');
  return found;
}

/** By ids of any of their revisions, each once, oldest first. */
export async function findFindings(db: Db, storeId: string, ids: readonly number[]): Promise<ShownFinding[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<FindingRow>`select * from (${newest(storeId)}) f
    where exists (select 1 from signal_findings k where k.store_id = ${storeId}::uuid
      and k.id = any(${[...ids]}::bigint[]) and ${sameFinding('k', 'f')})
    order by f.id`.execute(db);
  return rows.map(toFinding);
}

export async function summariseFindings(db: Db, storeId: string): Promise<FindingSummary> {
  const counts = sql`count(*) filter (where f.state = 'new')::integer as fresh, count(*)::integer as "all"`;
  const { rows: signals } = await sql<FindingSummary['signals'][number]>`
    select f.signal, ${counts} from (${newest(storeId)}) f group by f.signal order by fresh desc, "all" desc, f.signal`.execute(
    db,
  );
  const { rows: people } = await sql<{
    person_kind: Finding['person']['kind'];
    person_id: string;
    person_name: string | null;
    fresh: number;
    all: number;
  }>`select f.person_kind, f.person_id, f.person_name, ${counts} from (${newest(storeId)}) f
    group by f.person_kind, f.person_id, f.person_name order by fresh desc, "all" desc, f.person_name limit ${PEOPLE_MAX}`.execute(
    db,
  );
  return {
    signals,
    people: people.map(({ person_kind: kind, person_id: id, person_name: name, fresh, all }) => ({
      ...{ person: { kind, id }, name, fresh, all },
    })),
  };
}

/** What was said of it, of whichever revision, oldest first. */
export async function wordsOf(db: Db, { storeId, id }: ShownFinding): Promise<FindingDetail['words']> {
  const { rows } = await sql<{ at: number; state: AcknowledgementState; name: string; note: string }>`
    select * from (select a.id, a.at, a.state, s.name, a.note from signal_findings k
      join signal_findings f on f.store_id = ${storeId}::uuid and ${sameFinding('k', 'f')}
      join signal_acknowledgements a on a.finding_id = f.id join staff s on s.id = a.staff_id
      where k.id = ${id}::bigint order by a.id desc limit ${WORDS_MAX}) w order by w.id`.execute(db);
  return rows.map(({ at, state, name: staffName, note }) => ({ at, state, staffName, note }));
}

export interface Acknowledgement {
  readonly storeId: string;
  readonly findingId: number;
  readonly staffId: string;
  readonly state: AcknowledgementState;
  readonly note: string;
}

/** Throws `not_found` where the store has no such finding. */
export async function acknowledge(db: Db, word: Acknowledgement, now: number): Promise<void> {
  const { storeId, findingId, staffId, state, note } = word;
  const finding = await db
    .selectFrom('signal_findings')
    .select('id')
    .where('id', '=', findingId)
    .where('store_id', '=', storeId)
    .executeTakeFirst();
  if (finding === undefined) throw new SaksiError('not_found');
  await db
    .insertInto('signal_acknowledgements')
    .values({ finding_id: findingId, state, staff_id: staffId, note, at: now })
    .execute();
}

/** Of all these findings of the store at once, each by any of its revisions. */
export async function acknowledgeAll(
  db: Db,
  word: Omit<Acknowledgement, 'findingId'>,
  findingIds: readonly number[],
  now: number,
): Promise<void> {
  const findings = await findFindings(db, word.storeId, findingIds);
  for (const { id: findingId } of findings) await acknowledge(db, { ...word, findingId }, now);
}

const RANK = { low: 0, medium: 1, high: 2 } as const;
const rankOf = (column: string) =>
  sql`array_position(array['low', 'medium', 'high'], ${sql.raw(column)}) - 1`;

/** Revisions of one finding: the same signal, person and window. */
const sameFinding = (one: string, other: string) => {
  const keys = ['store_id', 'signal', 'person_kind', 'person_id', 'window_from'];
  return sql.raw(keys.map((key) => `${one}.${key} = ${other}.${key}`).join(' and '));
};

/** The newest revision of each finding of a store. What was waved through as a trifle is new again when it is more than that. */
function newest(storeId: string): RawBuilder<unknown> {
  return sql`
    select f.*, a.state as said, a.staff_id, a.note, a.at, a.severity as said_severity, t.name as till_name,
      coalesce(p.name, c.name, pt.name) as person_name,
      case when a.state is null or a.state = 'open' then 'new'
        when a.state in ('case', 'fraud') then 'in_case'
        when ${rankOf('f.severity')} > ${rankOf('a.severity')} then 'new'
        when a.state = 'innocent' then 'dismissed' else 'seen' end as state
    from signal_findings f
      left join lateral (
        select a.*, o.severity from signal_acknowledgements a join signal_findings o on o.id = a.finding_id
        where ${sameFinding('o', 'f')} order by a.id desc limit 1
      ) a on true
      left join tills t on t.id = f.till_id and t.store_id = f.store_id
      left join staff p on f.person_kind in ('cashier', 'approver') and p.id::text = f.person_id
        and p.store_id = f.store_id
      left join customers c on f.person_kind = 'customer' and c.id::text = f.person_id and c.store_id = f.store_id
      left join tills pt on f.person_kind = 'till' and pt.id::text = f.person_id and pt.store_id = f.store_id
    where f.store_id = ${storeId}::uuid
      and not exists (select 1 from signal_findings n where ${sameFinding('n', 'f')} and n.revision > f.revision)`;
}

function narrowed({ signal, personId, severity, scoreFrom, from, to, state }: FindingFilter) {
  const where: RawBuilder<unknown>[] = [sql`true`];
  if (signal !== undefined) where.push(sql`f.signal = ${signal}`);
  if (personId !== undefined) where.push(sql`f.person_id = ${personId}`);
  if (severity !== undefined) where.push(sql`${rankOf('f.severity')} >= ${RANK[severity]}::integer`);
  if (scoreFrom !== undefined) where.push(sql`f.score >= ${scoreFrom}::integer`);
  if (from !== undefined) where.push(sql`f.found_at >= ${from}::bigint`);
  if (to !== undefined) where.push(sql`f.found_at < ${to}::bigint`);
  if (state !== undefined) where.push(sql`f.state = ${state}`);
  return where;
}
const and = (conditions: readonly RawBuilder<unknown>[]) => sql.join(conditions, sql` and `);

interface FindingRow {
  readonly id: number;
  readonly store_id: string;
  readonly signal: Finding['signal'];
  readonly person_kind: Finding['person']['kind'];
  readonly person_id: string;
  readonly person_name: string | null;
  readonly window_from: number;
  readonly window_to: number;
  readonly revision: number;
  readonly till_id: string | null;
  readonly till_name: string | null;
  readonly severity: Finding['severity'];
  readonly score: number;
  readonly figures: Finding['figures'];
  readonly event_ids: number[];
  readonly found_at: number;
  readonly state: FindingState;
  readonly said: AcknowledgementState | null;
  readonly staff_id: string | null;
  readonly note: string | null;
  readonly at: number | null;
}

function toFinding(row: FindingRow): ShownFinding {
  const { said, staff_id: staffId, note, at } = row;
  const isHeard = row.state !== 'new' && said !== null && staffId !== null && at !== null;
  return {
    id: row.id,
    storeId: row.store_id,
    signal: row.signal,
    person: { kind: row.person_kind, id: row.person_id },
    personName: row.person_name,
    tillId: row.till_id,
    tillName: row.till_name,
    window: { from: row.window_from, to: row.window_to },
    revision: row.revision,
    severity: row.severity,
    score: row.score,
    figures: row.figures,
    eventIds: row.event_ids,
    foundAt: row.found_at,
    state: row.state,
    acknowledged: isHeard ? { state: said, staffId, note: note ?? '', at } : null,
  };
}
