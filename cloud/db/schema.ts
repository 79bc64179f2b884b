import type { Generated, JSONColumnType } from 'kysely';
import type { Channel } from '../../shared/delivery.ts';
import type { PinHash, Role, Store } from '../../shared/gateway-api.ts';
import type { Asset, Currency } from '../../shared/money.ts';
import type { Policy } from '../../shared/policy.ts';
import type { RedemptionStatus } from '../../shared/redemption.ts';

/**
 * The gateway's tables as Kysely sees them. Columns are snake_case as in SQL. Every time is a bigint of epoch
 * milliseconds by the gateway's injected clock, so that a whole shop runs in one deterministic test; ids are UUIDs
 * made by the gateway. int8 arrives as a safe integer (`openDatabase` throws beyond 2^53).
 */
type EpochMs = number;

export interface StoresTable {
  id: string;
  name: string;
  address: string;
  footer: string;
  country: Store['country'];
  currency: Currency;
  language: Store['language'];
  timezone: string;
  policy: JSONColumnType<Policy, Policy | string, Policy | string>;
  policy_version: number;
  /** Stores of one name are compared with each other; null: by itself. */
  chain: Generated<string | null>;
  /** `whatsapp_accounts.id`: whose number its messages come from. */
  whatsapp_account: Generated<string>;
  created_at: EpochMs;
}

export interface TillsTable {
  id: string;
  store_id: string;
  name: string;
  /** SHA-256 of the till key in lower-case hex; null until paired. Unique. */
  key_hash: string | null;
  app_version: string | null;
  /** The till's last event (SSE id); allocated under this row's lock, so without gaps. */
  event_seq: Generated<number>;
  created_at: EpochMs;
  paired_at: EpochMs | null;
  revoked_at: EpochMs | null;
}

export interface StaffTable {
  id: string;
  store_id: string;
  name: string;
  role: Role;
  pin: JSONColumnType<PinHash, PinHash | string, PinHash | string>;
  phone_e164: string | null;
  active: Generated<boolean>;
  /** Tills remembered for this person before then are so no more. */
  logins_from: Generated<EpochMs>;
  /** When they were taken off the list; null: they are on it. */
  left_at: Generated<EpochMs | null>;
  created_at: EpochMs;
}

export interface CustomersTable {
  id: string;
  store_id: string;
  name: string;
  /** `searchForm(name)`, for search by its start. */
  name_search: string;
  member_no: string | null;
  phone_e164: string | null;
  language: Store['language'];
  email: string | null;
  /** Other channels that this customer takes codes over; null: any that the shop has. */
  code_channels: ('sms' | 'email')[] | null;
  created_at: EpochMs;
  /** Null: not erased. */
  erased_at: Generated<EpochMs | null>;
}

/** Kinds of ledger account; the `store_*` ones are one per store and asset. */
export type AccountKind =
  | 'customer_available'
  | 'customer_reserved'
  | 'store_redeemed'
  | 'store_issued'
  | 'store_offline_loss';

export interface AccountsTable {
  id: Generated<number>;
  store_id: string;
  customer_id: string | null;
  asset: Asset;
  kind: AccountKind;
  /** Credits less debits of this account's transfers. Only the ledger's SQL functions change it. */
  balance: Generated<number>;
  may_go_negative: boolean;
}

export type TransferKind = 'credit' | 'reserve' | 'capture' | 'release' | 'offline' | 'offline_loss';

/** Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE. */
export interface TransfersTable {
  id: Generated<number>;
  debit_account_id: number;
  credit_account_id: number;
  amount: number;
  kind: TransferKind;
  /** What it was for: the redemption's id, or null. */
  ref_id: string | null;
  idempotency_key: string;
  posted_at: EpochMs;
}

export interface RedemptionsTable {
  id: string;
  store_id: string;
  till_id: string;
  customer_id: string;
  staff_id: string | null;
  asset: Asset;
  amount: number;
  currency: Currency;
  sale_ref: string;
  drawer: boolean;
  channel: Channel;
  status: RedemptionStatus;
  /** Null when policy asked no code for this amount; so are the other code columns then. */
  code_digits: number | null;
  code_ttl_ms: number | null;
  tries_left: number | null;
  sends_max: number | null;
  resend_after_ms: number | null;
  /** Serial of the newest code, from 1; also how many were sent. 0 when none is asked. */
  serial: number;
  expires_at: EpochMs | null;
  resend_at: EpochMs | null;
  /** The grant's id: the same each time the grant is signed. */
  grant_jti: string;
  policy_version: number;
  created_at: EpochMs;
  authorised_at: EpochMs | null;
  settled_at: EpochMs | null;
  /** When the till settled by its own clock; for the books only. */
  till_settled_at: EpochMs | null;
  slip: 'printed' | 'pending' | null;
  cancel_reason: 'cashier' | 'customer' | 'terminal' | 'till_recovery' | null;
}

/** One row per code sent. No column holds the code: it is derived when the message goes out, and checked by HMAC. */
export interface CodesTable {
  redemption_id: string;
  serial: number;
  store_id: string;
  till_id: string;
  /** Keyed hash of the phone number, for the limit per phone. */
  phone_tag: Uint8Array;
  nonce: Uint8Array;
  verify_hash: Uint8Array;
  issued_at: EpochMs;
  expires_at: EpochMs;
}

/** Till requests that changed something: the same key with the same body gets the same outcome. */
export interface TillRequestsTable {
  till_id: string;
  idempotency_key: string;
  /** Keyed hash over operation, subject and body: a body may hold a code, so no plain digest. */
  request_hash: Uint8Array;
  /** What it was about; both null for what is neither (a policy change). */
  redemption_id: string | null;
  approval_id: string | null;
  /** Null: it went well. Else the refusal's code and parameters. */
  outcome: JSONColumnType<RequestOutcome> | null;
  created_at: EpochMs;
}
export interface RequestOutcome {
  error: string;
  params: Record<string, string | number>;
}

/** Other parts of the gateway add their tables by declaration merging: `declare module '../db/schema.ts'`. */
export interface Database {
  stores: StoresTable;
  tills: TillsTable;
  staff: StaffTable;
  customers: CustomersTable;
  accounts: AccountsTable;
  transfers: TransfersTable;
  redemptions: RedemptionsTable;
  codes: CodesTable;
  till_requests: TillRequestsTable;
}
