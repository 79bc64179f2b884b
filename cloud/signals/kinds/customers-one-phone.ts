import { judgeBySpread } from '../judge.ts';
import { forgetBefore } from '../memory.ts';
import { WINDOW_DAYS } from '../peer-signal.ts';
import type { Signal } from '../signal.ts';

/**
 * How many customers' codes went to one phone in four weeks, compared with other phones: a family may share one; a dozen
 * wallets do not. Phones are told apart by a keyed tag of the number.
 */
export const customersOnePhone: Signal<'customers_one_phone'> = {
  id: 'customers_one_phone',
  person: 'phone',
  windowDays: WINDOW_DAYS,
  kinds: ['code.sent'],
  detect({ emit, floor }) {
    const seen = new Map<string, number>();
    return {
      see(event) {
        const { phoneTag } = event.detail;
        if (typeof phoneTag !== 'string' || event.customerId === null) return;
        const key = `${phoneTag}/${event.customerId}/${floor.localOf(event).day}`;
        if (seen.has(key)) return;
        seen.set(key, event.at);
        emit(event, phoneTag, { key: event.customerId });
      },
      forget: (at) => forgetBefore(seen, at, (last) => last),
    };
  },
  judge: (window) =>
    judgeBySpread(window, {
      id: 'customers_one_phone',
      person: 'phone',
      days: WINDOW_DAYS,
      valueOf: (occurrences) => new Set(occurrences.map(({ key }) => key)).size,
    }),
};
