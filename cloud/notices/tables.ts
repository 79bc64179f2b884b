import type { Generated } from 'kysely';

/** How far the ledger was looked at. One row. */
export interface NoticeCursorTable {
  only_row: Generated<boolean>;
  /** The newest transfer of which nothing is to be told any more. */
  transfer_id: number;
  looked_at: number;
}

/** What was told: each transfer once for each purpose. */
export interface NoticesTable {
  transfer_id: number;
  purpose: 'customer' | 'managers';
  at: number;
}

declare module '../db/schema.ts' {
  interface Database {
    notice_cursor: NoticeCursorTable;
    notices: NoticesTable;
  }
}
