import type { Generated, JSONColumnType } from 'kysely';
import type { DeliveryReason } from '../../shared/delivery.ts';
import type { ErrorCode, ErrorParams } from '../../shared/errors.ts';
import type { SetupStep } from '../../shared/setup-api.ts';

/** The tables of migrations 0040 and 0087. Times are bigint epoch milliseconds. */
type EpochMs = number;

export interface WebAccountsTable {
  id: string;
  role: 'operator' | 'staff';
  store_id: string | null;
  staff_id: string | null;
  created_at: EpochMs;
  disabled_at: EpochMs | null;
}

export interface WebCredentialsTable {
  id: string;
  account_id: string;
  kind: 'link' | 'password' | 'passkey';
  secret_hash: string | null;
  verifier: JSONColumnType<object, string | null, string> | null;
  /** Of a password: what its owner signs in under; of a passkey: what they call it. */
  name: Generated<string | null>;
  /** Of a passkey: its own id, base64url. */
  external_id: Generated<string | null>;
  last_used_at: Generated<EpochMs | null>;
  created_at: EpochMs;
  expires_at: EpochMs | null;
  used_at: EpochMs | null;
  revoked_at: EpochMs | null;
}

export interface WebSessionsTable {
  id: string;
  account_id: string;
  credential_id: string;
  token_hash: string;
  browser: Generated<string | null>;
  created_at: EpochMs;
  seen_at: EpochMs;
  expires_at: EpochMs;
  revoked_at: EpochMs | null;
}

export interface WebAttemptsTable {
  account_id: string;
  failed: number;
  locked_until: EpochMs | null;
}

export interface WebTicketsTable {
  token_hash: string;
  kind: 'passkey_get' | 'passkey_new' | 'code';
  account_id: string | null;
  credential_id: string | null;
  challenge: string | null;
  login_id: string | null;
  created_at: EpochMs;
  expires_at: EpochMs;
  used_at: EpochMs | null;
}

export interface WebEventsTable {
  seq: Generated<number>;
  session_id: string | null;
  what: string;
  detail: string | null;
  at: EpochMs;
}

export interface SetupSettingsTable {
  account_id: string;
  app_id: string | null;
  config_id: string | null;
  public_url: string | null;
  updated_at: EpochMs;
}

export interface SetupChecksTable {
  account_id: string;
  step: SetupStep;
  mark: string;
  outcome: 'ok' | 'failed';
  error: ErrorCode | null;
  params: JSONColumnType<ErrorParams, string, string>;
  facts: JSONColumnType<Record<string, unknown>, string, string>;
  checked_at: EpochMs;
}

export interface SetupMessagesTable {
  id: string;
  account_id: string;
  to_masked: string;
  wamid: string | null;
  reason: DeliveryReason | null;
  created_at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    web_accounts: WebAccountsTable;
    web_credentials: WebCredentialsTable;
    web_attempts: WebAttemptsTable;
    web_tickets: WebTicketsTable;
    web_sessions: WebSessionsTable;
    web_events: WebEventsTable;
    setup_settings: SetupSettingsTable;
    setup_checks: SetupChecksTable;
    setup_messages: SetupMessagesTable;
  }
}
