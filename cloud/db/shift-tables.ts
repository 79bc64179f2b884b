import type { JSONColumnType } from 'kysely';
import type { Currency } from '../../shared/money.ts';
import type { CashSale } from '../../shared/shift.ts';

/** Shift grants as they were given. Times are epoch ms. Append-only. */
export interface ShiftGrantsTable {
  jti: string;
  till_id: string;
  store_id: string;
  idempotency_key: string;
  /** Null: a spare of the till. */
  staff_id: string | null;
  uses: number;
  currency: Currency;
  /** Null: any amount. */
  amount_max: number | null;
  policy_version: number;
  issued_at: number;
  expires_at: number;
}

/** Why an opening does not fit what was granted. */
export type CashSaleFlag =
  /** No grant of this till has this id. */
  | 'grant_unknown'
  /** More openings than the grant allowed. */
  | 'over_uses'
  /** This use of the grant was told of before, as another sale: two copies of one disk. */
  | 'use_repeated'
  /** By the till's clock the grant had ended, or was not given yet. */
  | 'outside_time'
  | 'other_person'
  | 'over_amount'
  | 'other_currency'
  | 'staff_unknown';

/** Each opening of a drawer for a cash sale, as its till told it. Append-only. */
export interface CashSalesTable {
  /** The till's id of the use. */
  id: string;
  till_id: string;
  store_id: string;
  jti: string;
  use_no: number;
  staff_id: string;
  started_by: CashSale['startedBy'];
  sale_ref: string;
  amount: number;
  currency: Currency;
  opened_at: number;
  flags: JSONColumnType<CashSaleFlag[], string, never>;
  kept_at: number;
}

declare module './schema.ts' {
  interface Database {
    shift_grants: ShiftGrantsTable;
    cash_sales: CashSalesTable;
  }
}
