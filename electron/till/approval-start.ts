import type { ApprovalKindPolicy } from '../../shared/approval-policy.ts';
import type { ApprovalCreate } from '../../shared/approvals.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import type { NewApproval } from '../store/approval-rows.ts';
import type { PosKey } from '../store/journal.ts';
import { applyApprovalAnswer, applyEarly } from './approval-answers.ts';
import { assertMoneyMoves, type Core, contextOf, linkOf } from './core.ts';
import { assertLineUp } from './gateway-link.ts';
import { isAnswerUnknown } from './start.ts';

export type ApprovalWish = Pick<NewApproval, 'id' | 'startedBy' | 'request' | 'requestedBy'>;

/**
 * Asks for a supervisor's yes: the wish is on the disk before the gateway hears of it. Throws `approval_kind_unknown`,
 * `approval_incomplete` {field}, `approval_too_many_open`, `gateway_unreachable` while the line is down, and what the
 * gateway refuses with. Where policy asks nobody it has been acted on when this resolves.
 */
export async function startApproval(
  core: Core,
  wish: ApprovalWish,
  posKey: PosKey | null,
): Promise<ApprovalRow> {
  const { policy, store } = contextOf(core);
  const { request } = wish;
  const kind = policy.approvals.kinds.find(({ key, enabled }) => enabled && key === request.kind);
  if (kind === undefined) throw new SaksiError('approval_kind_unknown');
  assertComplete(kind, request);
  assertMoneyMoves(core);
  assertLineUp(linkOf(core));
  const listed = kind.reasons.find(({ key }) => key === request.reason.key);
  const row = core.store.approvalJournal.requested(
    {
      ...wish,
      kindName: kind.name,
      reason: request.reason.text ?? listed?.name[store.language] ?? '',
      currency: store.currency,
    },
    policy.approvals.openMax,
    posKey,
  );
  core.step('approval_request_saved');
  core.changed();
  return createOrEnd(core, row);
}

/** What the form can tell by itself; the gateway holds the same rules and has the last word. */
function assertComplete(kind: ApprovalKindPolicy, { amount, basisPoints, reason }: ApprovalCreate): void {
  const lacking = (field: string) => new SaksiError('approval_incomplete', { params: { field } });
  if (misfits(kind.amount, amount)) throw lacking('amount');
  if (misfits(kind.percent, basisPoints)) throw lacking('percent');
  const listed = kind.reasons.some(({ key }) => key === reason.key);
  const text = reason.text ?? '';
  if (reason.key === null ? text === '' || !kind.freeReason : !listed) throw lacking('reason');
}

function misfits(rule: 'required' | 'optional' | 'none', value: number | null): boolean {
  return (rule === 'required' && value === null) || (rule === 'none' && value !== null);
}

/** The same wish again, after a try that ended without an answer; the key at the gateway is the same. */
export async function startApprovalAgain(core: Core, before: ApprovalRow): Promise<ApprovalRow> {
  assertMoneyMoves(core);
  assertLineUp(linkOf(core));
  const row = core.store.approvalJournal.requestedAgain(before, contextOf(core).policy.approvals.openMax);
  core.changed();
  return createOrEnd(core, row);
}

async function createOrEnd(core: Core, row: ApprovalRow): Promise<ApprovalRow> {
  try {
    await core.desk.approvalTurn(() => createApprovalAtGateway(core, row));
  } catch (error) {
    endUnmadeApproval(core, row, asSaksiError(error));
    throw error;
  }
  return core.store.approvals.get(row.id);
}

/** Inside the approvals' turn. Throws what the gateway refuses with, and leaves it to the caller what to do then. */
export async function createApprovalAtGateway(core: Core, row: ApprovalRow): Promise<void> {
  const { store } = core;
  const before = store.approvals.get(row.id);
  // As with a redemption: reconciling came upon the same wish in its turn.
  if (before.gatewayId !== null) return;
  if (before.stage !== 'requesting') throw givenUp(before);
  const answer = await linkOf(core).client.createApproval(row.id, row.request);
  core.step('approval_request_sent');
  const present = store.approvals.get(row.id);
  if (present.stage !== 'requesting') {
    // Cancelled while the gateway was being asked: what it made is given up there too.
    store.approvalJournal.orphanCancelled(answer.approval.id);
    core.outboxFilled();
    throw givenUp(present);
  }
  const created = store.approvalJournal.created(present, answer.approval);
  core.step('approval_created');
  core.changed();
  applyApprovalAnswer(core, created, answer);
  applyEarly(core, answer.approval.id);
}

function givenUp({ stage }: ApprovalRow): SaksiError {
  return new SaksiError('approval_state', { params: { status: stage } });
}

/** A wish that came to nothing; what the gateway may hold of it after a call without an answer is given up there. */
export function endUnmadeApproval(core: Core, { id }: ApprovalRow, error: SaksiError): void {
  const row = core.store.approvals.get(id);
  if (row.stage === 'requesting') core.store.approvalJournal.ended(row, 'failed', null, error.toWire());
  core.changed();
  if (isAnswerUnknown(error)) core.reconcileSoon();
}
