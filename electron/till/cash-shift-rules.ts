import { DIFFERENCE_KIND, FLOAT_KIND } from '../../shared/cash-shift-policy.ts';
import { expectedOf, movedOf } from '../../shared/cash-shift-rules.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { ApprovalGrantClaims } from '../../shared/grants.ts';
import type { OpenShift } from '../store/cash-shifts.ts';
import type { CashEffect } from '../store/grant-use.ts';
import { type Core, contextOf } from './core.ts';
import type { Session } from './session.ts';

/** What an approval's grant does to the open shift. Money moves only where the grant opens the drawer. */
export function cashEffectOf(
  core: Core,
  { approvalKind, actions }: Pick<ApprovalGrantClaims, 'approvalKind' | 'actions'>,
): CashEffect | null {
  if (approvalKind === FLOAT_KIND) return 'float';
  if (approvalKind === DIFFERENCE_KIND) return 'difference';
  if (!actions.includes('drawer.open')) return null;
  const { moves } = contextOf(core).policy.cashShift;
  return moves.find(({ kind }) => kind === approvalKind)?.way ?? null;
}

/** The last count beside what should be there now; null: nothing was counted. */
export interface CountStanding {
  readonly counted: number;
  readonly expected: number;
  readonly difference: number;
  /** Cash moved since: it has to be counted again. */
  readonly stale: boolean;
  /** Counts of the same cash. */
  readonly counts: number;
}

export function countStanding(shift: OpenShift): CountStanding | null {
  const last = shift.counts.at(-1);
  if (last === undefined) return null;
  const moved = movedOf(shift, shift.sales.sum);
  const expected = expectedOf(shift, shift.sales.sum);
  const other = shift.counts.findLastIndex((count) => count.moved !== last.moved);
  return {
    ...{ counted: last.count.sum, expected, difference: last.count.sum - expected },
    stale: last.moved !== moved,
    counts: shift.counts.length - 1 - other,
  };
}

/** Whether the last yes is one to the difference that stands now. */
export const isApproved = ({ approved }: OpenShift, { difference }: CountStanding): boolean =>
  approved?.difference === difference;

export const staffName = ({ context }: Core, staffId: string): string =>
  context?.staff.find(({ id }) => id === staffId)?.name ?? '';

/** A cashier works on their own shift; supervisors and managers on any. Throws `cash_shift_other` {name}. */
export function assertMine(core: Core, shift: OpenShift, { staffId, role }: Session): void {
  if (shift.cashierId === staffId || role !== 'cashier') return;
  throw new SaksiError('cash_shift_other', { params: { name: staffName(core, shift.cashierId) } });
}

/**
 * What policy says before the drawer opens for a cash sale. Throws `cash_shift_needed`, `cash_shift_other` {name}.
 */
export function assertSaleInShift(core: Core, { staffId }: Pick<Session, 'staffId'>): void {
  const { mode, ownCashier } = contextOf(core).policy.cashShift;
  if (mode === 'off') return;
  const shift = core.store.cashShifts.open();
  if (shift === null) {
    if (mode === 'required') throw new SaksiError('cash_shift_needed');
    return;
  }
  if (ownCashier && shift.cashierId !== staffId) {
    throw new SaksiError('cash_shift_other', { params: { name: staffName(core, shift.cashierId) } });
  }
}
