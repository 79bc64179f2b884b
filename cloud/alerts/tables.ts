import type { Generated } from 'kysely';
import type { Finding, Severity } from '../../shared/findings.ts';

/** Alerts (migration 0077). Times are epoch ms. */
export interface AlertsTable {
  id: Generated<number>;
  store_id: string;
  signal: Finding['signal'];
  person_kind: Finding['person']['kind'];
  person_id: string;
  window_from: number;
  finding_id: number;
  /** Of the finding as it was told of. */
  severity: Severity;
  at: number;
  sent_at: number | null;
  acknowledged_at: number | null;
  /** Null: not by a person, but by what was said of the finding. */
  acknowledged_by: string | null;
}

export interface AlertTurnsTable {
  store_id: string;
  sent_at: Generated<number>;
}

export interface DigestsTable {
  store_id: string;
  day: number;
  at: number;
}

declare module '../db/schema.ts' {
  interface Database {
    alerts: AlertsTable;
    alert_turns: AlertTurnsTable;
    digests: DigestsTable;
  }
}
