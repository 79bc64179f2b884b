import type { BridgeInput, BridgeMethod, BridgeOutput, TillView } from '../../shared/bridge.ts';
import { needsOf } from '../../shared/cash-shift-rules.ts';
import { SaksiError } from '../../shared/errors.ts';
import { type COUNTED, OPEN_SHIFT, SHIFT_PAGE, X_REPORT } from './shift-fixtures.ts';
import type { DevState } from './states.ts';

type ShiftMethod = Extract<BridgeMethod, `cashShift.${string}`>;
type Handlers = { [M in ShiftMethod]: (input: BridgeInput<M>) => BridgeOutput<M> };
type Shift = NonNullable<TillView['cashShift']>;

/** What the scripted drawer holds beyond its float. */
export const DEV_TAKINGS = 250_000;
const LIMITS = { reasonAbove: 1_000, approvalAbove: 50_000 };

/** The cashier's shift of the scripted till. */
export function fakeShift({
  state,
  view,
  set,
  later,
}: {
  state: DevState;
  view: () => TillView;
  set: (change: Partial<TillView>) => void;
  later: (steps: number, run: () => void) => void;
}): Handlers {
  const shift = (): Shift => {
    const { cashShift } = view();
    if (cashShift === null) throw new SaksiError('cash_shift_off');
    return cashShift;
  };
  const change = (next: Partial<Shift>) => set({ cashShift: { ...shift(), ...next } });
  const open = () => {
    const now = shift().open;
    if (now === null) throw new SaksiError('cash_shift_none');
    return now;
  };
  const recount = (counted: Partial<typeof COUNTED>) => {
    const now = open();
    if (now.counted !== null) change({ open: { ...now, counted: { ...now.counted, ...counted } } });
  };

  return {
    'cashShift.open': ({ count }) => {
      const { name } = view().session ?? { name: '' };
      const none = { count: 0, sum: 0 };
      change({ open: { ...OPEN_SHIFT, cashier: name, float: count.sum, paidIn: none, paidOut: none } });
      return {};
    },
    'cashShift.pay': ({ way, amount }) => {
      const now = open();
      const field = way === 'in' ? 'paidIn' : 'paidOut';
      const { count, sum } = now[field];
      change({ open: { ...now, [field]: { count: count + 1, sum: sum + Number(amount) } } });
      return {};
    },
    'cashShift.count': ({ count }) => {
      const now = open();
      const expected = now.float + now.paidIn.sum - now.paidOut.sum + DEV_TAKINGS;
      const difference = count.sum - expected;
      const needs = needsOf(LIMITS, difference);
      const left = now.counted?.recountsLeft ?? 3;
      if (left === 0) throw new SaksiError('cash_recounts_exhausted');
      change({
        open: {
          ...now,
          counted: {
            ...{ counted: count.sum, expected, difference, stale: false, recountsLeft: left - 1 },
            ...{ needsReason: needs.reason, needsApproval: needs.approval, approval: 'none' },
          },
        },
      });
      return {};
    },
    'cashShift.askDifference': () => {
      recount({ approval: 'asked' });
      later(3, () => recount({ approval: 'approved' }));
      return { approvalId: OPEN_SHIFT.id };
    },
    'cashShift.close': ({ left, reason }) => {
      const { counted, float, cashier, id } = open();
      if (counted === null) throw new SaksiError('cash_count_needed');
      if (left > counted.counted) {
        throw new SaksiError('cash_left_too_much', { params: { most: counted.counted } });
      }
      if (counted.needsApproval && counted.approval !== 'approved')
        throw new SaksiError('cash_approval_needed');
      const zNo = (shift().last?.zNo ?? 0) + 1;
      const { difference, expected } = counted;
      const slip = { state: 'printing', error: null, copiesLeft: 3 } as const;
      const last = { id, zNo, cashier, closedAt: X_REPORT.to, difference, left, slip };
      change({ open: null, lastLeft: left, last });
      later(2, () => change({ last: { ...last, slip: { ...slip, state: 'printed' } } }));
      const amounts = { float, expected, counted: counted.counted, difference, left, reason };
      return { report: { ...X_REPORT, ...amounts, kind: 'z', zNo, cashier, allowed: 'reason' } };
    },
    'cashShift.takeOver': () => {
      change({ open: { ...open(), cashier: view().session?.name ?? '', mine: true, may: true } });
      return {};
    },
    'cashShift.report': () => ({ report: X_REPORT }),
    'cashShift.printX': () => {
      if (state.reportError) throw new SaksiError(state.reportError);
      return {};
    },
    'cashShift.reprint': () => {
      const { last } = shift();
      if (last !== null)
        change({ last: { ...last, slip: { ...last.slip, copiesLeft: last.slip.copiesLeft - 1 } } });
      return {};
    },
    'cashShift.list': ({ only }) => {
      if (state.listError) throw new SaksiError(state.listError);
      if (state.noShifts) return { shifts: [], next: null, differences: [] };
      const shifts = SHIFT_PAGE.shifts.filter(({ closed, flags }) => {
        if (only === 'open') return closed === null;
        return only === undefined || (closed?.difference ?? 0) !== 0 || flags.length > 0;
      });
      return { ...SHIFT_PAGE, shifts };
    },
  };
}
