/** Cashiers' shifts for managers: newest first by keyset pages, and the differences per cashier and till. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import {
  CASH_SHIFTS_PAGE,
  type CashShiftFlag,
  type CashShiftPage,
  type CashShiftSummary,
  type cashDifferencesSchema,
  type cashShiftQuerySchema,
} from '../../shared/cash-shift.ts';
import type { Database } from '../db/schema.ts';

type Query = z.infer<typeof cashShiftQuerySchema>;
type Differences = z.infer<typeof cashDifferencesSchema>;

/** The most rows that the differences come to. */
const DIFFERENCES_MAX = 500;

export async function cashShiftPage(
  db: Kysely<Database>,
  storeId: string,
  query: Query,
): Promise<CashShiftPage> {
  const where = narrowed(storeId, query);
  const [at, id] = query.after?.split('.') ?? [];
  const after = at === undefined ? sql`true` : sql`(s.opened_at, s.id) < (${at}::bigint, ${id}::uuid)`;
  const { rows } = await sql<Row>`
    select s.id, s.till_id, t.name as till_name, coalesce(c.cashier_id, l.staff_id, s.opened_by) as cashier_id,
      f.name as cashier, s.opened_at, s.currency, s.opening_float, s.last_left, c.closed_at, c.z_no, c.expected,
      c.counted, c.difference, c.counts, c.reason, c.allowed,
      coalesce((select jsonb_agg(distinct flag) from cash_entries e, jsonb_array_elements_text(e.flags) as flag
        where e.shift_id = s.id and e.flags <> '[]'::jsonb), '[]'::jsonb) as flags
    ${SOURCES} where ${where} and ${after}
    order by s.opened_at desc, s.id desc limit ${CASH_SHIFTS_PAGE + 1}`.execute(db);
  const shown = rows.slice(0, CASH_SHIFTS_PAGE);
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return {
    shifts: shown.map(toSummary),
    next: last === undefined ? null : `${last.opened_at}.${last.id}`,
    differences: query.after === undefined ? await differencesOf(db, where) : null,
  };
}

/** \`l\`: who took an open shift over last. */
const SOURCES = sql`from cash_shifts s join tills t on t.id = s.till_id
  left join cash_closings c on c.shift_id = s.id
  left join lateral (select staff_id from cash_entries e where e.shift_id = s.id and e.kind = 'taken_over'
    order by no desc limit 1) l on c.shift_id is null
  left join staff f on f.id = coalesce(c.cashier_id, l.staff_id, s.opened_by) and f.store_id = s.store_id`;

function narrowed(storeId: string, { from, to, tillId, cashierId, only }: Query): RawBuilder<unknown> {
  const parts = [sql`s.store_id = ${storeId}::uuid`];
  if (from !== undefined) parts.push(sql`s.opened_at >= ${from}::bigint`);
  if (to !== undefined) parts.push(sql`s.opened_at < ${to}::bigint`);
  if (tillId !== undefined) parts.push(sql`s.till_id = ${tillId}::uuid`);
  if (cashierId !== undefined) {
    parts.push(sql`coalesce(c.cashier_id, l.staff_id, s.opened_by) = ${cashierId}::uuid`);
  }
  if (only === 'open') parts.push(sql`c.shift_id is null`);
  if (only === 'differing') {
    parts.push(sql`(c.difference <> 0 or exists (select 1 from cash_entries e
      where e.shift_id = s.id and e.flags <> '[]'::jsonb))`);
  }
  return sql.join(parts, sql` and `);
}

async function differencesOf(db: Kysely<Database>, where: RawBuilder<unknown>): Promise<Differences[]> {
  const { rows } = await sql<{
    cashier_id: string;
    cashier: string | null;
    till_id: string;
    till_name: string;
    shifts: number;
    short: number;
    over: number;
    missing: number;
    surplus: number;
  }>`
    select c.cashier_id, f.name as cashier, s.till_id, t.name as till_name, count(*) as shifts,
      count(*) filter (where c.difference < 0) as short, count(*) filter (where c.difference > 0) as over,
      coalesce(sum(c.difference) filter (where c.difference < 0), 0)::bigint as missing,
      coalesce(sum(c.difference) filter (where c.difference > 0), 0)::bigint as surplus
    ${SOURCES} where ${where} and c.shift_id is not null
    group by c.cashier_id, f.name, s.till_id, t.name
    order by missing, f.name, t.name limit ${DIFFERENCES_MAX}`.execute(db);
  return rows.map(({ cashier_id: cashierId, till_id: tillId, till_name: tillName, ...rest }) => ({
    ...rest,
    ...{ cashierId, tillId, tillName },
  }));
}

interface Row {
  id: string;
  till_id: string;
  till_name: string;
  cashier_id: string;
  cashier: string | null;
  opened_at: number;
  currency: CashShiftSummary['currency'];
  opening_float: number;
  last_left: number | null;
  closed_at: number | null;
  z_no: number;
  expected: number;
  counted: number;
  difference: number;
  counts: number;
  reason: string | null;
  allowed: NonNullable<CashShiftSummary['closed']>['allowed'];
  flags: CashShiftFlag[];
}

function toSummary(row: Row): CashShiftSummary {
  const { expected, counted, difference, counts, reason, allowed } = row;
  const rest = { expected, counted, difference, counts, reason, allowed };
  return {
    ...{ id: row.id, tillId: row.till_id, tillName: row.till_name },
    ...{ cashierId: row.cashier_id, cashier: row.cashier, openedAt: row.opened_at, currency: row.currency },
    ...{ float: row.opening_float, lastLeft: row.last_left, flags: row.flags },
    closed: row.closed_at === null ? null : { at: row.closed_at, zNo: row.z_no, ...rest },
  };
}
