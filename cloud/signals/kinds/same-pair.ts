import type { Finding } from '../../../shared/findings.ts';
import { byPerson, makeFinding, thresholdsOf } from '../judge.ts';
import { getOrMake } from '../memory.ts';
import { WINDOW_DAYS } from '../peer-signal.ts';
import { shareDeviation, spreadOf } from '../robust.ts';
import type { Occurrence, Signal } from '../signal.ts';
import type { Window } from '../window.ts';

/** The usual shares weigh as much as so many approvals of other cashiers at the same time. */
const USUAL_WEIGHT = 2;

/**
 * Approvals of one cashier by one approver, compared with what that approver's share was among the approvals of other
 * cashiers of the store, on the same day in the same quarter of it. Who shares a shift has the same supervisor, and so do the
 * others of that shift; a pair that finds each other beyond that is named, by its cashier.
 */
export const samePair: Signal<'same_pair'> = {
  id: 'same_pair',
  person: 'cashier',
  windowDays: WINDOW_DAYS,
  kinds: ['approval.approved'],
  detect: ({ emit, floor }) => ({
    see(event) {
      if (event.approverId !== null && event.detail.via !== 'free') {
        emit(event, floor.staffOf(event), { key: event.approverId });
      }
    },
  }),
  judge(window) {
    const { now } = window.occurrences('same_pair');
    const pairs = [...byPerson(now, ({ storeId }) => storeId).values()].flatMap(comparePairs);
    const deviations = spreadOf(
      pairs.map(({ own, expected, of }) => shareDeviation(own.length, expected, of)),
    );
    const values = spreadOf(pairs.map(({ own, of }) => own.length / of));
    return pairs.flatMap((pair) => named(window, pair, Math.max(1, deviations.sd), values));
  },
};

interface Pair {
  readonly storeId: string;
  readonly cashierId: string;
  readonly own: readonly Occurrence[];
  readonly expected: number;
  /** All approvals of the cashier. */
  readonly of: number;
}

function comparePairs(all: readonly Occurrence[]): Pair[] {
  const times = tally(all, ({ day, part }) => `${day}/${part}`);
  const parts = tally(all, ({ part }) => String(part));
  return [...byPerson(all).values()].flatMap((own) => {
    const [{ storeId, personId }] = own as [Occurrence, ...Occurrence[]];
    const [ownTimes, ownParts] = [
      tally(own, ({ day, part }) => `${day}/${part}`),
      tally(own, ({ part }) => String(part)),
    ];
    return [...byPerson(own, ({ key }) => key ?? '')].map(([approverId, withThem]): Pair => {
      let expected = 0;
      for (const { day, part } of own) {
        const usual = shareOf(parts, ownParts, String(part), approverId, 0, 0);
        expected += shareOf(times, ownTimes, `${day}/${part}`, approverId, USUAL_WEIGHT, usual);
      }
      return { storeId, cashierId: personId, own: withThem, expected, of: own.length };
    });
  });
}

type Tally = Map<string, { total: number; by: Map<string, number> }>;

function tally(occurrences: readonly Occurrence[], placeOf: (occurrence: Occurrence) => string): Tally {
  const places: Tally = new Map();
  for (const occurrence of occurrences) {
    const place = placeOf(occurrence);
    const found = getOrMake(places, place, () => ({ total: 0, by: new Map<string, number>() }));
    found.total += 1;
    const approver = occurrence.key ?? '';
    found.by.set(approver, (found.by.get(approver) ?? 0) + 1);
  }
  return places;
}

/** The approver's share among others' approvals at that time. Where no others had any, nothing is strange. */
function shareOf(
  all: Tally,
  own: Tally,
  place: string,
  approverId: string,
  weight: number,
  usual: number,
): number {
  const [everybody, self] = [all.get(place), own.get(place)];
  const total = (everybody?.total ?? 0) - (self?.total ?? 0);
  const theirs = (everybody?.by.get(approverId) ?? 0) - (self?.by.get(approverId) ?? 0);
  return total + weight === 0 ? 1 : (theirs + weight * usual) / (total + weight);
}

function named(
  window: Window,
  { storeId, cashierId, own, expected, of }: Pair,
  spread: number,
  { median, mad }: { median: number; mad: number },
): Finding[] {
  const limits = thresholdsOf(window, storeId, 'same_pair');
  const z = shareDeviation(own.length, expected, of) / spread;
  const count = own.length;
  if (limits === null || count < limits.count || count < limits.ratio * expected || z < limits.z) return [];
  const figures = { count, expected, exposure: of, value: count / of, median, mad, z };
  const by = { id: 'same_pair', person: 'cashier' } as const;
  return [makeFinding(window, by, { storeId, personId: cashierId, occurrences: own, figures, limits })];
}
