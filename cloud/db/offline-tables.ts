import type { Generated, JSONColumnType } from 'kysely';
import type { PinHash } from '../../shared/gateway-api.ts';
import type { Asset, Currency } from '../../shared/money.ts';
import type { AuditHead } from '../../shared/offline.ts';
import type { OfflineLimits } from '../../shared/offline-policy.ts';

/** The tables of migration 0012. Times are bigint epoch milliseconds by the gateway's clock. */
type EpochMs = number;

/** A till's newest bundle of sealed codes. */
export interface SealedBundlesTable {
  till_id: string;
  store_id: string;
  /** Of the newest bundle; 0: none yet. */
  serial: number;
  /** Compact JWS over `sealedBundleSchema`; null: nothing may be spent without a line. */
  signed: string | null;
  /** What the newest bundle was made of, to tell whether it would be another now. */
  content: string;
  /** When all its codes end. */
  expires_at: EpochMs | null;
  /** When it is to be looked at next; 0: at once. */
  look_at: EpochMs;
  /** The till was told since it last asked. */
  announced: Generated<boolean>;
}

/** Every bundle that a till was ever given, without its codes. Append-only. */
export interface SealedIssuesTable {
  till_id: string;
  serial: number;
  policy_version: number;
  limits: JSONColumnType<OfflineLimits, string, never>;
  issued_at: EpochMs;
  expires_at: EpochMs;
}

/** `replaced`: a newer one took its place; `revoked`: its holder may have none any more, or the operator took it back. */
export type SealedState = 'unused' | 'used' | 'replaced' | 'revoked' | 'expired';

export interface SealedCodesTable {
  id: string;
  store_id: string;
  till_id: string;
  staff_id: string;
  /** Keyed hash of the number or account that it was sent to. */
  contact: string;
  /** Null unless unused. */
  hash: JSONColumnType<PinHash, string, string | null> | null;
  state: SealedState;
  /** The message that carried it. */
  message_id: string | null;
  issued_at: EpochMs;
  expires_at: EpochMs;
  ended_at: EpochMs | null;
  /** The last bundle that holds it; null while unused. */
  last_serial: number | null;
}

/** Tills and staff who get no codes until the operator says so. */
export interface SealedStopsTable {
  subject: string;
  kind: 'till' | 'staff';
  at: EpochMs;
}

/** What was spent on sealed codes. Append-only. */
export interface OfflineRedemptionsTable {
  /** The till's. */
  id: string;
  store_id: string;
  till_id: string;
  sealed_code_id: string;
  bundle_serial: number;
  supervisor_id: string;
  customer_id: string;
  asset: Asset;
  amount: number;
  /** From the wallet. */
  taken: number;
  /** From the store's offline loss; with `taken` the amount. */
  lost: number;
  currency: Currency;
  sale_ref: string;
  /** As the till said; may be nobody of this store. */
  staff_id: string | null;
  drawer: boolean;
  slip: 'printed' | 'pending';
  believed_available: number;
  believed_age_ms: number;
  flags: JSONColumnType<OfflineFlag[], string, never>;
  /** By the till's clock. */
  spent_at: EpochMs;
  booked_at: EpochMs;
}

/** What is odd about an offline redemption that was booked all the same. */
export type OfflineFlag =
  /** The code was revoked, which the till may not have known yet. */
  | 'code_revoked'
  /** The bundle that the till says it used no longer held the code, or was never made. */
  | 'bundle_differs'
  /** By the till's own clock the code had lapsed. */
  | 'code_expired'
  /** The supervisor was signed in, or is the same person as who was. */
  | 'own_code'
  | 'staff_unknown'
  | 'over_code_limit'
  /** In 24 hours, over all tills. */
  | 'over_customer_limit'
  | 'over_till_limit';

export interface AuditHeadsTable {
  till_id: string;
  paired_at: EpochMs;
  seq: number;
  /** SHA-256 in hex. */
  hash: string;
  at: EpochMs;
}

/** Heads that were not countersigned, for managers. The same one again only counts. */
export interface AuditHeadRefusalsTable {
  id: Generated<number>;
  till_id: string;
  refused: 'audit_head_behind' | 'audit_head_forked';
  head: JSONColumnType<AuditHead, string, never>;
  newest_seq: number;
  at: EpochMs;
  times: Generated<number>;
  last_at: EpochMs;
}

/** The number of each customer's newest change: see migration 0012. */
export interface WalletChangesTable {
  customer_id: string;
  store_id: string;
  n: number;
}

declare module './schema.ts' {
  interface Database {
    sealed_bundles: SealedBundlesTable;
    sealed_issues: SealedIssuesTable;
    sealed_codes: SealedCodesTable;
    sealed_stops: SealedStopsTable;
    offline_redemptions: OfflineRedemptionsTable;
    audit_heads: AuditHeadsTable;
    audit_head_refusals: AuditHeadRefusalsTable;
    wallet_changes: WalletChangesTable;
  }
}
