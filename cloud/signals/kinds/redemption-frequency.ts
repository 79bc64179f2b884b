import { judgeBySpread } from '../judge.ts';
import { customerOf } from '../memory.ts';
import type { Signal } from '../signal.ts';

/** How often one customer's wallet was redeemed in a week, compared with other customers who redeemed in a week. */
export const redemptionFrequency: Signal<'redemption_frequency'> = {
  id: 'redemption_frequency',
  person: 'customer',
  windowDays: 7,
  kinds: ['redemption.authorised'],
  detect: ({ emit }) => ({ see: (event) => emit(event, customerOf(event)) }),
  judge: (window) =>
    judgeBySpread(window, {
      id: 'redemption_frequency',
      person: 'customer',
      days: 7,
      valueOf: ({ length }) => length,
    }),
};
