import { judgeBySpread } from '../judge.ts';
import { customerOf } from '../memory.ts';
import type { Signal } from '../signal.ts';

/** At how many tills one customer's wallet was redeemed on one day, compared with other customers on their days. */
export const customerManyTills: Signal<'customer_many_tills'> = {
  id: 'customer_many_tills',
  person: 'customer',
  windowDays: 1,
  kinds: ['redemption.authorised'],
  detect: ({ emit }) => ({
    see(event) {
      if (event.tillId !== null) emit(event, customerOf(event), { key: event.tillId });
    },
  }),
  judge: (window) =>
    judgeBySpread(window, {
      id: 'customer_many_tills',
      person: 'customer',
      days: 1,
      valueOf: (occurrences) => new Set(occurrences.map(({ key }) => key)).size,
    }),
};
