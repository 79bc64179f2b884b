import { z } from 'zod';
import { type ApprovalKindPolicy, approvalKindKeySchema, CASH_KINDS } from './approval-policy.ts';
import type { Policy } from './policy.ts';

const minor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A cashier's shift: its float, what comes in and goes out, and the count at its end. Amounts in minor units. */
export const cashShiftPolicySchema = z.object({
  /** `required`: no cash sale before one is open. */
  mode: z.enum(['off', 'optional', 'required']),
  usualFloat: minor,
  /** How cash is counted: as one sum, by notes and coins, or as the cashier likes. */
  count: z.enum(['sum', 'denominations', 'either']),
  /** Only the shift's own cashier opens the drawer for a sale. */
  ownCashier: z.boolean(),
  /** Whoever takes a shift over counts first. */
  takeoverCount: z.boolean(),
  /** A difference beyond this, whichever way, needs a reason; one beyond the second a supervisor. */
  reasonAbove: minor,
  approvalAbove: minor,
  /** Counts after the first one. */
  recounts: z.number().int().min(0).max(10),
  /** Below these nobody is asked, and it goes without a line too; 0: always asked. The drawer stays shut. */
  freeBelow: z.object({ in: minor, out: minor }),
  /** Kinds of approval whose amount comes into or leaves the drawer, where their grant opens it. */
  moves: z.array(z.object({ kind: approvalKindKeySchema, way: z.enum(['in', 'out']) })).max(40),
  /** Minute of the day in the store's time zone at which a shift of the day before counts as left open. */
  leftOpenMinute: z.number().int().min(0).max(1439),
});
export type CashShiftPolicy = z.infer<typeof cashShiftPolicySchema>;

/** A shop that does not want shifts is left as it was. The amounts are rupiah. */
export const DEFAULT_CASH_SHIFT: CashShiftPolicy = {
  mode: 'off',
  usualFloat: 0,
  count: 'either',
  ownCashier: false,
  takeoverCount: false,
  reasonAbove: 0,
  approvalAbove: 50_000,
  recounts: 2,
  freeBelow: { in: 0, out: 0 },
  moves: [
    { kind: 'cash_in', way: 'in' },
    { kind: 'cash_out', way: 'out' },
    { kind: 'refund', way: 'out' },
    { kind: 'void', way: 'out' },
  ],
  leftOpenMinute: 240,
};

/** Asked for by the shift itself, never by hand: the amount of each means something else than money that moves. */
export const FLOAT_KIND = 'float_change';
export const DIFFERENCE_KIND = 'cash_difference';
export const isShiftOnlyKind = (key: string): boolean => key === FLOAT_KIND || key === DIFFERENCE_KIND;

/** A policy that shifts are switched on in gets the kinds of approval that they ask for and it lacks. */
export function withCashKinds<P extends Pick<Policy, 'approvals'>>(policy: P): P {
  const { kinds } = policy.approvals;
  const lacking = CASH_KINDS.filter(({ key }) => !kinds.some((known) => known.key === key));
  const all: ApprovalKindPolicy[] = [...kinds, ...structuredClone(lacking)];
  return { ...policy, approvals: { ...policy.approvals, kinds: all } };
}
