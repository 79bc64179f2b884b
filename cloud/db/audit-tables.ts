import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { AuditOutcome } from '../../shared/audit/event.ts';
import type { AuditFilter } from '../../shared/audit/timeline.ts';

/** The tables of migrations 0070 to 0072. Times are bigint epoch milliseconds. Hashes are 32 bytes. */
type EpochMs = number;

/** An event's columns beside the text that was hashed. */
interface EventColumns {
  store_id: string | null;
  till_id: string | null;
  staff_id: string | null;
  approver_id: string | null;
  customer_id: string | null;
  sale_ref: string | null;
  subject_id: string | null;
  asset: 'deposit' | 'points' | 'cash' | null;
  amount: number | null;
  outcome: AuditOutcome | null;
}

type Optional<T> = { [K in keyof T]: Generated<T[K]> };

/** Written in the transaction of what it records; linked, and gone from here, soon after. */
export interface AuditStagedTable extends Optional<EventColumns> {
  id: GeneratedAlways<number>;
  /** Null: when it is linked. */
  at: EpochMs | null;
  kind: string;
  /** Canonical JSON. */
  detail: Generated<string>;
  /** A second event of the same change, linked right after this one. */
  then_kind: Generated<string | null>;
  then_detail: Generated<string | null>;
}

export interface AuditChainsTable {
  id: GeneratedAlways<number>;
  source: 'till' | 'gateway';
  /** The store or till; nil: the gateway itself. */
  owner: string;
  /** Of a till's chain: the pairing that it belongs to. */
  paired_at: Generated<EpochMs>;
  store_id: string | null;
  /** Where it begins: a till that was paired anew may go on from where the chain before stood. */
  base_seq: Generated<number>;
  base_hash: Uint8Array;
  /** Its head. */
  seq: number;
  hash: Uint8Array;
  signed_seq: Generated<number>;
}

/** Append-only. */
export interface AuditEventsTable extends EventColumns {
  id: GeneratedAlways<number>;
  chain_id: number;
  seq: number;
  at: EpochMs;
  source: 'till' | 'gateway';
  kind: string;
  /** As it was hashed. */
  body: string;
  prev_hash: Uint8Array;
  hash: Uint8Array;
  words: GeneratedAlways<string>;
}

export interface AuditLinksTable {
  id: string;
  subject: string;
}

/** Append-only. */
export interface AuditSignedTable {
  chain_id: number;
  seq: number;
  hash: Uint8Array;
  at: EpochMs;
  jws: string;
}

/** A person's own filter of the list. */
export interface AuditViewsTable {
  id: string;
  staff_id: string;
  name: string;
  filter: JSONColumnType<AuditFilter, string, string>;
  created_at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    audit_staged: AuditStagedTable;
    audit_chains: AuditChainsTable;
    audit_events: AuditEventsTable;
    audit_links: AuditLinksTable;
    audit_signed: AuditSignedTable;
    audit_views: AuditViewsTable;
  }
}
