import type { Generated } from 'kysely';

/** The tables of migrations 0065 and 0087. Times are bigint epoch milliseconds by the gateway's clock. */
type EpochMs = number;

/** A person at a till who gave the right PIN, or on the gateway's pages the right password or passkey, and is asked for a code. */
export interface LoginsTable {
  id: string;
  store_id: string;
  /** Null: on the gateway's own pages. */
  till_id: string | null;
  /** The till, or the account of the gateway's pages. */
  place_id: string;
  staff_id: string;
  status: 'awaiting_code' | 'passed' | 'failed' | 'expired';
  phone_masked: string;
  code_digits: number;
  code_ttl_ms: number;
  tries_left: number;
  sends_max: number;
  resend_after_ms: number;
  /** Serial of the newest code, from 1; also how many were sent. */
  serial: number;
  expires_at: EpochMs;
  resend_at: EpochMs;
  created_at: EpochMs;
  ended_at: EpochMs | null;
  remembered_until: EpochMs | null;
}

export type LoginEvent = 'asked' | 'resent' | 'wrong' | 'superseded' | 'passed' | 'failed' | 'expired';

/** Append-only. */
export interface LoginEventsTable {
  seq: Generated<number>;
  login_id: string;
  store_id: string;
  till_id: string | null;
  staff_id: string;
  what: LoginEvent;
  remembered: Generated<boolean>;
  at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    logins: LoginsTable;
    login_events: LoginEventsTable;
  }
}
