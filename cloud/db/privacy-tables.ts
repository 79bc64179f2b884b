import type { Erasure } from '../../shared/privacy.ts';

/** The tables of migrations 0066 and 0067. Times are bigint epoch milliseconds by the gateway's clock. */
type EpochMs = number;

export interface CustomerIdentitiesTable {
  customer_id: string;
  store_id: string;
  kind: 'phone' | 'user_id' | 'username';
  value: string;
  /** `webhook`: one carried both; `change`: WhatsApp told that one took another's place. */
  evidence: 'webhook' | 'change';
  first_seen_at: EpochMs;
  last_seen_at: EpochMs;
  /** Another took its place; null: it holds. */
  ended_at: EpochMs | null;
}

/** What remains of an erased customer. Append-only. */
export interface ErasuresTable {
  customer_id: string;
  store_id: string;
  at: EpochMs;
  carried_out_by: Erasure['by'];
  note: string;
  forced_by: string | null;
  open_redemptions: number;
  deposit: number;
  points: number;
  messages: number;
}

export interface RetentionLooksTable {
  /** The nil UUID: of messages that belong to no store. */
  store_id: string;
  messages_until: EpochMs;
  looked_at: EpochMs;
}

/** Codes that whoever got one says they never asked for. Append-only. */
export interface UnrequestedCodesTable {
  message_id: string;
  store_id: string;
  till_id: string;
  about: 'redemption' | 'login' | 'approval';
  redemption_id: string | null;
  customer_id: string | null;
  staff_id: string | null;
  sale_ref: string | null;
  at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    customer_identities: CustomerIdentitiesTable;
    erasures: ErasuresTable;
    retention_looks: RetentionLooksTable;
    unrequested_codes: UnrequestedCodesTable;
  }
}
