import type { Approval, ApprovalAnswer, ApprovalStatus } from '../../shared/approvals.ts';
import { asSaksiError } from '../../shared/errors.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import { actOnApproval, GRANT_GONE } from './approval-act.ts';
import { forgetLive } from './approval-desk.ts';
import { mergeLiveApproval } from './approval-live.ts';
import type { Core } from './core.ts';

/** What the gateway's status means for an approval that this till waits for. */
export const APPROVAL_STATUS: Record<ApprovalStatus, 'wait' | 'act' | 'rejected' | 'expired' | 'cancelled'> =
  {
    pending: 'wait',
    approved: 'act',
    rejected: 'rejected',
    expired: 'expired',
    cancelled: 'cancelled',
  };

/** News that came before the answer to a creation: more than could be open at one till are not kept. */
const EARLY_MAX = 20;

/**
 * The gateway's word on an approval of this till. Only one that is pending here takes it in: whatever was decided, used or
 * given up before stays so. Throws what the check of a grant refuses.
 */
export function applyApprovalAnswer(core: Core, row: ApprovalRow, { approval, grant }: ApprovalAnswer): void {
  if (row.stage !== 'pending') return;
  const meaning = APPROVAL_STATUS[approval.status];
  if (meaning === 'wait') {
    noteLive(core, row.id, approval);
  } else if (meaning === 'act') {
    if (grant === null) end(core, row, 'failed', approval);
    else actOnApproval(core, row, approval, grant);
  } else {
    end(core, row, meaning, approval);
  }
}

function end(
  core: Core,
  row: ApprovalRow,
  stage: 'rejected' | 'expired' | 'cancelled' | 'failed',
  approval: Approval,
): void {
  // Approved, and no grant is to be had for it any more.
  const error = stage === 'failed' ? GRANT_GONE() : null;
  core.store.approvalJournal.ended(row, stage, approval, error);
  forgetLive(core, row.id);
  core.changed();
}

export function noteLive(core: Core, approvalId: string, approval: Approval): void {
  const { approvals } = core.desk;
  const now = core.effects.clock.monotonic();
  approvals.set(approvalId, mergeLiveApproval(approvals.get(approvalId) ?? null, approval, now));
  core.changed();
}

/**
 * An event: with the grant it is acted on before this returns; approved without one, the grant is asked for. Does not
 * throw: a grant that was refused is on its row and in the log, and stops no other event.
 */
export function applyApprovalEvent(core: Core, answer: ApprovalAnswer): void {
  const { approval, grant } = answer;
  const row = core.store.approvals.findByGatewayId(approval.id);
  if (row === null) {
    keepEarly(core, answer);
    return;
  }
  if (row.stage === 'rejected' && approval.status === 'rejected') noteReason(core, row, approval);
  if (row.stage !== 'pending') return;
  if (approval.status === 'approved' && grant === null) {
    core.reconcileSoon();
    return;
  }
  try {
    applyApprovalAnswer(core, row, answer);
  } catch (error) {
    // Only a store that failed leaves it pending: the gateway is asked again.
    const cause = asSaksiError(error);
    core.log.warn({ approvalId: row.id, code: cause.code }, 'approval not taken up');
    if (!cause.code.startsWith('grant_')) core.reconcileSoon();
  }
}

/** Why it was rejected may be said after it was. */
function noteReason(core: Core, row: ApprovalRow, approval: Approval): void {
  const reason = approval.rejection?.reason ?? null;
  if (reason === null || reason === row.answer?.rejection?.reason) return;
  core.store.approvalJournal.reasoned(row, approval);
  core.changed();
}

function keepEarly({ desk, store }: Core, answer: ApprovalAnswer): void {
  const { earlyApprovals } = desk;
  if (!store.approvals.open().some(({ stage }) => stage === 'requesting')) {
    earlyApprovals.clear();
    return;
  }
  if (earlyApprovals.size >= EARLY_MAX && !earlyApprovals.has(answer.approval.id)) return;
  earlyApprovals.set(answer.approval.id, answer);
}

/** What an event said before the answer to the creation was there. */
export function applyEarly(core: Core, gatewayId: string): void {
  const early = core.desk.earlyApprovals.get(gatewayId);
  core.desk.earlyApprovals.delete(gatewayId);
  if (early !== undefined) applyApprovalEvent(core, early);
}
