import { byPerson, makeFinding, thresholdsOf } from '../judge.ts';
import type { Signal } from '../signal.ts';

/**
 * A till that came with an old or another chain of audit events than it had shown before: its disk was put back to an earlier
 * state, or its books were written anew. No baseline: it happens to nobody by habit. A backup that was restored looks the
 * same, and the operator knows of it.
 */
export const chainRefused: Signal<'chain_refused'> = {
  id: 'chain_refused',
  person: 'till',
  windowDays: 1,
  kinds: ['audit.refused'],
  detect: ({ emit }) => ({ see: (event) => emit(event, event.tillId) }),
  judge(window) {
    const { now } = window.occurrences('chain_refused');
    return [...byPerson(now).values()].flatMap((occurrences) => {
      const [first] = occurrences;
      const limits = first === undefined ? null : thresholdsOf(window, first.storeId, 'chain_refused');
      const count = occurrences.length;
      if (first === undefined || limits === null || count < limits.count) return [];
      const figures = { count, expected: 0, exposure: 1, value: count, median: 0, mad: 0, z: 20 };
      const { storeId, personId } = first;
      const by = { id: 'chain_refused', person: 'till' } as const;
      return [makeFinding(window, by, { storeId, personId, occurrences, figures, limits })];
    });
  },
};
