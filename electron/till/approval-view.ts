import type { Approval } from '../../shared/approvals.ts';
import type { ApprovalView, TillView } from '../../shared/bridge.ts';
import type { PosApproval } from '../../shared/pos-link-api.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import { isOpenApproval } from './approval-closing.ts';
import { decidersOf } from './approval-slip.ts';
import type { Core } from './core.ts';
import { slipJobView } from './slip-view.ts';

/** As many as the screen's list takes. */
const SHOWN_MAX = 20;

export function approvalViews(core: Core): ApprovalView[] {
  return core.store.approvals.shown(SHOWN_MAX).map((row) => approvalView(core, row));
}

/** What may be asked for at this till: what the policy names and has switched on. */
export function approvalKindViews({ context }: Core): TillView['approvalKinds'] {
  return (context?.policy.approvals.kinds ?? [])
    .filter(({ enabled }) => enabled)
    .map(({ key, name, amount, percent, reasons, freeReason, actions }) => ({
      key,
      name,
      amount,
      percent,
      reasons,
      freeReason,
      actions,
    }));
}

export function approvalView(core: Core, row: ApprovalRow): ApprovalView {
  const { desk } = core;
  const { request, stage } = row;
  const live = stage === 'pending' ? (desk.approvals.get(row.id) ?? null) : null;
  const answer = live?.approval ?? row.answer;
  const now = core.effects.clock.monotonic();
  return {
    id: row.id,
    stage,
    startedBy: row.startedBy,
    kind: request.kind,
    kindName: answer?.kindName ?? row.kindName,
    amount: request.amount,
    basisPoints: request.basisPoints,
    currency: row.currency,
    reason: answer?.reason ?? row.reason,
    note: request.note,
    saleRef: request.saleRef,
    requestedBy: row.requestedBy,
    expiresInMs: live === null ? null : Math.round(live.expiresAt - now),
    nextStepInMs: live === null || live.nextStepAt === null ? null : Math.round(live.nextStepAt - now),
    needed: answer?.needed ?? 1,
    asked: answer?.asked ?? [],
    free: answer?.free ?? false,
    rejection: answer?.rejection ?? null,
    code: stage === 'pending' ? codeOf(answer) : null,
    drawer: { state: row.drawerState, error: row.drawerError },
    slip: slipView(core, row),
    error: row.error ?? (stage === 'pending' ? (desk.approvalTryErrors.get(row.id) ?? null) : null),
  };
}

function codeOf(answer: Approval | null): ApprovalView['code'] {
  return answer?.code ?? null;
}

function slipView(core: Core, row: ApprovalRow): ApprovalView['slip'] {
  const job = row.jti === null ? null : slipJobView(core, row.id);
  return job ?? { state: 'not_needed', error: null, copiesLeft: 0 };
}

/** As the terminal that asked sees it. */
export function posApproval(core: Core, row: ApprovalRow): PosApproval {
  const view = approvalView(core, row);
  return {
    id: view.id,
    status: view.stage,
    kind: view.kind,
    amount: view.amount,
    basisPoints: view.basisPoints,
    currency: view.currency,
    saleRef: view.saleRef,
    requestedBy: view.requestedBy,
    approvedBy: decidersOf(row.answer, row.deciders),
    rejection: view.rejection,
    expiresInMs: isOpenApproval(row) ? view.expiresInMs : null,
    drawer: view.drawer.state,
    error: view.error,
  };
}
