import type { ApprovalKindPolicy, ApprovalTier, WorkingHours } from './approval-policy.ts';

/** What of a request the rules look at. */
export interface ApprovalWish {
  readonly amount: number | null;
  readonly basisPoints: number | null;
}

/** Whether policy lets it happen without asking anybody. An unnamed amount or percentage counts as the largest. */
export function isFree(policy: ApprovalKindPolicy, { amount, basisPoints }: ApprovalWish): boolean {
  const bounds: boolean[] = [];
  if (policy.freeBelowAmount > 0 && policy.amount !== 'none') {
    bounds.push(amount !== null && amount < policy.freeBelowAmount);
  }
  if (policy.freeBelowBasisPoints !== null && policy.percent !== 'none') {
    bounds.push(basisPoints !== null && basisPoints < policy.freeBelowBasisPoints);
  }
  return bounds.length > 0 && bounds.every(Boolean);
}

/** The last tier that the amount or the percentage reaches; the first one where nothing is named. */
export function tierFor(policy: ApprovalKindPolicy, { amount, basisPoints }: ApprovalWish): ApprovalTier {
  const [first] = policy.tiers;
  if (first === undefined) throw new RangeError('a kind without a tier');
  const reached = (tier: ApprovalTier) =>
    (amount !== null && amount >= tier.fromAmount) ||
    (basisPoints !== null && tier.fromBasisPoints !== null && basisPoints >= tier.fromBasisPoints);
  return policy.tiers.findLast(reached) ?? first;
}

/** Whether `at` (epoch ms) lies in the hours, in the store's time zone. No days at all: always. */
export function isWorkingTime(hours: WorkingHours, at: number, timezone: string): boolean {
  if (hours.days.length === 0) return true;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(of('weekday'));
  const minute = Number(of('hour')) * 60 + Number(of('minute'));
  return hours.days.some((span) => span.day === day && minute >= span.from && minute < span.to);
}
