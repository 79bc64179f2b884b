/** Takes over what tills tell of cashiers' shifts. */
import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Transaction } from 'kysely';
import { type CashEntry, type CashShiftFlag, cashEntrySchema } from '../../shared/cash-shift.ts';
import { expectedOf, foldShift } from '../../shared/cash-shift-rules.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import '../db/cash-shift-tables.ts';

type Trx = Transaction<Database>;
type Closed = Extract<CashEntry, { kind: 'closed' }>;

/**
 * Keeps one entry; twice is as good as once. It has happened: what is odd about it is flagged, never refused. Throws
 * `idempotency_key_reused` where this id came before with other contents, or of another till.
 */
export async function keepCashEntry(
  db: Kysely<Database>,
  till: TillIdentity,
  entry: CashEntry,
  now: number,
): Promise<void> {
  const { tillId, storeId } = till;
  await db.transaction().execute(async (trx) => {
    // One after the other for each till: of two that claim one number the second sees the first.
    await trx.selectFrom('tills').select('id').where('id', '=', tillId).forNoKeyUpdate().execute();
    if (await wasKept(trx, till, entry)) return;
    const flags = await flagsOf(trx, till, entry);
    await trx
      .insertInto('cash_entries')
      .values({
        ...{ id: entry.id, shift_id: entry.shiftId, till_id: tillId, store_id: storeId, no: entry.no },
        ...{ kind: entry.kind, staff_id: entry.staffId, at: entry.at, kept_at: now },
        ...{ body: JSON.stringify(entry), flags: JSON.stringify(flags) },
      })
      .execute();
    if (entry.kind === 'opened') await keepShift(trx, till, openingOf(entry), now);
    if (entry.kind === 'closed') await keepClosing(trx, till, entry, now);
  });
}

async function wasKept(trx: Trx, { tillId }: TillIdentity, entry: CashEntry): Promise<boolean> {
  const before = await trx
    .selectFrom('cash_entries')
    .select(['till_id', 'body'])
    .where('id', '=', entry.id)
    .executeTakeFirst();
  if (before === undefined) return false;
  if (before.till_id === tillId && isDeepStrictEqual(before.body, entry)) return true;
  throw new SaksiError('idempotency_key_reused');
}

interface Opening {
  id: string;
  opened_by: string;
  opened_at: number;
  currency: Closed['report']['currency'];
  opening_float: number;
  last_left: number | null;
}

const openingOf = (entry: Extract<CashEntry, { kind: 'opened' }>): Opening => ({
  ...{ id: entry.shiftId, opened_by: entry.staffId, opened_at: entry.at, currency: entry.currency },
  ...{ opening_float: entry.float, last_left: entry.lastLeft },
});

async function keepShift(trx: Trx, { tillId, storeId }: TillIdentity, opening: Opening, now: number) {
  await trx
    .insertInto('cash_shifts')
    .values({ ...opening, till_id: tillId, store_id: storeId, kept_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

async function keepClosing(trx: Trx, till: TillIdentity, entry: Closed, now: number): Promise<void> {
  const { report, shiftId } = entry;
  // Its opening may have been lost with a disk: the report says what is needed of it.
  await keepShift(
    trx,
    till,
    {
      ...{ id: shiftId, opened_by: entry.staffId, opened_at: report.from, currency: report.currency },
      ...{ opening_float: report.float, last_left: report.lastLeft },
    },
    now,
  );
  await trx
    .insertInto('cash_closings')
    .values({
      ...{ shift_id: shiftId, till_id: till.tillId, store_id: till.storeId, closed_at: entry.at },
      cashier_id: await cashierOf(trx, entry),
      ...{ z_no: report.zNo ?? 0, expected: report.expected ?? 0, counted: report.counted ?? 0 },
      ...{ difference: report.difference ?? 0, counts: report.counts.length, reason: report.reason },
      ...{ allowed: report.allowed ?? 'offline', kept_at: now },
    })
    .onConflict((conflict) => conflict.column('shift_id').doNothing())
    .execute();
}

/** Whose shift it was at its end: whoever took it over last, else who opened it. */
async function cashierOf(trx: Trx, { shiftId, staffId }: Closed): Promise<string> {
  const row = await trx
    .selectFrom('cash_entries')
    .select('staff_id')
    .where('shift_id', '=', shiftId)
    .where('kind', 'in', ['opened', 'taken_over'])
    .orderBy('no', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.staff_id ?? staffId;
}

async function flagsOf(trx: Trx, till: TillIdentity, entry: CashEntry): Promise<CashShiftFlag[]> {
  const flags: CashShiftFlag[] = [];
  const note = (wrong: boolean, flag: CashShiftFlag) => {
    if (wrong) flags.push(flag);
  };
  const person = await trx
    .selectFrom('staff')
    .select('id')
    .where('id', '=', entry.staffId)
    .where('store_id', '=', till.storeId)
    .executeTakeFirst();
  note(person === undefined, 'staff_unknown');
  if ('approvalId' in entry && entry.approvalId !== null) {
    note(!(await isApproved(trx, till, entry.approvalId)), 'approval_unknown');
  }
  if (entry.kind === 'opened')
    note(entry.lastLeft !== null && entry.lastLeft !== entry.float, 'float_differs');
  if (entry.kind === 'float_changed') note(entry.afterCount, 'float_after_count');
  if (entry.kind === 'closed') {
    note(entry.report.allowed === 'offline', 'unapproved');
    note(!(await addsUp(trx, entry)), 'sum_wrong');
    flags.push(...(await numberFlags(trx, till, entry)));
  }
  return flags;
}

async function isApproved(trx: Trx, { tillId }: TillIdentity, approvalId: string): Promise<boolean> {
  const found = await trx
    .selectFrom('approvals')
    .select('id')
    .where('id', '=', approvalId)
    .where('till_id', '=', tillId)
    .where('status', '=', 'approved')
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether the report says what its own entries do: float and what moved, and the last count beside it. */
async function addsUp(trx: Trx, { shiftId, report }: Closed): Promise<boolean> {
  const rows = await trx
    .selectFrom('cash_entries')
    .select('body')
    .where('shift_id', '=', shiftId)
    .orderBy('no')
    .execute();
  const { expected, counted, difference, sales } = report;
  try {
    const shift = foldShift(rows.map(({ body }) => cashEntrySchema.parse(body)));
    return (
      shift.float === report.float &&
      expected === expectedOf(shift, sales.sum ?? 0) &&
      counted === shift.counts.at(-1)?.count.sum &&
      difference === (counted ?? 0) - (expected ?? 0)
    );
  } catch {
    // Entries are missing, or two shifts share an id.
    return false;
  }
}

async function numberFlags(trx: Trx, { tillId }: TillIdentity, entry: Closed): Promise<CashShiftFlag[]> {
  const zNo = entry.report.zNo ?? 0;
  const near = await trx
    .selectFrom('cash_closings')
    .select(['z_no', 'shift_id'])
    .where('till_id', '=', tillId)
    .where('z_no', 'in', [zNo - 1, zNo])
    .execute();
  const repeated = near.some(({ z_no, shift_id }) => z_no === zNo && shift_id !== entry.shiftId);
  const gap = zNo > 1 && !near.some(({ z_no }) => z_no === zNo - 1);
  return [...(repeated ? (['z_repeated'] as const) : []), ...(gap ? (['z_gap'] as const) : [])];
}
