import type { Policy } from '../../shared/policy.ts';
import type { SignalPolicy } from '../../shared/signal-policy.ts';

/** What signals know of a store beside its events. */
export interface StoreFacts {
  readonly id: string;
  readonly timezone: string;
  /** Opening hours by weekday (0 Sunday), minutes of the day; empty: not known, and learnt from the sales of past weeks. */
  readonly hours: readonly { readonly day: number; readonly from: number; readonly to: number }[];
  readonly hoursLearnt?: true;
  /** Below these nobody is asked for a discount; null: always asked. */
  readonly freeDiscount: { readonly amount: number | null; readonly basisPoints: number | null };
  /** Redemptions below these amounts need no code; 0: always. */
  readonly codeFrom: { readonly deposit: number; readonly points: number };
  readonly thresholds: SignalPolicy;
}

export interface Facts {
  readonly stores: ReadonlyMap<string, StoreFacts>;
  /** Epoch ms from which a member of staff works here; whoever is missing counts as experienced. */
  readonly staffSince: ReadonlyMap<string, number>;
}

export function factsOfPolicy(
  id: string,
  timezone: string,
  { approvals, codes, signals }: Policy,
): StoreFacts {
  const discount = approvals.kinds.find(({ key }) => key === 'discount');
  const amount = discount?.freeBelowAmount ?? 0;
  return {
    id,
    timezone,
    hours: approvals.hours.days,
    freeDiscount: { amount: amount > 0 ? amount : null, basisPoints: discount?.freeBelowBasisPoints ?? null },
    codeFrom: codes.askFrom,
    thresholds: signals,
  };
}
