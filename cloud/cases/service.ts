/** Cases: each step is one transaction of the case, its entry (which is an audit event) and what becomes of its findings. */
import { type Kysely, type Selectable, sql } from 'kysely';
import {
  CASE_EVENTS_MAX,
  type CaseDetail,
  type CaseOpen,
  type CasePage,
  type CaseStatus,
  type CaseStep,
} from '../../shared/cases.ts';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { ManagerScope } from '../audit/access.ts';
import type { Evidence, EvidenceWish } from '../audit/evidence.ts';
import type { Timeline } from '../audit/timeline.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import { acknowledgeAll } from '../signals/findings.ts';
import { casePage, readCase } from './read.ts';
import type { CaseEntriesTable, CasesTable } from './tables.ts';

type Db = Kysely<Database>;
type Case = Selectable<CasesTable>;

export interface Cases {
  page(
    scope: ManagerScope,
    query: { status?: CaseStatus | undefined; after?: number | undefined },
  ): Promise<CasePage>;
  /** Throws `not_found`. */
  get(scope: ManagerScope, id: string): Promise<CaseDetail>;
  /** Throws `not_found` for a finding or an event of another store, `case_full`. */
  open(scope: ManagerScope, wish: CaseOpen): Promise<CaseDetail>;
  /** Throws `not_found`, `case_closed`, `case_full`, `staff_unknown`, `role_not_allowed`. */
  step(scope: ManagerScope, id: string, step: CaseStep): Promise<CaseDetail>;
  /** The lines of an evidence file over the time of the case's events. Throws `not_found`, `case_empty`. */
  evidence(scope: ManagerScope, id: string): Promise<Evidence>;
}

export interface CasesOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly timeline: Pick<Timeline, 'byIds'>;
  readonly makeEvidence: (wish: EvidenceWish) => Evidence;
}

export function createCases({ engine, effects, timeline, makeEvidence }: CasesOptions): Cases {
  const db = engine.kysely;
  const { clock } = effects;
  const get = (scope: ManagerScope, id: string) => readCase(db, timeline, scope, id);

  return {
    get,
    page: (scope, query) => casePage(db, scope, query),

    async open(scope, { id, title, findingIds, eventIds }) {
      const { storeId, staffId } = scope;
      await db.transaction().execute(async (trx) => {
        const at = clock.now();
        // The counter first: whoever comes with the same id waits here, and then finds the case.
        const { rows } = await sql<{ last: number }>`insert into case_counters as c (store_id, last)
          values (${storeId}::uuid, 1) on conflict (store_id) do update set last = c.last + 1 returning last`.execute(
          trx,
        );
        const known = await trx.selectFrom('cases').select('id').where('id', '=', id).executeTakeFirst();
        if (known !== undefined) {
          await sql`update case_counters set last = last - 1 where store_id = ${storeId}::uuid`.execute(trx);
          return;
        }
        const common = { store_id: storeId, opened_by: staffId, opened_at: at, changed_at: at } as const;
        const fresh = {
          status: 'open',
          outcome: null,
          assignee_id: null,
          number: rows[0]?.last ?? 1,
        } as const;
        await trx
          .insertInto('cases')
          .values({ id, title, ...common, ...fresh })
          .execute();
        // Its entry goes by the case's own id.
        await enter(trx, scope, { id, case_id: id, kind: 'opened', text: title, at, findingIds, eventIds });
      });
      return get(scope, id);
    },

    async step(scope, id, step) {
      await db.transaction().execute(async (trx) => {
        const found = await lockCase(trx, scope, id);
        const known = await trx
          .selectFrom('case_entries')
          .select('case_id')
          .where('id', '=', step.id)
          .executeTakeFirst();
        if (known !== undefined) return;
        await take(trx, scope, found, step);
      });
      return get(scope, id);
    },

    async evidence(scope, id) {
      const { events } = await get(scope, id);
      const times = events.map(({ at }) => at);
      if (times.length === 0) throw new SaksiError('case_empty');
      await db.transaction().execute(async (trx) => {
        await lockCase(trx, scope, id);
        const entry = { id: createUuid(effects), case_id: id, kind: 'exported', text: '' } as const;
        await enter(trx, scope, { ...entry, at: clock.now() });
      });
      return makeEvidence({ ...scope, from: Math.min(...times), to: Math.max(...times) + 1 });
    },
  };

  async function take(
    trx: Db,
    scope: ManagerScope,
    { id, status, outcome }: Case,
    step: CaseStep,
  ): Promise<void> {
    const at = clock.now();
    const entry = { id: step.id, case_id: id, at, text: '' } as const;
    const change = (fields: Partial<Pick<Case, 'title' | 'status' | 'outcome' | 'assignee_id'>>) =>
      trx
        .updateTable('cases')
        .set({ ...fields, changed_at: at })
        .where('id', '=', id)
        .execute();
    const { kind } = step;
    if (status === 'closed' && kind !== 'noted' && kind !== 'moved') throw new SaksiError('case_closed');
    switch (kind) {
      case 'noted':
        await enter(trx, scope, { ...entry, kind, text: step.text });
        await change({});
        break;
      case 'collected':
        await enter(trx, scope, { ...entry, kind, findingIds: step.findingIds, eventIds: step.eventIds });
        await change({});
        break;
      case 'titled':
        await enter(trx, scope, { ...entry, kind, text: step.title });
        await change({ title: step.title });
        break;
      case 'assigned':
        await assertMay(trx, scope, step.assigneeId);
        await enter(trx, scope, { ...entry, kind, assignee_id: step.assigneeId });
        await change({ assignee_id: step.assigneeId });
        break;
      case 'moved':
        await enter(trx, scope, { ...entry, kind, text: step.text, status: step.status });
        await change({ status: step.status, outcome: null });
        if (outcome !== null) await sayOfFindings(trx, scope, id, 'case', '');
        break;
      case 'closed':
        await enter(trx, scope, {
          ...entry,
          kind: 'moved',
          text: step.text,
          status: kind,
          outcome: step.outcome,
        });
        await change({ status: kind, outcome: step.outcome });
        // What it came to is what is said of its findings; where nobody knows, they stay in the case.
        if (step.outcome === 'fraud') await sayOfFindings(trx, scope, id, 'fraud', step.text);
        if (step.outcome === 'mistake' || step.outcome === 'unfounded')
          await sayOfFindings(trx, scope, id, 'innocent', step.text);
    }
  }

  async function sayOfFindings(
    trx: Db,
    { storeId, staffId }: ManagerScope,
    caseId: string,
    state: 'case' | 'fraud' | 'innocent',
    text: string,
  ): Promise<void> {
    const rows = await trx
      .selectFrom('case_entries')
      .select('finding_ids')
      .where('case_id', '=', caseId)
      .execute();
    const ids = rows.flatMap((row) => row.finding_ids);
    await acknowledgeAll(trx, { storeId, staffId, state, note: text.slice(0, 1_000) }, ids, clock.now());
  }
}

async function lockCase(trx: Db, { storeId }: ManagerScope, id: string): Promise<Case> {
  const found = await trx
    .selectFrom('cases')
    .selectAll()
    .where('id', '=', id)
    .where('store_id', '=', storeId)
    .forUpdate()
    .executeTakeFirst();
  if (found === undefined) throw new SaksiError('not_found');
  return found;
}

type Entry = Pick<Selectable<CaseEntriesTable>, 'id' | 'case_id' | 'kind' | 'at' | 'text'> &
  Partial<Pick<Selectable<CaseEntriesTable>, 'status' | 'outcome' | 'assignee_id'>> & {
    readonly findingIds?: readonly number[];
    readonly eventIds?: readonly number[];
  };

/** The next entry of a case whose row is locked. What it collects is looked for in the store. */
async function enter(trx: Db, scope: ManagerScope, entry: Entry): Promise<void> {
  const {
    findingIds = [],
    eventIds = [],
    status = null,
    outcome = null,
    assignee_id = null,
    ...rest
  } = entry;
  const { storeId, staffId } = scope;
  await assertOwn(trx, 'signal_findings', storeId, findingIds);
  await assertOwn(trx, 'audit_events', storeId, eventIds);
  const before = await trx
    .selectFrom('case_entries')
    .select(['no', 'event_ids'])
    .where('case_id', '=', entry.case_id)
    .orderBy('no', 'desc')
    .execute();
  const collected = before.flatMap((one) => one.event_ids).length + eventIds.length;
  if (collected > CASE_EVENTS_MAX) throw new SaksiError('case_full', { params: { max: CASE_EVENTS_MAX } });
  await trx
    .insertInto('case_entries')
    .values({
      ...{ ...rest, status, outcome, assignee_id, staff_id: staffId, no: (before[0]?.no ?? 0) + 1 },
      ...{ finding_ids: JSON.stringify(findingIds), event_ids: JSON.stringify(eventIds) },
    })
    .execute();
  await acknowledgeAll(trx, { storeId, staffId, state: 'case', note: '' }, findingIds, entry.at);
}

async function assertOwn(
  trx: Db,
  table: 'signal_findings' | 'audit_events',
  storeId: string,
  ids: readonly number[],
): Promise<void> {
  const wanted = new Set(ids);
  if (wanted.size === 0) return;
  const rows = await trx
    .selectFrom(table)
    .select('id')
    .where('id', 'in', [...wanted])
    .where('store_id', '=', storeId)
    .execute();
  if (rows.length < wanted.size) throw new SaksiError('not_found');
}

/** Cases are read by managers only. */
async function assertMay(trx: Db, { storeId }: ManagerScope, staffId: string | null): Promise<void> {
  if (staffId === null) return;
  const staff = await trx
    .selectFrom('staff')
    .select('role')
    .where('id', '=', staffId)
    .where('store_id', '=', storeId)
    .where('active', '=', true)
    .executeTakeFirst();
  if (staff === undefined) throw new SaksiError('staff_unknown');
  if (staff.role !== 'manager') throw new SaksiError('role_not_allowed');
}
