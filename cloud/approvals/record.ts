import { type Selectable, sql } from 'kysely';
import { type ApprovalPolicy, DEFAULT_APPROVALS } from '../../shared/approval-policy.ts';
import type { Approval } from '../../shared/approvals.ts';
import type { Delivery } from '../../shared/delivery.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Role, Store } from '../../shared/gateway-api.ts';
import { type Amount, amountSchema } from '../../shared/money.ts';
import type { ApprovalsTable, ApprovalVotesTable } from '../db/approval-tables.ts';
import type { RequestOutcome } from '../db/schema.ts';
import type { Contacts } from './people.ts';
import type { ApprovalFacts, Db, Recipient } from './ports.ts';

export type ApprovalRow = Selectable<ApprovalsTable>;

export interface RecipientRecord {
  readonly staff_id: string;
  readonly name: string;
  readonly role: Role;
  readonly active: boolean;
  readonly step: number;
  readonly ref: string;
  /** In hex. */
  readonly code_nonce: string | null;
  readonly code_hash: string | null;
}

export type Vote = Pick<Selectable<ApprovalVotesTable>, 'staff_id' | 'decision' | 'reason' | 'at'>;

/** All that a decision or an answer needs; as SQL function `approval_read` gives it. */
export interface ApprovalRecord {
  readonly approval: ApprovalRow;
  readonly store: {
    readonly name: string;
    readonly language: Store['language'];
    readonly timezone: string;
    /** In force now. Null: a document from before approvals. */
    readonly policy: ApprovalPolicy | null;
  };
  readonly tillName: string;
  readonly requester: string;
  readonly recipients: readonly RecipientRecord[];
  readonly votes: readonly Vote[];
  /** What was remembered under the idempotency key asked for. */
  readonly request: { readonly hash: string; readonly outcome: RequestOutcome | null } | null;
}

export interface ReadOptions {
  readonly target: { readonly approvalId: string } | { readonly ref: string };
  /** Null: whichever till's. */
  readonly tillId?: string | null;
  readonly idempotencyKey?: string | null;
  /** Locks the request until the transaction ends. */
  readonly lock?: boolean;
}

export async function findApproval(db: Db, options: ReadOptions): Promise<ApprovalRecord | null> {
  const { target, tillId = null, idempotencyKey = null, lock = false } = options;
  const id = 'approvalId' in target ? target.approvalId : null;
  const ref = 'ref' in target ? target.ref : null;
  const { rows } = await sql<{ doc: ApprovalRecord | null }>`select approval_read(${id}::uuid, ${ref}::text,
    ${tillId}::uuid, ${idempotencyKey}::text, ${lock}::boolean) as doc`.execute(db);
  return rows[0]?.doc ?? null;
}

/** Throws `approval_unknown` when there is none. */
export async function readApproval(db: Db, options: ReadOptions): Promise<ApprovalRecord> {
  const record = await findApproval(db, options);
  if (record === null) throw new SaksiError('approval_unknown');
  return record;
}

/** Those of these requests that there are, in the order given. */
export async function readApprovals(db: Db, approvalIds: readonly string[]): Promise<ApprovalRecord[]> {
  const { rows } = await sql<{ doc: ApprovalRecord | null }>`
    select approval_read(x.id, null, null, null, false) as doc
    from unnest(${[...approvalIds]}::uuid[]) with ordinality as x(id, n) order by x.n`.execute(db);
  return rows.flatMap(({ doc }) => doc ?? []);
}

export function policyOf({ store }: ApprovalRecord): ApprovalPolicy {
  return store.policy ?? DEFAULT_APPROVALS;
}

export function nameOf(record: ApprovalRecord, staffId: string): string {
  return record.recipients.find((recipient) => recipient.staff_id === staffId)?.name ?? '';
}

/** Whose word ended it; null where nobody's did. */
export function decidedBy(record: ApprovalRecord): { staffId: string; name: string } | null {
  const { approval, votes } = record;
  const staffId =
    approval.status === 'rejected'
      ? votes.find(({ decision }) => decision === 'reject')?.staff_id
      : approval.status === 'approved'
        ? approval.deciders.at(-1)
        : undefined;
  return staffId === undefined ? null : { staffId, name: nameOf(record, staffId) };
}

/** As a till sees it at `now` (epoch ms): remaining times count from the answer. */
export function approvalView(
  record: ApprovalRecord,
  deliveries: ReadonlyMap<string, Delivery>,
  now: number,
): Approval {
  const { approval: row, votes } = record;
  const reject = votes.find(({ decision }) => decision === 'reject');
  const decisions = new Map(votes.map((vote) => [vote.staff_id, vote.decision]));
  return {
    id: row.id,
    tillId: row.till_id,
    status: row.status,
    kind: row.kind,
    kindName: row.kind_name,
    amount: amountOf(row),
    basisPoints: row.basis_points,
    currency: row.currency,
    reason: row.reason,
    note: row.note,
    saleRef: row.sale_ref,
    requestedBy: { staffId: row.requested_by, name: record.requester },
    createdAt: row.created_at,
    expiresInMs: row.expires_at - now,
    nextStepInMs: row.status === 'pending' && row.next_step_at !== null ? row.next_step_at - now : null,
    needed: row.needed,
    asked: record.recipients.map(({ staff_id: staffId, name, step, ref }) => ({
      ...{ staffId, name, step },
      delivery: deliveries.get(ref) ?? { channel: 'whatsapp', state: 'queued', reason: null },
      decision: decisions.get(staffId) ?? null,
    })),
    free: row.free,
    rejection:
      row.status === 'rejected' && reject !== undefined
        ? { name: nameOf(record, reject.staff_id), reason: reject.reason }
        : null,
    code: row.code_digits === null ? null : { digits: row.code_digits, triesLeft: row.tries_left ?? 0 },
  };
}

export function amountOf({ amount }: Pick<ApprovalRow, 'amount'>): Amount | null {
  return amount === null ? null : amountSchema.parse(amount);
}

export function approvalFacts({ approval: row, store, tillName, requester }: ApprovalRecord): ApprovalFacts {
  return {
    approvalId: row.id,
    storeId: row.store_id,
    storeName: store.name,
    tillId: row.till_id,
    tillName,
    language: store.language,
    timezone: store.timezone,
    requestedBy: { staffId: row.requested_by, name: requester },
    kind: row.kind,
    kindName: row.kind_name,
    amount: row.amount,
    basisPoints: row.basis_points,
    currency: row.currency,
    reason: row.reason,
    note: row.note,
    saleRef: row.sale_ref,
    status: row.status,
    needed: row.needed,
    answer: row.answer,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
  };
}

export function toRecipient(record: RecipientRecord, contacts: Contacts): Recipient {
  const { staff_id: staffId, name, step, ref } = record;
  return { staffId, name, step, ref, phoneE164: contacts.of(staffId).phoneE164 };
}
