import type { Finding, FindingPerson, Severity } from '../../shared/findings.ts';
import type { PeerThresholds, SignalId } from '../../shared/signal-policy.ts';
import { comparePeers } from './expected.ts';
import { getOrMake } from './memory.ts';
import { countDeviation, spreadOf } from './robust.ts';
import type { Exposure, Occurrence } from './signal.ts';
import type { Window } from './window.ts';

const EVENTS_MAX = 200;
/** Deviations less than chance alone would make are no spread: the floor for small counts. */
const SPREAD_MIN = 1;
/** How often somebody comes once more than usual by chance, at least. */
const ONCE_MORE = 0.25;
/** The median of all weighs as much as so many values of one's own. */
const HABIT_WEIGHT = 2;

interface JudgedBy {
  readonly id: SignalId;
  readonly person: FindingPerson['kind'];
}

/**
 * Names whoever had it far more often than peers. Each person's count is compared with what was expected of them
 * (`expected.ts`); the deviations of all are put on one scale by their median and MAD (never less than chance alone), so that
 * where everybody's habits differ more, one must differ more to be named.
 */
export function judgeByPeers(
  window: Window,
  by: JudgedBy & { readonly exposure: Exposure },
  occurrences = window.occurrences(by.id),
): Finding[] {
  // Most have nobody near the least that is named.
  const behind = byPerson(occurrences.now);
  const isEnough = (own: readonly Occurrence[]) => {
    const [first] = own;
    const limits = first === undefined ? null : thresholdsOf(window, first.storeId, by.id);
    return limits !== null && own.reduce((sum, { weight }) => sum + weight, 0) >= limits.count;
  };
  if (![...behind.values()].some(isEnough)) return [];
  const people = comparePeers(window, by.exposure, occurrences);
  // Nobody to be compared with.
  if (people.length < 2) return [];
  const deviations = people.map(({ observed, expected }) => countDeviation(observed, expected));
  const spread = spreadOf(deviations);
  const values = spreadOf(people.filter((it) => it.exposure > 0).map((it) => it.observed / it.exposure));
  return people.flatMap(({ storeId, personId, observed, exposure, expected }, index) => {
    const limits = thresholdsOf(window, storeId, by.id);
    const own = behind.get(`${storeId}/${personId}`);
    if (own === undefined || limits === null) return [];
    const deviation = (deviations[index] ?? 0) - Math.max(0, spread.median);
    const z = deviation / Math.max(SPREAD_MIN, spread.sd);
    if (observed < limits.count || observed < limits.ratio * expected || z < limits.z) return [];
    const value = exposure === 0 ? observed : observed / exposure;
    const { median, mad } = values;
    const figures = { count: observed, expected, exposure, value, median, mad, z };
    return [makeFinding(window, by, { storeId, personId, occurrences: own, figures, limits })];
  });
}

/**
 * Names whoever has a value far from that of all who have one in the baseline or the window, and from their own in the
 * baseline: for customers and phones, of whom some come often and most hardly ever.
 */
export function judgeBySpread(
  window: Window,
  by: JudgedBy & {
    /** Days that one value is taken over; the baseline is cut into as many. */
    readonly days: number;
    readonly valueOf: (occurrences: readonly Occurrence[]) => number;
  },
): Finding[] {
  const { base, now } = window.occurrences(by.id);
  if (now.length === 0) return [];
  const before = byPerson(base, ({ personId, day }) => `${personId}/${Math.floor(day / by.days)}`);
  const current = byPerson(now, ({ personId }) => personId);
  const habits = new Map<string, number[]>();
  for (const own of before.values()) {
    getOrMake(habits, own[0]?.personId ?? '', () => [] as number[]).push(by.valueOf(own));
  }
  const values = [...before.values(), ...current.values()].map(by.valueOf);
  return [...current.values()].flatMap((own) => {
    const last = own.at(-1);
    const limits = last === undefined ? null : thresholdsOf(window, last.storeId, by.id);
    if (last === undefined || limits === null) return [];
    const count = by.valueOf(own);
    if (count < limits.count) return [];
    // Of the others: one alone would be usual for itself.
    const others = values.toSpliced(values.indexOf(count), 1);
    const { median, mad } = others.length === 0 ? { median: 1, mad: 0 } : spreadOf(others);
    const deviations = spreadOf(others.map((value) => countDeviation(value, median)));
    const expected = habitOf(habits.get(last.personId) ?? [], median);
    // A value of 1 is what whoever is there at all has: no chance is needed for it.
    const z =
      countDeviation(count - 1, Math.max(ONCE_MORE, expected - 1)) / Math.max(SPREAD_MIN, deviations.sd);
    if (count < limits.ratio * expected || z < limits.z) return [];
    const figures = { count, expected, exposure: 1, value: count, median, mad, z };
    return [makeFinding(window, by, { ...last, occurrences: own, figures, limits })];
  });
}

/** What this one had in the baseline, shrunk towards the median of all; never below it. */
function habitOf(own: readonly number[], median: number): number {
  const sum = own.reduce((total, value) => total + value, 0);
  return Math.max(median, (sum + HABIT_WEIGHT * median) / (own.length + HABIT_WEIGHT));
}

/** Null where the store does not want the signal, or is not known. */
export function thresholdsOf(window: Window, storeId: string, id: SignalId): PeerThresholds | null {
  const limits = window.facts.stores.get(storeId)?.thresholds[id];
  return limits?.on === true ? limits : null;
}

export function byPerson(
  occurrences: readonly Occurrence[],
  keyOf = ({ storeId, personId }: Occurrence) => `${storeId}/${personId}`,
): Map<string, Occurrence[]> {
  const people = new Map<string, Occurrence[]>();
  for (const occurrence of occurrences) {
    const key = keyOf(occurrence);
    getOrMake(people, key, () => [] as Occurrence[]).push(occurrence);
  }
  return people;
}

export function makeFinding(
  { from, to }: Window,
  { id, person }: JudgedBy,
  found: {
    readonly storeId: string;
    readonly personId: string;
    readonly occurrences: readonly Occurrence[];
    readonly figures: Finding['figures'];
    readonly limits: PeerThresholds;
  },
): Finding {
  const { storeId, personId, occurrences, figures, limits } = found;
  const ids = [...new Set(occurrences.flatMap((occurrence) => occurrence.ids))].sort((a, b) => a - b);
  return {
    signal: id,
    storeId,
    person: { kind: person, id: personId },
    tillId: mostFrequent(occurrences.map(({ tillId }) => tillId)),
    window: { from, to },
    severity: severityOf(figures.z, limits.z),
    score: Math.round(100 * (1 - Math.exp(-figures.z / 8))),
    figures: rounded(figures),
    eventIds: ids.slice(-EVENTS_MAX),
  };
}

function severityOf(z: number, limit: number): Severity {
  if (z >= 2.5 * limit) return 'high';
  return z >= 1.5 * limit ? 'medium' : 'low';
}

/** Enough digits to explain; no more, so that the same records make the same bytes. */
function rounded(figures: Finding['figures']): Finding['figures'] {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  ) as Finding['figures'];
}

function mostFrequent(values: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: string | null = null;
  for (const [value, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = value;
  return best;
}
