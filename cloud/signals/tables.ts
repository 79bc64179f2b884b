import type { Generated, JSONColumnType } from 'kysely';
import type { AcknowledgementState, Finding, FindingPerson, Severity } from '../../shared/findings.ts';
import type { DayRecord } from './day.ts';

/** How far a chain's events were read (migration 0075). Times are epoch ms, days epoch days in the store's time zone. */
export interface SignalRunsTable {
  chain: string;
  settled_day: Generated<number>;
  claimed_until: Generated<number>;
}

/** What a store's day came to; replaced when the day is read again. */
export interface SignalDaysTable {
  store_id: string;
  day: number;
  record: JSONColumnType<DayRecord, string, string>;
  read_at: number;
}

/** Append-only: a finding that grew is a row with the next revision. */
export interface SignalFindingsTable {
  id: Generated<number>;
  store_id: string;
  signal: Finding['signal'];
  person_kind: FindingPerson['kind'];
  person_id: string;
  window_from: number;
  window_to: number;
  revision: number;
  till_id: string | null;
  severity: Severity;
  score: number;
  figures: JSONColumnType<Finding['figures'], string, string>;
  event_ids: JSONColumnType<number[], string, string>;
  found_at: number;
}

/** Append-only: the newest of any revision counts. */
export interface SignalAcknowledgementsTable {
  id: Generated<number>;
  finding_id: number;
  state: AcknowledgementState;
  staff_id: string;
  note: string;
  at: number;
}

declare module '../db/schema.ts' {
  interface Database {
    signal_runs: SignalRunsTable;
    signal_days: SignalDaysTable;
    signal_findings: SignalFindingsTable;
    signal_acknowledgements: SignalAcknowledgementsTable;
  }
}
