import { DIFFERENCE_KIND, FLOAT_KIND } from '../../shared/cash-shift-policy.ts';
import { isLeftOpen, needsOf } from '../../shared/cash-shift-rules.ts';
import type { CashShiftView } from '../../shared/cash-shift-view.ts';
import { denominationsOf } from '../../shared/denominations.ts';
import type { OpenShift } from '../store/cash-shifts.ts';
import { countStanding, isApproved, staffName } from './cash-shift-rules.ts';
import type { Core } from './core.ts';
import type { Session } from './session.ts';
import { slipJobView } from './slip-view.ts';

/** Null where the shop has no shifts and none is left open. */
export function cashShiftView(core: Core, session: Session | null): CashShiftView | null {
  const { context, store } = core;
  if (context === null) return null;
  const { policy } = context;
  const { mode, count, usualFloat, takeoverCount, freeBelow } = policy.cashShift;
  const shift = store.cashShifts.open();
  if (mode === 'off' && shift === null) return null;
  const last = store.cashShifts.lastClosed();
  return {
    ...{ mode, count, usualFloat, takeoverCount, freeBelow },
    denominations: [...denominationsOf(context.store.currency)],
    lastLeft: last?.left ?? null,
    kinds: kindsOf(core),
    open: shift === null ? null : openView(core, shift, session),
    last: lastView(core, last),
  };
}

function kindsOf({ context }: Core): CashShiftView['kinds'] {
  const enabled = (key: string) =>
    context?.policy.approvals.kinds.some((kind) => kind.key === key && kind.enabled) === true ? key : null;
  return { in: enabled('cash_in'), out: enabled('cash_out'), float: enabled(FLOAT_KIND) };
}

function openView(core: Core, shift: OpenShift, session: Session | null): CashShiftView['open'] {
  const { context, effects } = core;
  const minute = context?.policy.cashShift.leftOpenMinute ?? 0;
  const sumOf = (kind: 'paid_in' | 'paid_out') => {
    const moves = shift.moves.filter((move) => move.kind === kind);
    return { count: moves.length, sum: moves.reduce((sum, { amount }) => sum + amount, 0) };
  };
  const mine = session?.staffId === shift.cashierId;
  return {
    id: shift.id,
    cashier: staffName(core, shift.cashierId),
    mine,
    may: mine || (session !== null && session.role !== 'cashier'),
    openedAt: shift.opened.at,
    leftOpen: isLeftOpen(shift.opened.at, effects.clock.now(), context?.store.timezone ?? 'UTC', minute),
    float: shift.float,
    floatAfterCount: shift.floatChanges.some(({ afterCount }) => afterCount),
    paidIn: sumOf('paid_in'),
    paidOut: sumOf('paid_out'),
    counted: countedView(core, shift),
  };
}

function countedView(core: Core, shift: OpenShift): NonNullable<CashShiftView['open']>['counted'] {
  const standing = countStanding(shift);
  const policy = core.context?.policy.cashShift;
  if (standing === null || policy === undefined) return null;
  const { counted, expected, difference, stale, counts } = standing;
  const needs = needsOf(policy, difference);
  return {
    ...{ counted, expected, difference, stale },
    recountsLeft: Math.max(0, policy.recounts + 1 - counts),
    needsReason: needs.reason,
    needsApproval: needs.approval,
    approval: isApproved(shift, standing) ? 'approved' : askedView(core, shift, difference),
  };
}

/** How the newest request about this difference stands. */
function askedView(core: Core, shift: OpenShift, difference: number): 'none' | 'asked' | 'rejected' {
  const asked = core.store.approvals
    .shown(20)
    .find(
      ({ request, createdAt }) =>
        request.kind === DIFFERENCE_KIND &&
        request.amount === Math.abs(difference) &&
        createdAt >= (shift.counts.at(-1)?.at ?? 0),
    );
  if (asked === undefined) return 'none';
  if (asked.stage === 'rejected') return 'rejected';
  return ['requesting', 'pending', 'acting'].includes(asked.stage) ? 'asked' : 'none';
}

function lastView(
  core: Core,
  last: ReturnType<Core['store']['cashShifts']['lastClosed']>,
): CashShiftView['last'] {
  if (last === null) return null;
  const { id, zNo, closedAt, left, report } = last;
  const job = slipJobView(core, id);
  return {
    ...{ id, zNo, closedAt, left, cashier: report.cashier, difference: report.difference ?? 0 },
    slip:
      job === null
        ? { state: 'waiting', error: null, copiesLeft: 0 }
        : {
            ...{ state: job.state, error: job.error, copiesLeft: job.copiesLeft },
            ...(job.reasonNeeded === undefined ? {} : { reasonNeeded: job.reasonNeeded }),
          },
  };
}
