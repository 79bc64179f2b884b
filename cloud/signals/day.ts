import type { AuditEvent } from '../../shared/audit/event.ts';
import { SIGNAL_IDS, type SignalId } from '../../shared/signal-policy.ts';
import { countExposures, type ExposureCell } from './exposures.ts';
import type { Facts } from './facts.ts';
import { createFloor } from './floor.ts';
import { getOrMake } from './memory.ts';
import type { Detector, Occurrence } from './signal.ts';
import { SIGNALS } from './signals.ts';

const DAY_MS = 86_400_000;
/** So long before a day its stream begins: the longest that a signal looks back, and who is signed in where. */
export const LOOKBACK_MS = 3 * DAY_MS;

/** What a store's day comes to: all that windows are judged by. Small, and the same however often it is made. */
export interface DayRecord {
  readonly storeId: string;
  readonly day: number;
  readonly cells: readonly ExposureCell[];
  readonly occurrences: Partial<Record<SignalId, readonly Occurrence[]>>;
  /** Sales by hour of the day. */
  readonly salesByHour: readonly number[];
}

/**
 * Reads the events of stores that are peers, merged and in the order of their time, and makes a record of each store and
 * day that was touched. Feed it from `LOOKBACK_MS` before the first day that is wanted.
 */
export function createDayReader(known: Facts) {
  let facts = known;
  const floor = createFloor(() => facts);
  const exposures = countExposures(floor);
  const found = new Map<string, Map<SignalId, Occurrence[]>>();
  const byKind = new Map<string, Detector[]>();
  const ticking: Detector[] = [];
  const forgetting: Detector[] = [];
  let forgotten = 0;

  for (const id of SIGNAL_IDS) {
    const signal = SIGNALS[id];
    const detector = signal.detect({
      floor,
      thresholds: (storeId) => (facts.stores.get(storeId) ?? anyStore()).thresholds[id] as never,
      emit(event, personId, { weight = 1, key = null, ids = [event.id] } = {}) {
        const { storeId, tillId, at } = event;
        if (personId === null || storeId === null) return;
        const { day, part } = floor.localOf(event);
        const place = `${storeId}/${day}`;
        const ofDay = getOrMake(found, place, () => new Map<SignalId, Occurrence[]>());
        const occurrence = { at, storeId, tillId, personId, day, part, weight, key, ids };
        getOrMake(ofDay, id, () => [] as Occurrence[]).push(occurrence);
      },
    });
    for (const kind of signal.kinds) getOrMake(byKind, kind, () => [] as Detector[]).push(detector);
    if (detector.tick !== undefined) ticking.push(detector);
    if (detector.forget !== undefined) forgetting.push(detector);
  }

  function anyStore() {
    const [first] = facts.stores.values();
    if (first === undefined) throw new RangeError('no store is known');
    return first;
  }

  /** `at`: nothing of before is still to come. */
  function take(storeId: string, day: number, at: number): DayRecord {
    for (const detector of ticking) detector.tick?.(at);
    const place = `${storeId}/${day}`;
    const occurrences = Object.fromEntries(found.get(place) ?? []);
    found.delete(place);
    return { storeId, day, occurrences, ...exposures.take(storeId, day) };
  }

  return {
    see(event: AuditEvent): void {
      if (event.storeId === null || !facts.stores.has(event.storeId)) return;
      for (const detector of ticking) detector.tick?.(event.at);
      floor.see(event);
      exposures.see(event);
      const detectors = byKind.get(event.kind);
      if (detectors !== undefined) for (const detector of detectors) detector.see(event);
      if (event.at - forgotten > DAY_MS) {
        forgotten = event.at;
        floor.forget(event.at - LOOKBACK_MS);
        for (const detector of forgetting) detector.forget?.(event.at - LOOKBACK_MS);
      }
    },

    /** The record of one day of one store as far as it was read; it is forgotten here with that. */
    take,

    /** Those of all days and stores that were read, by day and store. `at`: nothing of before is still to come. */
    takeAll(at: number): DayRecord[] {
      for (const detector of ticking) detector.tick?.(at);
      return exposures.places().map(({ storeId, day }) => take(storeId, day, at));
    },

    /** From here on. */
    learn(newer: Facts): void {
      facts = newer;
    },
  };
}
export type DayReader = ReturnType<typeof createDayReader>;
