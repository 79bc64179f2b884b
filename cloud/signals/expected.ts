/**
 * What a person would have had if they were like their peers. Rates are nested, each level shrunk towards the one above so
 * that few data say little: the chain's at that part of the day → this outlet's → this till's → that of people who are new.
 * Each level is taken from others than the person itself. So that the guilty do not set the measure, the chain's rate leaves
 * out the most conspicuous tenth of all people, and an outlet's or a till's the most conspicuous of the others there.
 */
import { getOrMake } from './memory.ts';
import { cellKey, type PeerCell, type Peers, peersOf, personKey } from './peers.ts';
import type { Exposure, Occurrence } from './signal.ts';
import type { Window } from './window.ts';

const PARTS = 4;
/**
 * Expected occurrences that a level must have to weigh as much as the level above. Tills differ by orders of magnitude (a
 * returns desk, a drawer with a bad switch): little of what others had there is enough.
 */
const WEIGHT_OF_ABOVE = { part: 5, store: 3, till: 0.3, newcomer: 5 };
/** How many more mistakes are expected of somebody new before data say more. */
const NEWCOMER_FACTOR = 2;
const TRIMMED_PART = 0.1;

export interface Compared {
  readonly storeId: string;
  readonly personId: string;
  /** In the window: weighted occurrences, how often it could have happened, what was expected. */
  readonly observed: number;
  readonly exposure: number;
  readonly expected: number;
}

export function comparePeers(
  window: Window,
  exposure: Exposure,
  occurrences: { readonly base: readonly Occurrence[]; readonly now: readonly Occurrence[] },
): Compared[] {
  const peers = peersOf(window, exposure);
  const counts = countOccurrences(peers, occurrences);
  const trimmed = trim(peers, counts);
  const rates = ratesByPart(peers, counts, trimmed);
  const levels = readLevels(peers, counts, trimmed, rates);
  const compared = peers.people.map((person, place): Compared => {
    const { storeId, personId } = person;
    const store = ratio(othersAt(levels.stores.get(storeId), place), WEIGHT_OF_ABOVE.store);
    let [expected, exposed] = [0, 0];
    const tills = new Map<string, number>();
    for (const index of person.cells) {
      const { tillId, part, now } = peers.cells[index] as PeerCell;
      if (now === 0) continue;
      exposed += now;
      let till = tillId === null ? 1 : tills.get(tillId);
      if (till === undefined && tillId !== null) {
        till = ratio(othersAt(levels.tills.get(tillId), place, store), WEIGHT_OF_ABOVE.till);
        tills.set(tillId, till);
      }
      expected += now * (rates[part] ?? 0) * store * (till ?? 1);
    }
    const newcomer = person.isNew ? newcomerFactor(levels.newcomers, place) : 1;
    return {
      storeId,
      personId,
      observed: counts.now[place] ?? 0,
      exposure: exposed,
      expected: expected * newcomer,
    };
  });
  return [...compared, ...counts.strangers.values()];
}

interface Counts {
  /** By person: in the window, and in the window with its baseline. */
  readonly now: Float64Array;
  readonly base: Float64Array;
  /** By cell, with the baseline. */
  readonly cells: Float64Array;
  /** Who has occurrences and no exposure. */
  readonly strangers: Map<
    string,
    { storeId: string; personId: string; observed: number; exposure: 0; expected: 0 }
  >;
}

function countOccurrences(
  { people, cells, placeOf, cellOf }: Peers,
  { base, now }: { readonly base: readonly Occurrence[]; readonly now: readonly Occurrence[] },
): Counts {
  const counts: Counts = {
    now: new Float64Array(people.length),
    base: new Float64Array(people.length),
    cells: new Float64Array(cells.length),
    strangers: new Map(),
  };
  const note = ({ storeId, personId, tillId, part, weight }: Occurrence, isNow: boolean) => {
    const key = personKey(storeId, personId);
    const place = placeOf.get(key);
    if (place === undefined) {
      const stranger = counts.strangers.get(key) ?? {
        storeId,
        personId,
        observed: 0,
        exposure: 0,
        expected: 0,
      };
      counts.strangers.set(key, { ...stranger, observed: stranger.observed + (isNow ? weight : 0) });
      return;
    }
    counts.base[place] = (counts.base[place] ?? 0) + weight;
    if (isNow) counts.now[place] = (counts.now[place] ?? 0) + weight;
    const cell = cellOf.get(cellKey(key, tillId, part));
    if (cell !== undefined) counts.cells[cell] = (counts.cells[cell] ?? 0) + weight;
  };
  for (const occurrence of base) note(occurrence, false);
  for (const occurrence of now) note(occurrence, true);
  return counts;
}

/** The places of the most conspicuous tenth (of three or more, at least one): they do not count for anybody's measure. */
function trim({ people, cells }: Peers, { base }: Counts): ReadonlySet<number> {
  if (people.length < 3) return new Set();
  const exposures = people.map((person) =>
    person.cells.reduce((sum, cell) => sum + (cells[cell]?.base ?? 0), 0),
  );
  const total = exposures.reduce((sum, exposure) => sum + exposure, 0);
  const overall = base.reduce((sum, count) => sum + count, 0) / Math.max(total, Number.MIN_VALUE);
  const excess = exposures.map(
    (exposure, place) => ((base[place] ?? 0) - overall * exposure) / Math.sqrt(overall * exposure + 1),
  );
  const byExcess = people.map((_, place) => place).sort((a, b) => (excess[b] ?? 0) - (excess[a] ?? 0));
  return new Set(byExcess.slice(0, Math.max(1, Math.floor(people.length * TRIMMED_PART))));
}

function ratesByPart({ cells }: Peers, counts: Counts, trimmed: ReadonlySet<number>): number[] {
  const [observed, exposure] = [new Array<number>(PARTS).fill(0), new Array<number>(PARTS).fill(0)];
  for (const [index, { person, part, base }] of cells.entries()) {
    if (trimmed.has(person)) continue;
    observed[part] = (observed[part] ?? 0) + (counts.cells[index] ?? 0);
    exposure[part] = (exposure[part] ?? 0) + base;
  }
  const total = exposure.reduce((sum, part) => sum + part, 0);
  if (total === 0) return new Array<number>(PARTS).fill(0);
  // Never nothing: what was not seen yet may still happen by chance, half a time in all that was looked at.
  const overall =
    Math.max(
      observed.reduce((sum, part) => sum + part, 0),
      0.5,
    ) / total;
  const above = WEIGHT_OF_ABOVE.part;
  return observed.map(
    (count, part) => (overall * (count + above)) / ((exposure[part] ?? 0) * overall + above),
  );
}

/** Observed and expected (by the chain's rates). */
interface Level {
  observed: number;
  expected: number;
}
/** By person. */
type Group = Map<number, Level>;

interface Levels {
  readonly stores: ReadonlyMap<string, Group>;
  readonly tills: ReadonlyMap<string, Group>;
  /** Without the most conspicuous. */
  readonly newcomers: Group;
}

function readLevels(
  { people, cells }: Peers,
  counts: Counts,
  trimmed: ReadonlySet<number>,
  rates: readonly number[],
): Levels {
  const [stores, tills] = [new Map<string, Group>(), new Map<string, Group>()];
  const newcomers: Group = new Map();
  const newGroup = (): Group => new Map();
  for (const [index, { person, tillId, part, base }] of cells.entries()) {
    const who = people[person];
    if (who === undefined) continue;
    const cell = { observed: counts.cells[index] ?? 0, expected: base * (rates[part] ?? 0) };
    addTo(getOrMake(stores, who.storeId, newGroup), person, cell);
    if (tillId !== null) addTo(getOrMake(tills, tillId, newGroup), person, cell);
    if (who.isNew && !trimmed.has(person)) addTo(newcomers, person, cell);
  }
  return { stores, tills, newcomers };
}

function addTo(group: Group, person: number, { observed, expected }: Level): void {
  const level = getOrMake(group, person, () => ({ observed: 0, expected: 0 }));
  level.observed += observed;
  level.expected += expected;
}

/** All others of a group; of three or more others without the most conspicuous. `scale`: of the level above. */
function othersAt(group: Group | undefined, place: number, scale = 1): Level {
  const sum = { observed: 0, expected: 0 };
  let most = { observed: 0, expected: 0 };
  let others = 0;
  for (const [person, { observed, expected }] of group ?? []) {
    if (person === place) continue;
    const level = { observed, expected: expected * scale };
    others += 1;
    sum.observed += level.observed;
    sum.expected += level.expected;
    if (level.observed - level.expected > most.observed - most.expected) most = level;
  }
  if (others < 3) return sum;
  return { observed: sum.observed - most.observed, expected: sum.expected - most.expected };
}

/** Observed to expected, shrunk towards `prior`. */
function ratio({ observed, expected }: Level, weight: number, prior = 1): number {
  return (observed + weight * prior) / (expected + weight);
}

function newcomerFactor(newcomers: Group, place: number): number {
  const others = { observed: 0, expected: 0 };
  for (const [person, level] of newcomers) {
    if (person === place) continue;
    others.observed += level.observed;
    others.expected += level.expected;
  }
  return Math.max(1, ratio(others, WEIGHT_OF_ABOVE.newcomer, NEWCOMER_FACTOR));
}
