import type { JSONColumnType } from 'kysely';
import type { CASE_ENTRY_KINDS, CaseOutcome, CaseStatus } from '../../shared/cases.ts';

/** Cases (migration 0076). Times are epoch ms. */
export interface CaseCountersTable {
  store_id: string;
  last: number;
}

export interface CasesTable {
  id: string;
  store_id: string;
  number: number;
  title: string;
  status: CaseStatus;
  outcome: CaseOutcome | null;
  assignee_id: string | null;
  opened_by: string;
  opened_at: number;
  changed_at: number;
}

/** Append-only; each is an audit event. */
export interface CaseEntriesTable {
  id: string;
  case_id: string;
  no: number;
  kind: (typeof CASE_ENTRY_KINDS)[number];
  staff_id: string;
  at: number;
  text: string;
  finding_ids: JSONColumnType<number[], string, string>;
  event_ids: JSONColumnType<number[], string, string>;
  status: CaseStatus | null;
  outcome: CaseOutcome | null;
  assignee_id: string | null;
}

declare module '../db/schema.ts' {
  interface Database {
    case_counters: CaseCountersTable;
    cases: CasesTable;
    case_entries: CaseEntriesTable;
  }
}
