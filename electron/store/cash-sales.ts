import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError, type WireError } from '../../shared/errors.ts';
import type { Currency } from '../../shared/money.ts';
import { readJsonOrNull, writeJson } from './json-column.ts';
import { wireError } from './redemption-row.ts';

/** A sale of the same reference within this time is the same sale. */
export const SAME_SALE_MS = 24 * 3_600_000;

export type CashDrawerOutcome = 'opened' | 'unconfirmed' | 'failed';

/** One use of a shift grant: one opening of the drawer. */
export interface CashSaleRow {
  /** UUIDv7; stands in the place of a grant's id. */
  id: string;
  jti: string;
  useNo: number;
  staffId: string;
  startedBy: 'cashier' | 'terminal';
  saleRef: string;
  amount: number;
  currency: Currency;
  drawerState: CashDrawerOutcome | 'waiting';
  drawerError: WireError | null;
  /** Wall clock, epoch ms. */
  usedAt: number;
}
export type NewCashSale = Omit<CashSaleRow, 'drawerState' | 'drawerError' | 'usedAt'>;

export interface CashTally {
  count: number;
  /** Whole minor units. */
  sum: number;
}

interface Record {
  id: string;
  jti: string;
  use_no: number;
  staff_id: string;
  started_by: CashSaleRow['startedBy'];
  sale_ref: string;
  amount: number;
  currency: Currency;
  drawer_state: CashSaleRow['drawerState'];
  drawer_error: string | null;
  used_at: number;
}

const toRow = (record: Record): CashSaleRow => ({
  id: record.id,
  jti: record.jti,
  useNo: record.use_no,
  staffId: record.staff_id,
  startedBy: record.started_by,
  saleRef: record.sale_ref,
  amount: record.amount,
  currency: record.currency,
  drawerState: record.drawer_state,
  drawerError: readJsonOrNull(wireError, record.drawer_error),
  usedAt: record.used_at,
});

/** Uses of shift grants. Writes belong in the transaction of the use, or of what the drawer answered. */
export function createCashSales(db: Database.Database, clock: Clock) {
  const insert = db.prepare(
    `INSERT INTO cash_sales (id, jti, use_no, staff_id, started_by, sale_ref, amount, currency, drawer_state,
       used_at, counted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)`,
  );
  const byId = db.prepare<[string], Record>('SELECT * FROM cash_sales WHERE id = ?');
  const bySale = db.prepare<[string, number], Record>(
    `SELECT * FROM cash_sales WHERE sale_ref = ? AND counted_at > ? AND drawer_state <> 'failed'
     ORDER BY seq DESC LIMIT 1`,
  );
  const waiting = db.prepare<[], Record>(
    "SELECT * FROM cash_sales WHERE drawer_state = 'waiting' ORDER BY seq",
  );
  const between = db.prepare<[number, number], { unsent: number; count: number; sum: number }>(
    `SELECT id IN (SELECT json_extract(body, '$.sale.id') FROM outbox WHERE kind = 'cash_sale_opened') AS unsent,
       count(*) AS count, sum(amount) AS sum
     FROM cash_sales WHERE used_at >= ? AND used_at < ? GROUP BY 1`,
  );
  const setOutcome = db.prepare('UPDATE cash_sales SET drawer_state = ?, drawer_error = ? WHERE id = ?');

  return {
    /** Throws `cash_sale_unknown`. */
    get(id: string): CashSaleRow {
      const record = byId.get(id);
      if (record === undefined) throw new SaksiError('cash_sale_unknown');
      return toRow(record);
    },

    /** The drawer may have opened for a sale of this reference lately. One that it surely did not open for does not count. */
    ofSale(saleRef: string, now: number): CashSaleRow | null {
      const record = bySale.get(saleRef, now - SAME_SALE_MS);
      return record === undefined ? null : toRow(record);
    },

    /** `countedAt`: the time that has surely passed. */
    add(sale: NewCashSale, countedAt: number): CashSaleRow {
      const { id, jti, useNo, staffId, startedBy, saleRef, amount, currency } = sale;
      insert.run(...[id, jti, useNo, staffId, startedBy, saleRef, amount, currency, clock.now(), countedAt]);
      return this.get(id);
    },

    setOutcome(id: string, state: CashDrawerOutcome, error: WireError | null): void {
      setOutcome.run(state, error === null ? null : writeJson(error), id);
    },

    waiting: (): CashSaleRow[] => waiting.all().map(toRow),

    /** By the till's clock, from ≤ time < to: what the gateway was told of, and what still waits in the outbox. */
    usedBetween(from: number, to: number): { told: CashTally; unsent: CashTally } {
      const rows = between.all(from, to);
      const of = (unsent: number): CashTally => {
        const row = rows.find((one) => one.unsent === unsent);
        return { count: row?.count ?? 0, sum: row?.sum ?? 0 };
      };
      return { told: of(0), unsent: of(1) };
    },
  };
}
export type CashSales = ReturnType<typeof createCashSales>;
