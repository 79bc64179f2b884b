import type Database from 'better-sqlite3';
import type { AuditBody } from '../../shared/audit/chain.ts';
import {
  type CashEntry,
  type CashReport,
  cashEntrySchema,
  cashReportSchema,
} from '../../shared/cash-shift.ts';
import { foldShift, type ShiftState } from '../../shared/cash-shift-rules.ts';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { Audit } from './audit.ts';
import type { CashTally } from './cash-sales.ts';
import { readJson, writeJson } from './json-column.ts';
import type { Outbox } from './outbox.ts';

/** All entries of all shifts of a till go to the gateway in their order. */
const STREAM = 'cash-shift';
/** The gateway's word on the highest Z number, for a disk that is new. */
const LAST_Z = 'cash.last_z';

/** The open shift. */
export interface OpenShift extends ShiftState {
  /** Cash sales since it was opened; one whose drawer surely stayed shut is none. */
  readonly sales: CashTally;
  /** Audit entries after this one belong to it. */
  readonly auditAfter: number;
}

export interface ClosedShift {
  readonly id: string;
  readonly zNo: number;
  readonly closedAt: number;
  /** What stayed in the drawer. */
  readonly left: number;
  readonly report: CashReport;
}

type Given = 'id' | 'shiftId' | 'no' | 'at';
type Fresh<E> = E extends CashEntry ? Omit<E, Given> : never;
export type NewCashEntry = Fresh<CashEntry>;

interface ShiftRecord {
  id: string;
  sales_after: number;
  audit_after: number;
  closed_at: number | null;
  z_no: number | null;
  left_amount: number | null;
  report: string | null;
}

/** Shifts and their entries. All that writes runs in the caller's transaction: entry, audit and outbox are one. */
export function createCashShifts(
  db: Database.Database,
  effects: Effects,
  { audit, outbox }: { audit: Audit; outbox: Outbox },
) {
  const { clock } = effects;
  const selectOpen = db.prepare<[], ShiftRecord>('SELECT * FROM cash_shifts WHERE closed_at IS NULL');
  const selectLast = db.prepare<[], ShiftRecord>(
    'SELECT * FROM cash_shifts WHERE z_no IS NOT NULL ORDER BY z_no DESC LIMIT 1',
  );
  const selectById = db.prepare<[string], ShiftRecord>('SELECT * FROM cash_shifts WHERE id = ?');
  const selectEntries = db.prepare<[string], { body: string }>(
    'SELECT body FROM cash_entries WHERE shift_id = ? ORDER BY no',
  );
  const tally = db.prepare<[number], CashTally>(
    `SELECT count(*) AS count, coalesce(sum(amount), 0) AS sum FROM cash_sales
     WHERE seq > ? AND drawer_state <> 'failed'`,
  );
  const lastSale = db.prepare<[], { seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM cash_sales');
  const insertShift = db.prepare(
    'INSERT INTO cash_shifts (id, sales_after, audit_after, opened_at) VALUES (?, ?, ?, ?)',
  );
  const insertEntry = db.prepare(
    'INSERT INTO cash_entries (id, shift_id, no, kind, body, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const setClosed = db.prepare(
    'UPDATE cash_shifts SET closed_at = ?, z_no = ?, left_amount = ?, report = ? WHERE id = ?',
  );
  const highest = db.prepare<[], { z: number }>('SELECT coalesce(max(z_no), 0) AS z FROM cash_shifts');
  const told = db.prepare<[string], { value: string }>('SELECT value FROM settings WHERE name = ?');
  const upsert = db.prepare(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );

  const lastToldZ = () => Number(told.get(LAST_Z)?.value ?? 0);

  function entriesOf(id: string): CashEntry[] {
    return selectEntries.all(id).map(({ body }) => readJson(cashEntrySchema, body));
  }

  function open(): OpenShift | null {
    const record = selectOpen.get();
    if (record === undefined) return null;
    const sales = tally.get(record.sales_after) ?? { count: 0, sum: 0 };
    return { ...foldShift(entriesOf(record.id)), sales, auditAfter: record.audit_after };
  }

  /** Throws `cash_shift_none`. */
  function requireOpen(): OpenShift {
    const shift = open();
    if (shift === null) throw new SaksiError('cash_shift_none');
    return shift;
  }

  function write(shiftId: string, no: number, fresh: NewCashEntry): CashEntry {
    const at = clock.now();
    const entry = { ...fresh, id: createUuid(effects), shiftId, no, at } as CashEntry;
    insertEntry.run(entry.id, shiftId, no, entry.kind, writeJson(entry), at);
    audit.append(`cash.${entry.kind}`, auditBody(entry));
    outbox.add(STREAM, null, { kind: 'cash_entry', entry });
    return entry;
  }

  return {
    open,
    requireOpen,

    /** Opens one. Throws `cash_shift_open`. */
    begin(fresh: Extract<NewCashEntry, { kind: 'opened' }>): CashEntry {
      if (selectOpen.get() !== undefined) throw new SaksiError('cash_shift_open');
      const id = createUuid(effects);
      insertShift.run(id, lastSale.get()?.seq ?? 0, audit.head().seq, clock.now());
      return write(id, 1, fresh);
    },

    /** Adds to the open one. Throws `cash_shift_none`. */
    add(fresh: Exclude<NewCashEntry, { kind: 'opened' | 'closed' }>): CashEntry {
      const { id, entries } = requireOpen();
      return write(id, entries + 1, fresh);
    },

    /** Closes the open one under the next Z number. */
    close(staffId: string, left: number, reportOf: (zNo: number) => CashReport): ClosedShift {
      const { id, entries } = requireOpen();
      const zNo = Math.max(highest.get()?.z ?? 0, lastToldZ()) + 1;
      const report = cashReportSchema.parse(reportOf(zNo));
      const { at } = write(id, entries + 1, { kind: 'closed', staffId, report });
      setClosed.run(at, zNo, left, writeJson(report), id);
      return { id, zNo, closedAt: at, left, report };
    },

    /** The newest closed one. */
    lastClosed(): ClosedShift | null {
      const record = selectLast.get();
      return record === undefined ? null : toClosed(record);
    },

    /** A closed one; null: open, or unknown. */
    closed(id: string): ClosedShift | null {
      const record = selectById.get(id);
      return record?.z_no == null ? null : toClosed(record);
    },

    isKnown: (id: string): boolean => selectById.get(id) !== undefined,

    entries: entriesOf,

    /** The gateway's word: numbers go on from there. Never lowers what is known. */
    heardLastZ(zNo: number): void {
      if (zNo > lastToldZ()) upsert.run(LAST_Z, writeJson(zNo));
    },
  };
}
export type CashShifts = ReturnType<typeof createCashShifts>;

function toClosed({ id, z_no, closed_at, left_amount, report }: ShiftRecord): ClosedShift {
  if (z_no === null || closed_at === null || left_amount === null || report === null) {
    throw new SaksiError('store_failed');
  }
  const read = readJson(cashReportSchema, report);
  return { id, zNo: z_no, closedAt: closed_at, left: left_amount, report: read };
}

/** What the chain says of an entry; `subject` is the shift, `amount` as the kinds of the timeline have it. */
function auditBody(entry: CashEntry): AuditBody {
  const { id, shiftId, no, staffId } = entry;
  const common = { id, subject: shiftId, no, staffId };
  switch (entry.kind) {
    case 'opened':
      return { ...common, amount: entry.float, lastLeft: entry.lastLeft };
    case 'float_changed':
      return {
        ...{ ...common, amount: entry.float, before: entry.before },
        ...{ afterCount: entry.afterCount, approvalId: entry.approvalId },
      };
    case 'paid_in':
    case 'paid_out': {
      const { amount, approvalId, approvalKind, saleRef } = entry;
      return { ...common, amount, approvalId, approvalKind, saleRef };
    }
    case 'counted': {
      const { count, expected } = entry;
      return { ...common, amount: count.sum - expected, counted: count.sum, expected, reason: null };
    }
    case 'taken_over':
      return {
        ...{ ...common, from: entry.from },
        ...{ counted: entry.count?.sum ?? null, expected: entry.expected },
      };
    case 'difference_approved':
      return { ...common, amount: entry.difference, approvalId: entry.approvalId };
    case 'closed': {
      const { zNo, difference, counted, expected, left, reason, allowed } = entry.report;
      return { ...common, amount: difference, zNo, counted, expected, left, reason, allowed };
    }
  }
}
