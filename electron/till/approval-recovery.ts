import type { ApprovalAnswer } from '../../shared/approvals.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import { act } from './approval-act.ts';
import { applyApprovalAnswer } from './approval-answers.ts';
import { isOpenApproval } from './approval-closing.ts';
import { forgetLive } from './approval-desk.ts';
import { createApprovalAtGateway, endUnmadeApproval } from './approval-start.ts';
import { type Core, linkOf } from './core.ts';
import { goesOn } from './spooler.ts';
import { isAnswerUnknown } from './start.ts';

/** As for redemptions: an older wish is given up, the situation at the counter has moved on. */
const RESUME_WITHIN_MS = 120_000;

/** At start, before any line: a used grant is never used again, and what it still owes of paper is printed. */
export function recoverApprovals(core: Core): void {
  const { store } = core;
  store.approvalJournal.interrupted(new SaksiError('drawer_not_confirmed').toWire());
  for (const row of store.approvals.open()) {
    if (row.stage !== 'acting') continue;
    const job = store.slips.latest(row.id);
    if (job?.state !== 'waiting' || !goesOn(core, job)) {
      store.approvalJournal.acted(row);
      continue;
    }
    const permit = store.grants.slipPermit({ id: row.id, jti: row.jti, saleRef: row.request.saleRef });
    core.jobs.run('devices', () => act(core, { row, slipJobId: job.id, permit }, null));
  }
}

/**
 * Brings this till and the gateway to one mind about approvals; inside their turn. One that fails holds up no
 * other: the first failure is thrown at the end, so that the whole is tried again.
 */
export async function reconcileApprovals(core: Core): Promise<void> {
  const { store } = core;
  const { client } = linkOf(core);
  const faults: unknown[] = [];
  for (const row of store.approvals.open()) {
    if (row.stage === 'requesting') await noting(faults, () => resume(core, row));
  }
  const held = await client.openApprovals();
  for (const answer of held) await noting(faults, async () => takeIn(core, answer));
  const heldIds = new Set(held.map(({ approval }) => approval.id));
  for (const { id, stage, gatewayId } of store.approvals.open()) {
    if (stage !== 'pending' || gatewayId === null || heldIds.has(gatewayId)) continue;
    await noting(faults, async () => {
      try {
        takeInOwn(core, store.approvals.get(id), await client.approval(gatewayId));
      } catch (error) {
        unknownThere(core, store.approvals.get(id), asSaksiError(error));
      }
    });
  }
  if (faults.length > 0) throw faults[0];
}

/** The gateway has never heard of it: nobody will decide it. Rethrows anything else. */
function unknownThere(core: Core, row: ApprovalRow, error: SaksiError): void {
  if (error.code !== 'approval_unknown') throw error;
  if (row.stage === 'pending') core.store.approvalJournal.ended(row, 'failed', null, error.toWire());
  forgetLive(core, row.id);
  core.changed();
}

async function noting(faults: unknown[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    faults.push(error);
  }
}

async function resume(core: Core, row: ApprovalRow): Promise<void> {
  const ageMs = core.effects.clock.now() - row.createdAt;
  if (ageMs < 0 || ageMs > RESUME_WITHIN_MS) {
    core.store.approvalJournal.ended(row, 'failed', null, new SaksiError('gateway_unreachable').toWire());
    core.changed();
    return;
  }
  try {
    await createApprovalAtGateway(core, row);
  } catch (error) {
    const cause = asSaksiError(error);
    // Without an answer the wish stands, until it is too old.
    if (isAnswerUnknown(cause)) throw cause;
    core.log.info({ approvalId: row.id, code: cause.code }, 'approval not resumed');
    endUnmadeApproval(core, row, cause);
  }
}

function takeIn(core: Core, answer: ApprovalAnswer): void {
  const { approval } = answer;
  const row = core.store.approvals.findByGatewayId(approval.id);
  if (row !== null && isOpenApproval(row)) {
    takeInOwn(core, row, answer);
  } else if (approval.status === 'pending') {
    // Nobody at this till waits for it: nobody shall be asked for it.
    core.store.approvalJournal.orphanCancelled(approval.id);
    core.outboxFilled();
    core.changed();
  }
}

function takeInOwn(core: Core, row: ApprovalRow, answer: ApprovalAnswer): void {
  try {
    applyApprovalAnswer(core, row, answer);
  } catch (error) {
    const cause = asSaksiError(error);
    // A grant that was refused is on the row and in the log; a store that failed is worth another try.
    if (!cause.code.startsWith('grant_')) throw cause;
  }
}
