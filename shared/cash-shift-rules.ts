import type { CashCount, CashEntry, DifferenceAllowed } from './cash-shift.ts';
import type { CashShiftPolicy } from './cash-shift-policy.ts';

type Of<K extends CashEntry['kind']> = Extract<CashEntry, { kind: K }>;
type Move = Of<'paid_in'> | Of<'paid_out'>;

/** A shift as its entries tell it. Amounts in minor units. */
export interface ShiftState {
  readonly id: string;
  readonly opened: Of<'opened'>;
  /** Whose it is now. */
  readonly cashierId: string;
  readonly float: number;
  readonly floatChanges: readonly Of<'float_changed'>[];
  readonly moves: readonly Move[];
  readonly counts: readonly Of<'counted'>[];
  readonly takeovers: readonly Of<'taken_over'>[];
  /** The last yes to a difference; it holds for that difference alone. */
  readonly approved: Of<'difference_approved'> | null;
  readonly closed: Of<'closed'> | null;
  readonly entries: number;
}

/** Throws RangeError for entries that are no shift: none, out of order, or without an opening. */
export function foldShift(entries: readonly CashEntry[]): ShiftState {
  const [first] = entries;
  if (first?.kind !== 'opened' || entries.some(({ no }, index) => no !== index + 1)) {
    throw new RangeError('entries that are no shift');
  }
  const of = <K extends CashEntry['kind']>(...kinds: K[]) =>
    entries.filter((entry): entry is Of<K> => (kinds as string[]).includes(entry.kind));
  const floatChanges = of('float_changed');
  const takeovers = of('taken_over');
  return {
    id: first.shiftId,
    opened: first,
    cashierId: takeovers.at(-1)?.staffId ?? first.staffId,
    float: floatChanges.at(-1)?.float ?? first.float,
    floatChanges,
    moves: of('paid_in', 'paid_out') as Move[],
    counts: of('counted'),
    takeovers,
    approved: of('difference_approved').at(-1) ?? null,
    closed: of('closed').at(-1) ?? null,
    entries: entries.length,
  };
}

/** What came in less what went out, the float apart. `salesSum`: cash sales of the shift. */
export function movedOf({ moves }: Pick<ShiftState, 'moves'>, salesSum: number): number {
  return moves.reduce((sum, { kind, amount }) => sum + (kind === 'paid_in' ? amount : -amount), salesSum);
}

/** What should be in the drawer. */
export function expectedOf(shift: Pick<ShiftState, 'float' | 'moves'>, salesSum: number): number {
  return shift.float + movedOf(shift, salesSum);
}

/** Whether pieces, where there are any, come to the sum, and each is a note or coin of the list, once. */
export function isWholeCount({ sum, pieces }: CashCount, denominations: readonly number[]): boolean {
  if (pieces === null) return true;
  const values = pieces.map(({ value }) => value);
  const known = values.every(
    (value, index) => denominations.includes(value) && values.indexOf(value) === index,
  );
  return known && pieces.reduce((total, { value, count }) => total + value * count, 0) === sum;
}

/** What a difference asks for before the shift may close with it. */
export function needsOf(policy: Pick<CashShiftPolicy, 'reasonAbove' | 'approvalAbove'>, difference: number) {
  const off = Math.abs(difference);
  return {
    reason: off > Math.min(policy.reasonAbove, policy.approvalAbove),
    approval: off > policy.approvalAbove,
  };
}

/** How a shift that closes got leave for its difference; null: it did not. */
export function allowedBy(
  needs: ReturnType<typeof needsOf>,
  have: { reason: boolean; approved: boolean; attended: boolean; lineDown: boolean },
): DifferenceAllowed | null {
  if (needs.reason && !have.reason) return null;
  if (!needs.approval) return needs.reason ? 'reason' : 'within';
  if (have.approved) return 'approved';
  if (have.attended) return 'attended';
  return have.lineDown ? 'offline' : null;
}

/**
 * Whether a shift opened at `openedAt` stands open over the end of its day: days change at `minute` of the store's day, so
 * that a shop open past midnight has one evening. Times are epoch ms.
 */
export function isLeftOpen(openedAt: number, now: number, timezone: string, minute: number): boolean {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  const dayOf = (at: number) => format.format(at - minute * 60_000);
  return dayOf(now) > dayOf(openedAt);
}
