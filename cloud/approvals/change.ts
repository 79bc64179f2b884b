import { sql } from 'kysely';
import { type ApprovalEvent, nextApprovalStatus } from '../../shared/approvals.ts';
import type { Delivery } from '../../shared/delivery.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { TillEvent } from '../../shared/gateway-api.ts';
import type { ApprovalContext } from './context.ts';
import { approvalGrant } from './grant.ts';
import { Contacts } from './people.ts';
import type { Db, Ended, InTransaction, TapRefusal, Trx } from './ports.ts';
import {
  type ApprovalRecord,
  type ApprovalRow,
  approvalFacts,
  approvalView,
  decidedBy,
  type RecipientRecord,
  readApproval,
  readApprovals,
  toRecipient,
  type Vote,
} from './record.ts';

/** Refused taps of one person that are kept for one request: enough to see a pattern, whatever a phone sends. */
const TAPS_KEPT = 50;

export type Patch = Partial<
  Pick<
    ApprovalRow,
    | 'status'
    | 'needed'
    | 'next_step'
    | 'next_step_at'
    | 'tries_left'
    | 'grant_expires_at'
    | 'deciders'
    | 'decided_at'
  >
>;

export type ApprovalEventToTill = Extract<TillEvent, { type: 'approval.changed' }>;

export interface NewVote extends Vote {
  readonly via: 'tap' | 'code';
}

/** What was decided about a request. */
export interface Change {
  readonly patch: Patch;
  readonly vote?: NewVote | null;
}

/** The columns of a legal transition into a final status; throws `approval_state` for an illegal one. */
export function transition({ status }: ApprovalRow, event: ApprovalEvent, now: number): Patch {
  const next = nextApprovalStatus(status, event);
  if (next === null) throw new SaksiError('approval_state', { params: { status } });
  return { status: next, decided_at: now, next_step: null, next_step_at: null };
}

export function isDue({ status, expires_at: expiresAt }: ApprovalRow, now: number): boolean {
  return status === 'pending' && expiresAt <= now;
}

/**
 * Writes a change of a request that is locked: vote, columns, what others are told when it ended, the till's event. The
 * answer's `committed` is to be called after the commit.
 */
export async function applyChange(
  context: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
  { patch, vote = null }: Change,
): Promise<InTransaction<ApprovalRecord>> {
  const { approval } = record;
  const voteRow = vote === null ? null : JSON.stringify({ approval_id: approval.id, ...vote });
  await sql`select approval_change(${approval.id}::uuid, ${voteRow}::jsonb, ${JSON.stringify(patch)}::jsonb)`.execute(
    trx,
  );
  const changed = changedRecord(record, { patch, vote });
  const ended = isEnd(record, changed);
  const told = ended && (await tellOthers(context, trx, changed));
  await announceChange(context, trx, changed);
  return {
    result: changed,
    committed() {
      context.ports.committed([approval.till_id], told);
      if (ended) observeEnd(context, changed.approval);
    },
  };
}

export function changedRecord(record: ApprovalRecord, { patch, vote = null }: Change): ApprovalRecord {
  return {
    ...record,
    approval: { ...record.approval, ...patch },
    votes: vote === null ? record.votes : [...record.votes, vote],
  };
}

export function isEnd(before: ApprovalRecord, after: ApprovalRecord): boolean {
  return before.approval.status === 'pending' && after.approval.status !== 'pending';
}

export function observeEnd({ ports }: ApprovalContext, row: ApprovalRow): void {
  ports.observe(row.kind, row.status, ((row.decided_at ?? row.created_at) - row.created_at) / 1000);
}

/** @returns whether anybody was there to be told */
async function tellOthers(context: ApprovalContext, trx: Trx, record: ApprovalRecord): Promise<boolean> {
  const others = othersOf(record);
  if (others.length === 0) return false;
  const staffIds = others.map((recipient) => recipient.staff_id);
  const contacts = new Contacts(await context.ports.contactsOf(trx, staffIds));
  await context.ports.tellOthers(trx, endedFor(record, contacts));
  return true;
}

/** Those who were asked and need not answer any more. */
function othersOf(record: ApprovalRecord): RecipientRecord[] {
  const by = decidedBy(record);
  return record.recipients.filter(({ staff_id: staffId }) => staffId !== by?.staffId);
}

/** What they are to be told. */
export function endedFor(record: ApprovalRecord, contacts: Contacts): Ended {
  const recipients = othersOf(record).map((recipient) => toRecipient(recipient, contacts));
  return { approval: approvalFacts(record), decidedBy: decidedBy(record), recipients };
}

/**
 * Tells the till how the request stands. Its row is locked before deliveries are read, so that an event never shows an older
 * state than the one before it.
 */
export async function announceChange(
  context: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
): Promise<void> {
  const { ports, effects } = context;
  const { approval, recipients } = record;
  await sql`select 1 from tills where id = ${approval.till_id}::uuid for no key update`.execute(trx);
  const refs = recipients.map(({ ref }) => ref);
  const deliveries = refs.length === 0 ? new Map() : await ports.deliveryOf(trx, refs);
  const event = changeEvent(context, record, deliveries, effects.clock.now());
  await ports.appendTillEvent(trx, approval.till_id, event);
}

/** The events of `announceChange` for many requests, whose tills' rows are locked already. Each request once. */
export async function changeEvents(
  context: ApprovalContext,
  trx: Trx,
  approvalIds: readonly string[],
): Promise<{ tillId: string; event: ApprovalEventToTill }[]> {
  if (approvalIds.length === 0) return [];
  const records = await readApprovals(trx, approvalIds);
  const refs = records.flatMap(({ recipients }) => recipients.map(({ ref }) => ref));
  const deliveries = refs.length === 0 ? new Map() : await context.ports.deliveryOf(trx, refs);
  const now = context.effects.clock.now();
  return records.map((record) => ({
    tillId: record.approval.till_id,
    event: changeEvent(context, record, deliveries, now),
  }));
}

/** How the request stands at `now` (epoch ms), with the grant while it may be used. */
export function changeEvent(
  { ports }: Pick<ApprovalContext, 'ports'>,
  record: ApprovalRecord,
  deliveries: ReadonlyMap<string, Delivery>,
  now: number,
): ApprovalEventToTill {
  const claims = approvalGrant(record.approval, ports.gatewayId, now);
  return {
    type: 'approval.changed',
    approval: approvalView(record, deliveries, now),
    grant: claims === null ? null : ports.signGrant(claims),
  };
}

/** Ends a locked request that is past its time. */
export function lapse(
  context: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
  now: number,
): Promise<InTransaction<ApprovalRecord>> {
  return applyChange(context, trx, record, { patch: transition(record.approval, 'lapse', now) });
}

export interface RefusedTap {
  readonly approvalId: string | null;
  readonly staffId: string | null;
  readonly decision: 'approve' | 'reject' | null;
  readonly via: 'tap' | 'code';
  readonly refused: TapRefusal;
}

/** Keeps a refused answer with its reason, unless this person has sent very many about this request. */
export async function recordTap({ effects }: ApprovalContext, db: Db, tap: RefusedTap): Promise<void> {
  const { approvalId, staffId, decision, via, refused } = tap;
  await sql`insert into approval_taps (approval_id, staff_id, decision, via, refused, at)
    select ${approvalId}::uuid, ${staffId}::uuid, ${decision}::text, ${via}::text, ${refused}::text,
      ${effects.clock.now()}::bigint
    where ${approvalId}::uuid is null or (select count(*) from approval_taps
      where approval_id = ${approvalId}::uuid and staff_id is not distinct from ${staffId}::uuid) < ${TAPS_KEPT}`.execute(
    db,
  );
}

/** The locked record of a till's request, or of any till's. Throws `approval_unknown`. */
export function lockApproval(
  trx: Trx,
  approvalId: string,
  tillId: string | null = null,
  key: string | null = null,
) {
  return readApproval(trx, { target: { approvalId }, tillId, idempotencyKey: key, lock: true });
}
