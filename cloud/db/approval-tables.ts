import type { Generated, JSONColumnType } from 'kysely';
import type { EscalationStep, Localised } from '../../shared/approval-policy.ts';
import type { ApprovalStatus } from '../../shared/approvals.ts';
import type { GrantAction } from '../../shared/grants.ts';
import type { Currency } from '../../shared/money.ts';
import type { Policy } from '../../shared/policy.ts';

/** The tables of migration 0010. Times are bigint epoch milliseconds by the gateway's clock. */
type EpochMs = number;

/** Every policy that a store ever had, append-only; the one in force is also in `stores`. */
export interface PoliciesTable {
  store_id: string;
  version: number;
  policy: JSONColumnType<Policy, string, never>;
  /** Compact JWS over `signedPolicySchema`. */
  signed: string;
  /** Null: the operator, or the one that the store began with. */
  changed_by: string | null;
  /** Who agreed to it; null: nobody had to. */
  second_by: Generated<string | null>;
  changed_at: EpochMs;
}

/** Wrong PINs since the last right one; the lock outlives restarts. */
export interface PinAttemptsTable {
  staff_id: string;
  failed: number;
  locked_until: EpochMs | null;
}

export interface ApprovalsTable {
  id: string;
  store_id: string;
  till_id: string;
  kind: string;
  kind_name: JSONColumnType<Localised, string, never>;
  amount: number | null;
  basis_points: number | null;
  currency: Currency;
  reason_key: string | null;
  /** In the store's language, as supervisors read it. */
  reason: string;
  note: string;
  sale_ref: string | null;
  requested_by: string;
  status: ApprovalStatus;
  free: boolean;
  answer: 'tap' | 'code';
  needed: number;
  actions: JSONColumnType<GrantAction[], string, never>;
  /** The escalation as it was when asked. */
  steps: JSONColumnType<EscalationStep[], string, never>;
  /** Who is asked next, and when; null: nobody is left. */
  next_step: number | null;
  next_step_at: EpochMs | null;
  /** Null unless `answer` is 'code'. */
  code_digits: number | null;
  tries_left: number | null;
  policy_version: number;
  grant_jti: string;
  /** Fixed when it is approved; a grant signed again ends no later. */
  grant_expires_at: EpochMs | null;
  /** Whose yes counted, in order, when it was approved. */
  deciders: JSONColumnType<string[], string, never>;
  created_at: EpochMs;
  expires_at: EpochMs;
  /** When it reached its final status. */
  decided_at: EpochMs | null;
}

export interface ApprovalRecipientsTable {
  approval_id: string;
  staff_id: string;
  step: number;
  /** 16 random bytes in base64url: the only name of this person's question outside the gateway. */
  ref: string;
  /** No column holds the code: it is derived from the nonce when the message goes out, and checked by HMAC. */
  code_nonce: Uint8Array | null;
  code_hash: Uint8Array | null;
  asked_at: EpochMs;
}

export interface ApprovalVotesTable {
  approval_id: string;
  staff_id: string;
  decision: 'approve' | 'reject';
  via: 'tap' | 'code';
  /** Of a reject: the person's next text. */
  reason: string | null;
  at: EpochMs;
}

export interface ApprovalTapsTable {
  id: Generated<number>;
  approval_id: string | null;
  staff_id: string | null;
  decision: 'approve' | 'reject' | null;
  via: 'tap' | 'code';
  /** `TapRefusal` of cloud/approvals/ports.ts. */
  refused: string;
  at: EpochMs;
}

declare module './schema.ts' {
  interface Database {
    policies: PoliciesTable;
    pin_attempts: PinAttemptsTable;
    approvals: ApprovalsTable;
    approval_recipients: ApprovalRecipientsTable;
    approval_votes: ApprovalVotesTable;
    approval_taps: ApprovalTapsTable;
  }
}
