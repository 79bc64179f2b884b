/**
 * Which changes of the rules take away what they guard against: a second person agrees to those (`policy.fourEyes`). Numbers that
 * have one safe direction count in the other alone; where a rule has none, or several that play together, any change counts.
 */
import { z } from 'zod';
import type { ApprovalKindPolicy } from './approval-policy.ts';
import type { Policy } from './policy.ts';

export const DANGERS = [
  'codes',
  'redemption',
  'pin',
  'slips',
  'approvals',
  'offline',
  'drawer',
  'login',
  'retention',
  'signals',
  'cashShift',
  'alerts',
  'fourEyes',
] as const;
export const dangerSchema = z.enum(DANGERS);
export type Danger = z.infer<typeof dangerSchema>;

type Rules = Omit<Policy, 'version'>;

/** In the order of `DANGERS`; none: one person may change it. */
export function dangersOf(before: Rules, after: Rules): Danger[] {
  const other = (part: keyof Rules) => !isSame(before[part], after[part]);
  const found: Record<Danger, boolean> = {
    codes: areCodesWeaker(before.codes, after.codes),
    redemption:
      (after.redemption.drawer === 'always' && before.redemption.drawer !== 'always') ||
      after.redemption.grantTtlSeconds > before.redemption.grantTtlSeconds,
    pin:
      after.pin.tries > before.pin.tries ||
      after.pin.lockSeconds < before.pin.lockSeconds ||
      after.pin.idleLockSeconds > before.pin.idleLockSeconds,
    slips:
      after.slips.copiesMax > before.slips.copiesMax ||
      after.printing.copiesPerDay > before.printing.copiesPerDay ||
      (before.printing.copyReason && !after.printing.copyReason),
    approvals: !isSame(guardsOf(before), guardsOf(after)),
    ...{ offline: other('offline'), drawer: other('drawer'), login: other('login') },
    ...{ retention: other('retention'), signals: other('signals') },
    ...{ cashShift: other('cashShift'), alerts: other('alerts') },
    fourEyes: before.fourEyes && !after.fourEyes,
  };
  return DANGERS.filter((danger) => found[danger]);
}

function areCodesWeaker(before: Policy['codes'], after: Policy['codes']): boolean {
  const limits = ['phone', 'till', 'store'] as const;
  return (
    after.askFrom.deposit > before.askFrom.deposit ||
    after.askFrom.points > before.askFrom.points ||
    after.digits < before.digits ||
    after.tries > before.tries ||
    after.ttlSeconds > before.ttlSeconds ||
    limits.some((limit) => !isSame(before.limits[limit], after.limits[limit]))
  );
}

/** What of the approvals decides who must agree; not what things are called, nor which reasons are offered. */
function guardsOf({ approvals: { kinds, ...rest } }: Rules) {
  const guards = kinds.map(
    ({ name: _name, reasons: _reasons, freeReason: _free, ...kind }: ApprovalKindPolicy) => kind,
  );
  return { ...rest, kinds: guards.toSorted((one, two) => (one.key < two.key ? -1 : 1)) };
}

/** By value; the order of an object's names says nothing. */
function isSame(one: unknown, two: unknown): boolean {
  if (typeof one !== 'object' || typeof two !== 'object' || one === null || two === null)
    return Object.is(one, two);
  const names = new Set([...Object.keys(one), ...Object.keys(two)]);
  const [left, right] = [one as Record<string, unknown>, two as Record<string, unknown>];
  return (
    Array.isArray(one) === Array.isArray(two) && [...names].every((name) => isSame(left[name], right[name]))
  );
}
