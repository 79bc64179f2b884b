/** Signals' tables: what days came to, and what was found. */
import { type Kysely, sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { AcknowledgementState, Finding, KeptFinding } from '../../shared/findings.ts';
import { type Policy, policySchema } from '../../shared/policy.ts';
import type { Database } from '../db/schema.ts';
import type { DayRecord } from './day.ts';
import { type Facts, factsOfPolicy, type StoreFacts } from './facts.ts';
import './tables.ts';

type Db = Kysely<Database>;

/** Stores by the name of what they are compared within: their chain's, or their own id. */
export async function readChains(db: Db): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('stores')
    .select(['id', sql<string>`coalesce('chain ' || chain, id::text)`.as('chain')])
    .orderBy('id')
    .execute();
  const chains = new Map<string, string[]>();
  for (const { id, chain } of rows) chains.set(chain, [...(chains.get(chain) ?? []), id]);
  return chains;
}

export async function readFacts(db: Db, storeIds: readonly string[]): Promise<Facts> {
  const stores = await db
    .selectFrom('stores')
    .select(['id', 'timezone', 'policy'])
    .where('id', 'in', storeIds)
    .orderBy('id')
    .execute();
  const staff = await db
    .selectFrom('staff')
    .select(['id', 'created_at'])
    .where('store_id', 'in', storeIds)
    .execute();
  return {
    stores: new Map(
      stores.map(({ id, timezone, policy }): [string, StoreFacts] => {
        const parsed: Policy = policySchema.parse(policy);
        return [id, factsOfPolicy(id, timezone, parsed)];
      }),
    ),
    staffSince: new Map(staff.map(({ id, created_at: since }) => [id, since])),
  };
}

export async function keepRecords(db: Db, records: readonly DayRecord[], now: number): Promise<void> {
  for (const record of records) {
    const { storeId: store_id, day } = record;
    await db
      .insertInto('signal_days')
      .values({ store_id, day, record: JSON.stringify(record), read_at: now })
      .onConflict((conflict) =>
        conflict.columns(['store_id', 'day']).doUpdateSet(({ ref }) => ({
          record: ref('excluded.record'),
          read_at: ref('excluded.read_at'),
        })),
      )
      .execute();
  }
}

/** In the order of days, then of stores. */
export async function readRecords(db: Db, storeIds: readonly string[], from: number): Promise<DayRecord[]> {
  const rows = await db
    .selectFrom('signal_days')
    .select('record')
    .where('store_id', 'in', storeIds)
    .where('day', '>=', from)
    .orderBy('day')
    .orderBy('store_id')
    .execute();
  return rows.map(({ record }) => record);
}

/** They name customers: not kept for longer than windows need them. */
export async function forgetRecords(db: Db, storeIds: readonly string[], before: number): Promise<void> {
  await db.deleteFrom('signal_days').where('store_id', 'in', storeIds).where('day', '<', before).execute();
}

/**
 * Keeps what is new: a finding not seen before, or one whose events are others than at its newest revision. Twice is as good as
 * once, and so is two gateways at once. @returns how many rows were written
 */
export async function keepFindings(db: Db, findings: readonly Finding[], now: number): Promise<number> {
  let kept = 0;
  for (const finding of findings) {
    const { storeId, signal, person, window, tillId, severity, score, figures, eventIds } = finding;
    const ids = JSON.stringify(eventIds);
    const { rows } = await sql<{ id: number }>`
      with newest as (
        select revision, event_ids, severity from signal_findings
        where store_id = ${storeId}::uuid and signal = ${signal} and person_kind = ${person.kind}
          and person_id = ${person.id} and window_from = ${window.from}::integer
        order by revision desc limit 1
      )
      insert into signal_findings (store_id, signal, person_kind, person_id, window_from, window_to, revision, till_id,
          severity, score, figures, event_ids, found_at)
        select ${storeId}::uuid, ${signal}, ${person.kind}, ${person.id}, ${window.from}::integer, ${window.to}::integer,
          coalesce((select revision from newest), 0) + 1, ${tillId}::uuid, ${severity}, ${score}::smallint,
          ${JSON.stringify(figures)}::jsonb, ${ids}::jsonb, ${now}::bigint
        where not exists (select 1 from newest where event_ids = ${ids}::jsonb and severity = ${severity})
      on conflict on constraint signal_findings_once do nothing
      returning id`.execute(db);
    kept += rows.length;
  }
  return kept;
}

export interface FindingsPage {
  readonly storeId: string;
  /** Only findings with a smaller id: the last of the page before. */
  readonly before?: number;
  readonly limit: number;
}

/** The newest revision of each finding, newest first. */
export async function listFindings(db: Db, { storeId, before, limit }: FindingsPage): Promise<KeptFinding[]> {
  const { rows } = await sql<FindingRow>`
    select f.*, a.state, a.staff_id, a.note, a.at, seen.severity as seen_severity
    from signal_findings f
      left join lateral (
        select a.*, o.severity from signal_acknowledgements a join signal_findings o on o.id = a.finding_id
        where o.store_id = f.store_id and o.signal = f.signal and o.person_kind = f.person_kind
          and o.person_id = f.person_id and o.window_from = f.window_from
        order by a.id desc limit 1
      ) a on true
      left join signal_findings seen on seen.id = a.finding_id
    where f.store_id = ${storeId}::uuid and (${before ?? null}::bigint is null or f.id < ${before ?? null}::bigint)
      and not exists (select 1 from signal_findings n where n.store_id = f.store_id and n.signal = f.signal
        and n.person_kind = f.person_kind and n.person_id = f.person_id and n.window_from = f.window_from
        and n.revision > f.revision)
    order by f.id desc limit ${limit}::integer`.execute(db);
  return rows.map(toFinding);
}

interface FindingRow {
  readonly id: number;
  readonly store_id: string;
  readonly signal: Finding['signal'];
  readonly person_kind: Finding['person']['kind'];
  readonly person_id: string;
  readonly window_from: number;
  readonly window_to: number;
  readonly revision: number;
  readonly till_id: string | null;
  readonly severity: Finding['severity'];
  readonly score: number;
  readonly figures: Finding['figures'];
  readonly event_ids: number[];
  readonly found_at: number;
  readonly state: AcknowledgementState | null;
  readonly staff_id: string | null;
  readonly note: string | null;
  readonly at: number | null;
  readonly seen_severity: Finding['severity'] | null;
}

const RANK = { low: 0, medium: 1, high: 2 } as const;

function toFinding(row: FindingRow): KeptFinding {
  const { state, staff_id: staffId, note, at, seen_severity: seen } = row;
  const isKnown = state !== null && staffId !== null && at !== null && seen !== null;
  // What was waved through as a trifle is looked at again when it has become more than that.
  const acknowledged =
    isKnown && state !== 'open' && RANK[row.severity] <= RANK[seen]
      ? { state, staffId, note: note ?? '', at }
      : null;
  return {
    id: row.id,
    storeId: row.store_id,
    signal: row.signal,
    person: { kind: row.person_kind, id: row.person_id },
    tillId: row.till_id,
    window: { from: row.window_from, to: row.window_to },
    revision: row.revision,
    severity: row.severity,
    score: row.score,
    figures: row.figures,
    eventIds: row.event_ids,
    foundAt: row.found_at,
    acknowledged,
  };
}

export interface Acknowledgement {
  readonly storeId: string;
  readonly findingId: number;
  readonly staffId: string;
  readonly state: AcknowledgementState;
  readonly note: string;
}

/** @throws SaksiError `not_found` where the store has no such finding */
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
