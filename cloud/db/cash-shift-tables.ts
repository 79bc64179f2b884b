import type { JSONColumnType } from 'kysely';
import type { CashEntry, CashEntryKind, CashShiftFlag, DifferenceAllowed } from '../../shared/cash-shift.ts';
import type { Currency } from '../../shared/money.ts';

/** Cashiers' shifts as they were opened. Times are epoch ms by the till's clock, `kept_at` by ours. All append-only. */
export interface CashShiftsTable {
  id: string;
  till_id: string;
  store_id: string;
  opened_by: string;
  opened_at: number;
  currency: Currency;
  opening_float: number;
  last_left: number | null;
  kept_at: number;
}

export interface CashEntriesTable {
  /** The till's. */
  id: string;
  shift_id: string;
  till_id: string;
  store_id: string;
  no: number;
  kind: CashEntryKind;
  staff_id: string;
  at: number;
  body: JSONColumnType<CashEntry, string, never>;
  flags: JSONColumnType<CashShiftFlag[], string, never>;
  kept_at: number;
}

export interface CashClosingsTable {
  shift_id: string;
  till_id: string;
  store_id: string;
  cashier_id: string;
  closed_at: number;
  z_no: number;
  expected: number;
  counted: number;
  difference: number;
  counts: number;
  reason: string | null;
  allowed: DifferenceAllowed;
  kept_at: number;
}

export interface CashShiftAlertsTable {
  shift_id: string;
  kept_at: number;
}

declare module './schema.ts' {
  interface Database {
    cash_shifts: CashShiftsTable;
    cash_entries: CashEntriesTable;
    cash_closings: CashClosingsTable;
    cash_shift_alerts: CashShiftAlertsTable;
  }
}
