import type { Kysely, Transaction } from 'kysely';
import type { Localised } from '../../shared/approval-policy.ts';
import type { ApprovalStatus } from '../../shared/approvals.ts';
import type { Delivery } from '../../shared/delivery.ts';
import type { Store, TillEvent } from '../../shared/gateway-api.ts';
import type { ApprovalGrantClaims } from '../../shared/grants.ts';
import type { Currency } from '../../shared/money.ts';
import type { Database } from '../db/schema.ts';
import type { ApprovalRecord } from './record.ts';

export type Trx = Transaction<Database>;
export type Db = Kysely<Database>;

/** What a message about a request may name. */
export interface ApprovalFacts {
  readonly approvalId: string;
  readonly storeId: string;
  readonly storeName: string;
  readonly tillId: string;
  readonly tillName: string;
  readonly language: Store['language'];
  readonly timezone: string;
  readonly requestedBy: { readonly staffId: string; readonly name: string };
  readonly kind: string;
  readonly kindName: Localised;
  readonly amount: number | null;
  /** Hundredths of a percent. */
  readonly basisPoints: number | null;
  readonly currency: Currency;
  /** In the store's language. */
  readonly reason: string;
  readonly note: string;
  readonly saleRef: string | null;
  readonly status: ApprovalStatus;
  /** How many different people must say yes. */
  readonly needed: number;
  /** `tap`: buttons; `code`: no buttons, the person's own code (`codeForRecipient`, when the message goes out). */
  readonly answer: 'tap' | 'code';
  /** Epoch ms of the gateway's clock. After `expiresAt` the message is worthless and must not be sent. */
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly decidedAt: number | null;
}

/** One person who is asked. */
export interface Recipient {
  readonly staffId: string;
  readonly name: string;
  /** From 0. */
  readonly step: number;
  /** 22 characters of base64url, random: what buttons carry (signed) instead of an id. Names person and request at once. */
  readonly ref: string;
  /** E.164. Null: known by another way only. Never logged, never shown. */
  readonly phoneE164: string | null;
}

/** What is to be sent to people asked now. */
export interface Announcement {
  readonly approval: ApprovalFacts;
  readonly recipients: readonly Recipient[];
}

/** What is to be told to those who were asked and need not answer any more (who decided is not among them). */
export interface Ended {
  readonly approval: ApprovalFacts;
  /** Whose word ended it: the last of those who approved, or who rejected. Null: it lapsed, or the till took it back. */
  readonly decidedBy: { readonly staffId: string; readonly name: string } | null;
  readonly recipients: readonly Recipient[];
}

/** How a member of staff is reached, and by what we would know that two of them are one person. */
export interface Contact {
  readonly staffId: string;
  readonly phoneE164: string | null;
  /** Whether a message can reach them at all. */
  readonly reachable: boolean;
  /** Opaque names of phones and accounts (`phone:+62…`, `user:…`). Two people who share one count as one. */
  readonly identities: readonly string[];
}

/** Why a tap or code was refused, as it is recorded. */
export type TapRefusal =
  /** The request has ended. */
  | 'late_decided'
  | 'late_expired'
  | 'late_cancelled'
  /** This person has answered already. */
  | 'repeated'
  | 'own_request'
  /** Was not asked. */
  | 'not_asked'
  /** Was asked, and may no longer decide by the policy and the staff list in force. */
  | 'not_authorised'
  /** No request has this ref. */
  | 'unknown'
  /** Not from whom the message was sent to: another member of staff, somebody unknown, an account that does not fit. */
  | 'forwarded'
  | 'foreign'
  | 'identity_conflict'
  | 'bad_signature'
  | 'code_wrong';

/** How people are reached. Calls with a `trx` take part in that transaction. */
export interface ApprovalMessaging {
  /** Queues a message to each recipient. */
  announce(trx: Trx, announcement: Announcement): Promise<void>;
  /** Queues what those who need not answer any more are told, as far as it can be sent. */
  tellOthers(trx: Trx, ended: Ended): Promise<void>;
  /** How far the messages of these refs came; a ref without a message is left out (shown as queued). */
  deliveryOf(db: Db, refs: readonly string[]): Promise<ReadonlyMap<string, Delivery>>;
  /** How these members of staff are reached; one who is unknown may be left out. */
  contactsOf(db: Db, staffIds: readonly string[]): Promise<readonly Contact[]>;
}

/** What approvals need from the rest of the gateway. */
export interface ApprovalPorts extends ApprovalMessaging {
  /** The gateway's id: `iss` of its grants. */
  readonly gatewayId: string;
  /** Gives the event the till's next number. Locks the till's row until the transaction ends: called last in it. */
  appendTillEvent(trx: Trx, tillId: string, event: TillEvent): Promise<void>;
  /** Called after the commit: wakes the tills' streams and, where messages were queued, the senders. */
  committed(tillIds: readonly string[], messagesQueued: boolean): void;
  /** Compact JWS over the claims. */
  signGrant(claims: ApprovalGrantClaims): string;
  /** For the metrics; `seconds` from the request to its end. */
  observe(kind: string, outcome: string, seconds: number | null): void;
}

// --- What WhatsApp's side calls ------------------------------------------------------------------------------------

export interface DecideInput {
  /** Who asks for what: the ref in the button, or the request and the person. */
  readonly target: { readonly ref: string } | { readonly approvalId: string };
  /** Whose word it is; the caller has made sure of it. */
  readonly staffId: string;
  readonly decision: 'approve' | 'reject';
  readonly via: 'tap' | 'code';
}

/** What became of an answer. `approval` as it stands afterwards, for the reply to the person. */
export type DecideOutcome =
  /** Counted; more people are needed. */
  | { readonly outcome: 'recorded'; readonly approval: ApprovalFacts; readonly given: number }
  /** This answer ended it: `approval.status` is approved or rejected. */
  | {
      readonly outcome: 'decided';
      readonly approval: ApprovalFacts;
      /** How long this person's next text counts as the reason of a reject; 0: not at all. */
      readonly reasonSeconds: number;
    }
  | {
      readonly outcome: 'already_decided';
      readonly approval: ApprovalFacts;
      readonly by: { readonly staffId: string; readonly name: string } | null;
      /** Epoch ms. */
      readonly at: number;
    }
  | {
      readonly outcome: 'expired' | 'cancelled' | 'own_request' | 'repeated' | 'not_yours';
      readonly approval: ApprovalFacts;
    }
  /** No request has this ref. */
  | { readonly outcome: 'unknown' };

/** What was done inside a caller's transaction, and what is to be called once that has committed. */
export interface InTransaction<T> {
  readonly result: T;
  committed(): void;
}

/** A request as it was read without a lock, and how those are reached who asked, were asked and answered. */
export interface SeenApproval {
  readonly record: ApprovalRecord;
  readonly contacts: readonly Contact[];
}

/** What a yes comes to, decided on what was read and not yet written. */
export interface PlannedYes {
  readonly approvalId: string;
  readonly tillId: string;
  /** Epoch ms: when it was decided. */
  readonly now: number;
  readonly result: DecideOutcome;
  /** A row, and columns, for the SQL function `approval_change`. */
  readonly vote: object;
  readonly patch: object;
  /** Each delivery in `asked` is to be filled in under the till's lock; `refs` are theirs, in the same order. */
  readonly event: Extract<TillEvent, { type: 'approval.changed' }>;
  readonly refs: readonly string[];
  /** Null: it goes on. */
  readonly ended: Ended | null;
  /** To be called after the commit. */
  committed(): void;
}

/** The part of the service that WhatsApp's side works with. Each call is one transaction, or (…In) takes part in one. */
export interface ApprovalAnswers {
  /** Takes the request's lock, so that exactly one decision is taken. Refused answers are recorded. */
  decide(input: DecideInput): Promise<DecideOutcome>;
  decideIn(trx: Trx, input: DecideInput): Promise<InTransaction<DecideOutcome>>;
  /**
   * Takes `text` as the reason of this person's newest reject, if it has none and policy's time has not passed.
   * @returns the request it was for, or null when there is none: then the text is about something else
   */
  attachReason(staffId: string, text: string): Promise<ApprovalFacts | null>;
  attachReasonIn(trx: Trx, staffId: string, text: string): Promise<InTransaction<ApprovalFacts | null>>;
  /** Keeps a tap that was refused before it could be anybody's answer. `staffId` null: nobody known. */
  recordRefusedTap(
    db: Db,
    tap: {
      readonly ref: string | null;
      readonly staffId: string | null;
      readonly decision: 'approve' | 'reject' | null;
      readonly refused: TapRefusal;
    },
  ): Promise<void>;
  /** Whose question a ref is, and how its request stands; null when there is none. For checking who sent a tap. */
  recipientOf(db: Db, ref: string): Promise<{ staffId: string; approval: ApprovalFacts } | null>;
  /**
   * Decides a yes without writing anything; the caller has made sure whose it is, and writes it by a statement that
   * changes nothing unless all of `seen` is still so. Null: it is refused, or not this simple; `decideIn` has the answer.
   */
  planYes(seen: SeenApproval, yes: { readonly ref: string; readonly staffId: string }): PlannedYes | null;
}
