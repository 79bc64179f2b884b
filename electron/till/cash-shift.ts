import type { CashCount, CashReport } from '../../shared/cash-shift.ts';
import { type CashShiftPolicy, DIFFERENCE_KIND } from '../../shared/cash-shift-policy.ts';
import { allowedBy, expectedOf, isWholeCount, movedOf, needsOf } from '../../shared/cash-shift-rules.ts';
import { denominationsOf } from '../../shared/denominations.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { type Amount, amountSchema, formatAmount } from '../../shared/money.ts';
import { isUp } from '../gateway-client/connection.ts';
import type { ClosedShift, OpenShift } from '../store/cash-shifts.ts';
import type { PosKey } from '../store/journal.ts';
import { startApproval } from './approval-start.ts';
import { blinded, cashReport, reportSlip } from './cash-report.ts';
import { assertMine, type CountStanding, countStanding, isApproved } from './cash-shift-rules.ts';
import { assertMoneyMoves, type Core, contextOf, linkOf } from './core.ts';
import { type CopyWish, printAgain } from './reprint.ts';
import type { Session } from './session.ts';

/**
 * A cashier's shift at this till. Each step is one commit with its audit entry and what the gateway is to be told; none waits for
 * the line.
 */

/** Throws `cash_shift_off`, `cash_shift_open`, `cash_count_malformed`. The answer: the shift's id. */
export function openShift(
  core: Core,
  { staffId }: Session,
  count: CashCount,
  posKey: PosKey | null = null,
): string {
  assertMoneyMoves(core);
  const { policy, store } = contextOf(core);
  if (policy.cashShift.mode === 'off') throw new SaksiError('cash_shift_off');
  assertCount(core, count);
  const { cashShifts, cashShiftJournal } = core.store;
  const { shiftId } = cashShiftJournal.opened(
    () => ({
      ...{ kind: 'opened', staffId, currency: store.currency },
      ...{ float: count.sum, count, lastLeft: cashShifts.lastClosed()?.left ?? null },
    }),
    posKey,
    core.step,
  );
  kept(core);
  return shiftId;
}

export interface PaidWish {
  way: 'in' | 'out';
  amount: Amount;
  reason: string;
}

/**
 * Cash in or out that policy lets go without asking anybody. The drawer stays shut: nothing was granted. What is more goes
 * through an approval, whose grant notes it. Throws `cash_shift_none`, `cash_shift_other`, `cash_move_asks`.
 */
export function payWithoutApproval(core: Core, session: Session, { way, amount, reason }: PaidWish): void {
  assertMoneyMoves(core);
  if (amount >= contextOf(core).policy.cashShift.freeBelow[way]) throw new SaksiError('cash_move_asks');
  core.store.cashShiftJournal.added((shift) => {
    assertMine(core, shift, session);
    const kind = way === 'in' ? 'paid_in' : 'paid_out';
    const without = { approvalId: null, approvalKind: null, saleRef: null };
    return { kind, staffId: session.staffId, amount, reason, ...without };
  }, core.step);
  kept(core);
}

/**
 * The blind count: what should be there is looked up only once the count is given. Each is kept. Throws `cash_shift_none`,
 * `cash_shift_other`, `cash_count_malformed`, `cash_recounts_exhausted`.
 */
export function countCash(core: Core, session: Session, count: CashCount): void {
  assertMoneyMoves(core);
  assertCount(core, count);
  const { recounts } = contextOf(core).policy.cashShift;
  core.store.cashShiftJournal.added((shift) => {
    assertMine(core, shift, session);
    const standing = countStanding(shift);
    if (standing !== null && !standing.stale && standing.counts > recounts) {
      throw new SaksiError('cash_recounts_exhausted');
    }
    return {
      ...{ kind: 'counted', staffId: session.staffId, count },
      expected: expectedOf(shift, shift.sales.sum),
      moved: movedOf(shift, shift.sales.sum),
    };
  }, core.step);
  kept(core);
}

/**
 * Another cashier goes on with the shift; counted or not, as policy has it. Throws `cash_shift_none`, `cash_shift_open` where
 * it is theirs already, `cash_count_needed`, `cash_count_malformed`.
 */
export function takeOver(core: Core, { staffId }: Session, count: CashCount | null): void {
  assertMoneyMoves(core);
  if (count === null && contextOf(core).policy.cashShift.takeoverCount) {
    throw new SaksiError('cash_count_needed');
  }
  // Between two cashiers a sum will do, however the end of a shift is counted.
  if (count !== null) assertCount(core, count, 'either');
  core.store.cashShiftJournal.added((shift) => {
    if (shift.cashierId === staffId) throw new SaksiError('cash_shift_open');
    const expected = count === null ? null : expectedOf(shift, shift.sales.sum);
    return { kind: 'taken_over', staffId, from: shift.cashierId, count, expected };
  }, core.step);
  kept(core);
}

/**
 * Asks a supervisor to let the difference of the last count pass; it holds for that difference alone. Throws as closing does,
 * and what the request is refused with. The answer: the approval's id.
 */
export async function askDifference(core: Core, session: Session, reason: string): Promise<string> {
  const shift = core.store.cashShifts.requireOpen();
  assertMine(core, shift, session);
  const { counted, expected, difference } = standingOf(shift);
  const { currency, language } = contextOf(core).store;
  const money = (amount: number) => formatAmount(amount, 'deposit', currency, language);
  const id = createUuid(core.effects);
  const request = {
    ...{ kind: DIFFERENCE_KIND, basisPoints: null, saleRef: null, staffId: session.staffId },
    amount: amountSchema.parse(Math.abs(difference)),
    reason: { key: null, text: reason },
    note: `${money(counted)} − ${money(expected)} = ${money(difference)}`,
  };
  await startApproval(core, { id, startedBy: 'cashier', request, requestedBy: session.name }, null);
  return id;
}

/**
 * The Z: final, numbered, printed and kept. Throws `cash_shift_none`, `cash_shift_other`, `cash_count_needed`,
 * `cash_count_stale`, `cash_left_too_much` {most}, `cash_reason_needed`, `cash_approval_needed`.
 */
export function closeShift(
  core: Core,
  session: Session,
  { left, reason }: { left: number; reason: string | null },
  posKey: PosKey | null = null,
): ClosedShift {
  assertMoneyMoves(core);
  const closed = core.store.cashShiftJournal.closed(
    {
      ...{ staffId: session.staffId, left, posKey },
      report(shift, facts) {
        assertMine(core, shift, session);
        const standing = standingOf(shift);
        if (left > standing.counted) {
          throw new SaksiError('cash_left_too_much', { params: { most: standing.counted } });
        }
        const allowed = allowanceOf(core, shift, standing, session, reason);
        return (zNo) => cashReport(core, shift, facts, { zNo, reason, allowed, left });
      },
      slip: ({ report }) => reportSlip(core, report),
    },
    core.step,
  );
  kept(core);
  const permit = core.store.grants.reportPermit(closed.id);
  core.jobs.run('slips', () => core.spooler.print(closed.slipJobId, permit));
  core.backupSoon();
  return closed;
}

/** Throws `cash_count_needed`, `cash_count_stale`. */
function standingOf(shift: OpenShift): CountStanding {
  const standing = countStanding(shift);
  if (standing === null) throw new SaksiError('cash_count_needed');
  if (standing.stale) throw new SaksiError('cash_count_stale');
  return standing;
}

function allowanceOf(
  core: Core,
  shift: OpenShift,
  standing: CountStanding,
  { staffId, role }: Session,
  reason: string | null,
) {
  const needs = needsOf(contextOf(core).policy.cashShift, standing.difference);
  if (needs.reason && reason === null) throw new SaksiError('cash_reason_needed');
  const allowed = allowedBy(needs, {
    reason: reason !== null,
    approved: isApproved(shift, standing),
    attended: role !== 'cashier' && staffId !== shift.cashierId,
    lineDown: !isUp(linkOf(core).connection.state()),
  });
  if (allowed === null) throw new SaksiError('cash_approval_needed');
  return allowed;
}

/** The X: so far, as whoever asks may see it. Changes nothing. Throws `cash_shift_none`, `cash_shift_other`. */
export function xReport(core: Core, session: Session): CashReport {
  const { cashShifts } = core.store;
  const shift = cashShifts.requireOpen();
  assertMine(core, shift, session);
  return blinded(cashReport(core, shift, cashShifts.facts(shift.auditAfter), null), session);
}

/** Prints the X. Throws as `xReport` does, and why it did not print. */
export async function printX(core: Core, session: Session): Promise<void> {
  const report = xReport(core, session);
  const { store, spooler } = core;
  const jobId = store.cashShiftJournal.xPrinted(report.shiftId, session.staffId, reportSlip(core, report));
  await spooler.print(jobId, store.grants.reportPermit(report.shiftId), { asked: true });
  const { error } = store.slips.get(jobId);
  if (error !== null) throw SaksiError.fromWire(error);
}

/** The Z of a closed shift again, as a copy. Throws `cash_shift_none` for one that is not closed, and as `printAgain` does. */
export async function reprintZ(core: Core, shiftId: string, asked: CopyWish): Promise<void> {
  if (core.store.cashShifts.closed(shiftId) === null) throw new SaksiError('cash_shift_none');
  await printAgain(core, { id: shiftId, jti: null, saleRef: null, owner: { shiftId } }, asked);
}

/** Throws `cash_count_malformed`. */
function assertCount(
  core: Core,
  count: CashCount,
  how: CashShiftPolicy['count'] = contextOf(core).policy.cashShift.count,
): void {
  const { store } = contextOf(core);
  const fits = how === 'either' || (how === 'sum') === (count.pieces === null);
  if (!fits || !isWholeCount(count, denominationsOf(store.currency))) {
    throw new SaksiError('cash_count_malformed');
  }
}

/** After the commit of an entry. */
function kept(core: Core): void {
  core.step('cash_entry_kept');
  core.outboxFilled();
  core.changed();
}
