/** Signals' tables: what days came to, and what was found. */
import { type Kysely, sql } from 'kysely';
import type { Finding } from '../../shared/findings.ts';
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
