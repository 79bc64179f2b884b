/** A store's day in figures: each counts what a filter of the audit list shows. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import {
  DIGEST_FILTERS,
  type Digest,
  type DigestFigure,
  type DigestFilterName,
} from '../../shared/alerts.ts';
import { createLocalTime } from '../../shared/local-time.ts';
import type { Currency } from '../../shared/money.ts';
import type { Database } from '../db/schema.ts';
import './tables.ts';

type Db = Kysely<Database>;

interface DigestStore {
  readonly id: string;
  readonly timezone: string;
  readonly currency: Currency;
}

/** Epoch day of the store's calendar before the one that `at` lies in. */
export const yesterdayOf = (timezone: string, at: number): number => createLocalTime(timezone).of(at).day - 1;

export async function digestOf(
  db: Db,
  { id, timezone, currency }: DigestStore,
  day: number,
): Promise<Digest> {
  const time = createLocalTime(timezone);
  const [from, to] = [time.startOf(day), time.startOf(day + 1)];
  const names = Object.keys(DIGEST_FILTERS) as DigestFilterName[];
  const { rows } = await sql<DigestFigure & { name: DigestFilterName }>`
    select f.name, count(e.id)::integer as count,
      coalesce(sum(e.amount) filter (where e.asset is distinct from 'points'), 0)::bigint as amount,
      coalesce(sum(e.amount) filter (where e.asset = 'points'), 0)::bigint as points
    from unnest(${names}::text[]) as f (name) left join audit_events e on e.store_id = ${id}::uuid
      and e.at >= ${from}::bigint and e.at < ${to}::bigint and (${sql.join(names.map(isOf), sql` or `)})
    group by f.name`.execute(db);
  const counted = Object.fromEntries(rows.map(({ name, ...figure }) => [name, shownOf(name, figure)]));
  return {
    ...{ day, from, to, currency },
    figures: {
      ...(counted as Record<DigestFilterName, DigestFigure>),
      findings: { ...(await findingsOf(db, id, from, to)), amount: null, points: null },
      messages: { ...(await messagesOf(db, id, from, to)), points: null },
    },
  };
}

/** As the filter of the audit list says it. */
function isOf(name: DigestFilterName): RawBuilder<unknown> {
  const { kinds, q }: { readonly kinds: readonly string[]; readonly q?: string } = DIGEST_FILTERS[name];
  const words = q === undefined ? sql`` : sql` and e.words @@ ${`'${q}':*`}::tsquery`;
  return sql`(f.name = ${name}::text and e.kind = any(${[...kinds]}::text[])${words})`;
}

/** An opening has no amount of its own; only what is spent may be points. */
function shownOf(name: DigestFilterName, { count, amount, points }: DigestFigure): DigestFigure {
  if (name === 'openings' || name === 'unexplained') return { count, amount: null, points: null };
  const isSpent = name === 'redemptions' || name === 'offline';
  return { count, amount, points: isSpent ? points : null };
}

/** Those that were new on that day: what grew is counted once. */
async function findingsOf(db: Db, storeId: string, from: number, to: number): Promise<{ count: number }> {
  const { rows } = await sql<{ count: number }>`select count(*)::integer as count from signal_findings
    where store_id = ${storeId}::uuid and revision = 1 and found_at >= ${from}::bigint and found_at < ${to}::bigint`.execute(
    db,
  );
  return { count: rows[0]?.count ?? 0 };
}

async function messagesOf(db: Db, storeId: string, from: number, to: number) {
  const { rows } = await sql<{ count: number; amount: number }>`select count(*)::integer as count,
      coalesce(sum(price) filter (where outcome = 'spent'), 0)::bigint as amount
    from message_charges where store_id = ${storeId}::uuid and created_at >= ${from}::bigint
      and created_at < ${to}::bigint`.execute(db);
  return { count: rows[0]?.count ?? 0, amount: rows[0]?.amount ?? 0 };
}
