/** Numbers of a span of the audit list, counted in the database: one pass over the span's events, by their index. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import {
  type AuditCharts,
  CHART_MEASURE_NAMES,
  CHART_MEASURES,
  CHART_VOTES,
  type ChartCounts,
  type ChartsWish,
  REDEMPTION_ENDS,
  type RedemptionEnd,
} from '../../shared/audit/charts.ts';
import { createLocalTime } from '../../shared/local-time.ts';
import type { Currency } from '../../shared/money.ts';
import type { Database } from '../db/schema.ts';
import type { ManagerScope } from './access.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** For the sums of one reading: a year of a large store stays in memory. */
const WORK_MEM = '64MB';

interface Span {
  readonly storeId: string;
  readonly timezone: string;
  readonly from: number;
  readonly to: number;
}

/** One snapshot of the store's list. */
export function readCharts(
  db: Kysely<Database>,
  { storeId }: ManagerScope,
  { from, to }: ChartsWish,
): Promise<AuditCharts> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      await sql`select set_config('work_mem', ${WORK_MEM}, true)`.execute(trx);
      const store = await trx
        .selectFrom('stores')
        .select(['currency', 'timezone'])
        .where('id', '=', storeId)
        .executeTakeFirstOrThrow();
      const span = { storeId, timezone: store.timezone, from, to };
      return chartsOf(span, store.currency, {
        counted: await countEvents(trx, span),
        messages: await countMessages(trx, span),
        votes: await measureVotes(trx, span),
        ends: await countEnds(trx, span),
      });
    });
}

const inSpan = ({ storeId, from, to }: Span) =>
  sql`e.store_id = ${storeId}::uuid and e.at >= ${from}::bigint and e.at < ${to}::bigint`;

/** What a row of `countEvents` is of. */
type Place = 'total' | 'day' | 'hour' | 'staff' | 'staff_hour' | 'till';
interface Counted extends ChartCounts {
  place: Place;
  /** Days since 1970-01-01 of the store's calendar. */
  day: number | null;
  hour: number | null;
  staffId: string | null;
  tillId: string | null;
  name: string | null;
}

/**
 * The span is passed over once, into hours of each person at each till; what is shown is made of those. The store's clock is
 * counted with instead of asked for each event, which would take longer than all the rest.
 */
async function countEvents(db: Kysely<Database>, span: Span): Promise<Counted[]> {
  const each = CHART_MEASURE_NAMES.map(
    (name) => sql`count(*) filter (where ${isOf(name)}) as ${sql.ref(name)}`,
  );
  const sums = CHART_MEASURE_NAMES.map((name) => sql`sum(${sql.ref(name)})::bigint as ${sql.ref(name)}`);
  const { rows } = await sql<Counted>`
    with worked as (
      select (e.at + ${offsetOf(span)}) / 3600000 as hour_no, e.staff_id, e.till_id, ${sql.join(each)}
      from audit_events e where ${inSpan(span)} group by 1, 2, 3
    ), placed as (
      select w.*, w.hour_no / 24 as day, (w.hour_no % 24)::integer as hour from worked w
    ), summed as (
      select case grouping(day, hour, staff_id, till_id) when 15 then 'total' when 7 then 'day' when 11 then 'hour'
          when 13 then 'staff' when 9 then 'staff_hour' else 'till' end as place,
        day, hour, staff_id, till_id, ${sql.join(sums)}
      from placed group by grouping sets ((), (day), (hour), (staff_id), (hour, staff_id), (till_id))
    )
    select s.place, s.day, s.hour, s.staff_id as "staffId", s.till_id as "tillId",
      case s.place when 'till' then t.name else f.name end as name,
      ${sql.join(CHART_MEASURE_NAMES.map((name) => sql.ref(`s.${name}`)))}
    from summed s left join tills t on t.id = s.till_id
      left join staff f on f.id = s.staff_id and f.store_id = ${span.storeId}::uuid
    order by s.events desc, name`.execute(db);
  return rows;
}

/** Ms that the store's clock is ahead of UTC at `e.at`. It changes at a whole minute. */
function offsetOf({ timezone, from, to }: Span): RawBuilder<unknown> {
  const { of } = createLocalTime(timezone);
  const ahead = (minute: number) => {
    const local = of(minute * MINUTE_MS);
    return (local.day * DAY_MINUTES + local.minute - minute) * MINUTE_MS;
  };
  const pieces: RawBuilder<unknown>[] = [];
  const end = Math.ceil(to / MINUTE_MS);
  let minute = Math.floor(from / MINUTE_MS);
  while (minute < end) {
    const next = Math.min(end, minute + DAY_MINUTES);
    if (ahead(next) !== ahead(minute)) {
      let [same, other] = [minute, next];
      while (other - same > 1) {
        const middle = Math.floor((same + other) / 2);
        if (ahead(middle) === ahead(minute)) same = middle;
        else other = middle;
      }
      pieces.push(sql`when e.at < ${sql.lit(other * MINUTE_MS)} then ${sql.lit(ahead(minute))}`);
      minute = other;
    } else minute = next;
  }
  const last = sql.lit(ahead(end));
  return pieces.length === 0 ? last : sql`(case ${sql.join(pieces, sql` `)} else ${last} end)`;
}

/** As the filter of the list says it. */
function isOf(name: (typeof CHART_MEASURE_NAMES)[number]): RawBuilder<unknown> {
  const measure: { readonly kinds?: readonly string[]; readonly q?: string } = CHART_MEASURES[name];
  const kinds = (measure.kinds ?? []).map((kind) => sql.lit(kind));
  const is = kinds.length === 0 ? sql`true` : sql`e.kind in (${sql.join(kinds)})`;
  return measure.q === undefined ? is : sql`${is} and e.words @@ ${sql.lit(`'${measure.q}':*`)}::tsquery`;
}

interface DayOfMessages {
  day: number;
  messages: number;
  spent: number;
}

async function countMessages(db: Kysely<Database>, span: Span): Promise<DayOfMessages[]> {
  const { storeId, timezone, from, to } = span;
  const { rows } = await sql<DayOfMessages>`
    select (to_timestamp(c.created_at / 1000.0) at time zone ${timezone})::date - date '1970-01-01' as day,
      count(*) as messages, coalesce(sum(c.price) filter (where c.outcome = 'spent'), 0)::bigint as spent
    from message_charges c
    where c.store_id = ${storeId}::uuid and c.created_at >= ${from}::bigint and c.created_at < ${to}::bigint
    group by 1`.execute(db);
  return rows;
}

interface Votes {
  staffId: string | null;
  name: string | null;
  approved: number;
  rejected: number;
  medianMs: number | null;
  p90Ms: number | null;
}

/** By who said it, and of all (`staffId` null), which is the first. */
async function measureVotes(db: Kysely<Database>, span: Span): Promise<Votes[]> {
  const { rows } = await sql<Votes>`
    with votes as (
      select e.approver_id, e.outcome, (e.body::json -> 'detail' ->> 'ms')::bigint as ms
      from audit_events e where ${inSpan(span)} and e.kind = ${sql.lit(CHART_VOTES)} and e.source = 'gateway'
        and e.approver_id is not null
    ), measured as (
      select v.approver_id, count(*) filter (where v.outcome = 'ok') as approved,
        count(*) filter (where v.outcome = 'refused') as rejected,
        percentile_disc(0.5) within group (order by v.ms) as median, percentile_disc(0.9) within group (order by v.ms) as p90
      from votes v group by grouping sets ((), (v.approver_id))
    )
    select m.approver_id as "staffId", f.name, m.approved, m.rejected, m.median as "medianMs", m.p90 as "p90Ms"
    from measured m left join staff f on f.id = m.approver_id and f.store_id = ${span.storeId}::uuid
    order by m.approver_id is null desc, m.approved + m.rejected desc, f.name`.execute(db);
  return rows;
}

/** By the index of each kind, which has all that is asked. */
async function countEnds(
  db: Kysely<Database>,
  { storeId, from, to }: Span,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ kind: string; count: number }>`
    select k.kind, (select count(*) from audit_events e where e.store_id = ${storeId}::uuid and e.kind = k.kind
      and e.at >= ${from}::bigint and e.at < ${to}::bigint) as count
    from unnest(${Object.values(REDEMPTION_ENDS)}::text[]) k (kind)`.execute(db);
  return new Map(rows.map(({ kind, count }) => [kind, count]));
}

interface Parts {
  readonly counted: readonly Counted[];
  readonly messages: readonly DayOfMessages[];
  readonly votes: readonly Votes[];
  readonly ends: ReadonlyMap<string, number>;
}

function chartsOf(span: Span, currency: Currency, { counted, messages, votes, ends }: Parts): AuditCharts {
  const of = (place: Place) => counted.filter((row) => row.place === place);
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const byHour = new Map(of('hour').map((row) => [row.hour, row]));
  const [total, ...approvers] = votes;
  const personHours = new Map(of('staff_hour').map((row) => [`${row.staffId} ${row.hour}`, row.events]));
  return {
    ...{ from: span.from, to: span.to, currency },
    days: daysOf(span, of('day'), messages),
    hours: hours.map((hour) => countsOf(byHour.get(hour))),
    cashiers: of('staff').flatMap((row) =>
      row.staffId === null
        ? []
        : [
            {
              ...{ staffId: row.staffId, name: row.name, counts: countsOf(row) },
              hours: hours.map((hour) => personHours.get(`${row.staffId} ${hour}`) ?? 0),
            },
          ],
    ),
    tills: of('till').map((row) => ({ tillId: row.tillId, name: row.name, counts: countsOf(row) })),
    total: countsOf(of('total')[0]),
    approvals: {
      total: speedOf(total),
      approvers: approvers.flatMap((row) =>
        row.staffId === null ? [] : [{ ...speedOf(row), staffId: row.staffId, name: row.name }],
      ),
    },
    redemptions: Object.fromEntries(
      (Object.keys(REDEMPTION_ENDS) as RedemptionEnd[]).map((end) => [
        end,
        ends.get(REDEMPTION_ENDS[end]) ?? 0,
      ]),
    ) as Record<RedemptionEnd, number>,
  };
}

/** Every day of the span, the first and the last as far as they are in it. */
function daysOf(
  { timezone, from, to }: Span,
  counted: readonly Counted[],
  messages: readonly DayOfMessages[],
): AuditCharts['days'] {
  const time = createLocalTime(timezone);
  const rows = new Map(counted.map((row) => [row.day, row]));
  const sent = new Map(messages.map((row) => [row.day, row]));
  const [first, last] = [time.of(from).day, time.of(to - 1).day];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const day = first + index;
    const { messages: number = 0, spent = 0 } = sent.get(day) ?? {};
    return {
      ...countsOf(rows.get(day)),
      ...{ messages: number, spent },
      ...{ from: Math.max(from, time.startOf(day)), to: Math.min(to, time.startOf(day + 1)) },
    };
  });
}

function countsOf(row: Counted | undefined): ChartCounts {
  return Object.fromEntries(CHART_MEASURE_NAMES.map((name) => [name, row?.[name] ?? 0])) as ChartCounts;
}

function speedOf(row: Votes | undefined): AuditCharts['approvals']['total'] {
  const { approved = 0, rejected = 0, medianMs = null, p90Ms = null } = row ?? {};
  return { approved, rejected, medianMs, p90Ms };
}
