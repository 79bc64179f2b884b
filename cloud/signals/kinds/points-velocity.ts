import { judgeBySpread } from '../judge.ts';
import { customerOf, forgetBefore } from '../memory.ts';
import type { Signal } from '../signal.ts';

/**
 * How often one customer earned points on one day, compared with others who earned more than once on a day: a card that
 * collects the points of other people's sales.
 */
export const pointsVelocity: Signal<'points_velocity'> = {
  id: 'points_velocity',
  person: 'customer',
  windowDays: 1,
  kinds: ['wallet.earned'],
  detect({ emit, floor }) {
    const first = new Map<string, { at: number; id: number | null }>();
    return {
      see(event) {
        const customer = customerOf(event);
        if (customer === null) return;
        const key = `${customer}/${floor.localOf(event).day}`;
        const before = first.get(key);
        first.set(key, { at: event.at, id: before === undefined ? event.id : null });
        if (before !== undefined) {
          emit(event, customer, { ids: before.id === null ? [event.id] : [before.id, event.id] });
        }
      },
      forget: (at) => forgetBefore(first, at, (note) => note.at),
    };
  },
  judge: (window) =>
    judgeBySpread(window, {
      id: 'points_velocity',
      person: 'customer',
      days: 1,
      // The first of the day is behind the second.
      valueOf: ({ length }) => length + 1,
    }),
};
