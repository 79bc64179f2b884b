/** Cases as managers read them. */
import { type Kysely, sql } from 'kysely';
import {
  CASE_EVENTS_MAX,
  CASES_PAGE,
  type CaseDetail,
  type CaseEvent,
  type CasePage,
  type CaseStatus,
  type CaseSummary,
} from '../../shared/cases.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { ManagerScope } from '../audit/access.ts';
import { chainName } from '../audit/chains.ts';
import { hexOf } from '../audit/sha256.ts';
import type { Timeline } from '../audit/timeline.ts';
import type { Database } from '../db/schema.ts';
import { findFindings } from '../signals/findings.ts';
import './tables.ts';

type Db = Kysely<Database>;

function casesOf(db: Db, storeId: string) {
  return db
    .selectFrom('cases as c')
    .innerJoin('staff as o', 'o.id', 'c.opened_by')
    .leftJoin('staff as a', 'a.id', 'c.assignee_id')
    .select([
      'c.id',
      'c.number',
      'c.title',
      'c.status',
      'c.outcome',
      'c.assignee_id',
      'c.opened_at',
      'c.changed_at',
    ])
    .select(['o.name as opened_by', 'a.name as assignee'])
    .where('c.store_id', '=', storeId);
}
type Row = Awaited<ReturnType<ReturnType<typeof casesOf>['execute']>>[number];

function toSummary(row: Row): CaseSummary {
  const { id, number, title, status, outcome, assignee_id: assigneeId, assignee } = row;
  return {
    ...{ id, number, title, status, outcome },
    assignee: assigneeId === null ? null : { id: assigneeId, name: assignee ?? '' },
    ...{ openedBy: row.opened_by, openedAt: row.opened_at, changedAt: row.changed_at },
  };
}

export async function casePage(
  db: Db,
  { storeId }: ManagerScope,
  { status, after }: { status?: CaseStatus | undefined; after?: number | undefined },
): Promise<CasePage> {
  let query = casesOf(db, storeId);
  if (status !== undefined) query = query.where('c.status', '=', status);
  if (after !== undefined) query = query.where('c.number', '<', after);
  const rows = await query
    .orderBy('c.number', 'desc')
    .limit(CASES_PAGE + 1)
    .execute();
  const cases = rows.slice(0, CASES_PAGE).map(toSummary);
  return { cases, next: rows.length > CASES_PAGE ? (cases.at(-1)?.number ?? null) : null };
}

/** Throws `not_found` where the store has no such case. */
export async function readCase(
  db: Db,
  timeline: Pick<Timeline, 'byIds'>,
  scope: ManagerScope,
  id: string,
): Promise<CaseDetail> {
  const row = await casesOf(db, scope.storeId).where('c.id', '=', id).executeTakeFirst();
  if (row === undefined) throw new SaksiError('not_found');
  const entries = await db
    .selectFrom('case_entries as e')
    .innerJoin('staff as s', 's.id', 'e.staff_id')
    .leftJoin('staff as a', 'a.id', 'e.assignee_id')
    .select([
      'e.id',
      'e.no',
      'e.kind',
      'e.at',
      'e.text',
      'e.finding_ids',
      'e.event_ids',
      'e.status',
      'e.outcome',
    ])
    .select(['s.name as staff', 'a.name as assignee'])
    .where('e.case_id', '=', id)
    .orderBy('e.no')
    .execute();
  const findings = await findFindings(db, scope.storeId, [
    ...new Set(entries.flatMap((one) => one.finding_ids)),
  ]);
  const ids = new Set([
    ...entries.flatMap((one) => one.event_ids),
    ...findings.flatMap((one) => one.eventIds),
  ]);
  return {
    case: toSummary(row),
    entries: entries.map(({ finding_ids, event_ids, staff, assignee, ...entry }) => ({
      ...{ ...entry, findings: finding_ids.length, events: event_ids.length },
      ...{ staffName: staff, assigneeName: assignee },
    })),
    findings,
    events: await eventsOf(db, timeline, scope, [...ids].slice(0, CASE_EVENTS_MAX)),
    staff: await db
      .selectFrom('staff')
      .select(['id', 'name'])
      .where('store_id', '=', scope.storeId)
      .where('role', '=', 'manager')
      .where('active', '=', true)
      .orderBy('name')
      .limit(200)
      .execute(),
  };
}

async function eventsOf(
  db: Db,
  timeline: Pick<Timeline, 'byIds'>,
  scope: ManagerScope,
  ids: readonly number[],
): Promise<CaseEvent[]> {
  const events = await timeline.byIds(scope, ids);
  if (events.length === 0) return [];
  const { rows } = await sql<{
    id: number;
    hash: Uint8Array;
    source: 'till' | 'gateway';
    owner: string;
    store_id: string | null;
    paired_at: number;
  }>`select e.id, e.hash, c.source, c.owner, c.store_id, c.paired_at
    from audit_events e join audit_chains c on c.id = e.chain_id
    where e.id = any(${events.map(({ id }) => id)}::bigint[])`.execute(db);
  const places = new Map(rows.map((row) => [row.id, row]));
  return events.flatMap((event) => {
    const place = places.get(event.id);
    return place === undefined ? [] : [{ ...event, chain: chainName(place), hash: hexOf(place.hash) }];
  });
}
