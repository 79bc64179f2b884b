import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import { OPEN_APPROVAL_STAGES } from '../store/approval-rows.ts';
import type { PosKey } from '../store/journal.ts';
import { applyApprovalAnswer } from './approval-answers.ts';
import { forgetLive } from './approval-desk.ts';
import { type Core, linkOf } from './core.ts';
import { type CopyWish, printAgain } from './reprint.ts';

export function isOpenApproval({ stage }: ApprovalRow): boolean {
  return (OPEN_APPROVAL_STAGES as readonly string[]).includes(stage);
}

function wrongState(core: Core, row: ApprovalRow): SaksiError {
  const status = core.desk.checkingApprovals.has(row.id) ? 'checking' : row.stage;
  return new SaksiError('approval_state', { params: { status } });
}

/**
 * Gives a request up: from this commit on no grant for it moves anything here. The gateway is told at once where the line
 * is up, else as soon as it is. Already cancelled: nothing more happens. Throws `approval_state`.
 */
export function cancelApproval(
  core: Core,
  row: ApprovalRow,
  by: 'cashier' | 'terminal',
  posKey: PosKey | null,
): void {
  if (row.stage === 'cancelled') return;
  if (row.stage !== 'requesting' && row.stage !== 'pending') throw wrongState(core, row);
  core.store.approvalJournal.cancelled(row, by, posKey);
  forgetLive(core, row.id);
  core.outboxFilled();
  core.changed();
}

/**
 * Has the gateway check the code that a supervisor said. Resolves once it is acted on, or once it is counted where more
 * than one has to say yes. Throws what the gateway refuses with (`approval_code_wrong`, …) or what the grant's check does.
 */
export async function submitApprovalCode(core: Core, row: ApprovalRow, code: string): Promise<void> {
  const { desk, store } = core;
  if (row.stage !== 'pending' || row.gatewayId === null || desk.checkingApprovals.has(row.id)) {
    throw wrongState(core, row);
  }
  desk.checkingApprovals.add(row.id);
  desk.approvalTryErrors.delete(row.id);
  core.changed();
  try {
    const answer = await linkOf(core).client.approvalCode(row.gatewayId, createUuid(core.effects), code);
    applyApprovalAnswer(core, store.approvals.get(row.id), answer);
  } catch (error) {
    codeFailed(core, row.id, asSaksiError(error));
    throw error;
  } finally {
    desk.checkingApprovals.delete(row.id);
    core.changed();
  }
}

function codeFailed(core: Core, approvalId: string, error: SaksiError): void {
  const { desk, store } = core;
  if (store.approvals.get(approvalId).stage !== 'pending') return;
  desk.approvalTryErrors.set(approvalId, error.toWire());
  const live = desk.approvals.get(approvalId);
  const { triesLeft } = error.params;
  if (live !== undefined && live.approval.code !== null && typeof triesLeft === 'number') {
    const code = { ...live.approval.code, triesLeft };
    desk.approvals.set(approvalId, { ...live, approval: { ...live.approval, code } });
  }
  // Anything but a wrong code may mean that it is decided: the gateway's word is fetched.
  if (error.code !== 'approval_code_wrong' || triesLeft === 0) core.reconcileSoon();
}

/** Takes a finished approval off the screen. Throws `approval_state` while it is open. */
export function dismissApproval(core: Core, row: ApprovalRow): void {
  if (isOpenApproval(row)) throw wrongState(core, row);
  core.store.approvalJournal.dismissed(row);
  core.changed();
}

/** Prints the slip again by the recorded use of its grant. Throws as `printAgain` does. */
export async function reprintApproval(core: Core, row: ApprovalRow, asked: CopyWish): Promise<void> {
  const { id, jti } = row;
  if (jti === null || core.desk.printing.has(id) || row.stage === 'acting') throw wrongState(core, row);
  await printAgain(core, { id, jti, saleRef: row.request.saleRef, owner: { approvalId: id } }, asked);
}
