/**
 * What a person would have had if they were like their peers. Rates are nested, each level shrunk towards the one above so
 * that few data say little: the chain's at that part of the day → this outlet's → this till's → that of people who are new.
 * Each level is taken from others than the person itself, and the most conspicuous tenth of all is left out everywhere, so
 * that the guilty do not set the measure.
 */
import { cellKey, type Peer, type PeerCell, type Peers, peersOf, personKey } from './peers.ts';
import type { Exposure, Occurrence } from './signal.ts';
import type { Window } from './window.ts';

const PARTS = 4;
/** Expected occurrences that a level must have to weigh as much as the level above. */
const WEIGHT_OF_ABOVE = { part: 5, store: 3, till: 3, newcomer: 5 };
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
    const own = (tillId?: string | null) => ownPart(person, place, peers, levels, tillId);
    const store = ratio(levels.stores.get(storeId), own(), WEIGHT_OF_ABOVE.store);
    let [expected, exposed] = [0, 0];
    const tills = new Map<string, number>();
    for (const index of person.cells) {
      const { tillId, part, now } = peers.cells[index] as PeerCell;
      if (now === 0) continue;
      exposed += now;
      let till = tillId === null ? 1 : tills.get(tillId);
      if (till === undefined && tillId !== null) {
        till = ratio(levels.tills.get(tillId), own(tillId), WEIGHT_OF_ABOVE.till, 1, store);
        tills.set(tillId, till);
      }
      expected += now * (rates[part] ?? 0) * store * (till ?? 1);
    }
    const newcomer = person.isNew ? newcomerFactor(levels, own()) : 1;
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

/** Observed and expected (by the chain's rates) of all who count. */
interface Level {
  observed: number;
  expected: number;
}

interface Levels {
  readonly stores: ReadonlyMap<string, Level>;
  readonly tills: ReadonlyMap<string, Level>;
  readonly newcomers: Level;
  /** By cell; empty of those who were trimmed. */
  readonly cells: readonly Level[];
}

const NOTHING: Level = { observed: 0, expected: 0 };

function readLevels(
  { people, cells }: Peers,
  counts: Counts,
  trimmed: ReadonlySet<number>,
  rates: readonly number[],
): Levels {
  const [stores, tills] = [new Map<string, Level>(), new Map<string, Level>()];
  const newcomers = { ...NOTHING };
  const ofCells = cells.map(({ person, tillId, part, base }, index): Level => {
    const who = people[person];
    if (trimmed.has(person) || who === undefined) return NOTHING;
    const cell = { observed: counts.cells[index] ?? 0, expected: base * (rates[part] ?? 0) };
    addTo(stores, who.storeId, cell);
    if (tillId !== null) addTo(tills, tillId, cell);
    if (who.isNew) {
      newcomers.observed += cell.observed;
      newcomers.expected += cell.expected;
    }
    return cell;
  });
  return { stores, tills, newcomers, cells: ofCells };
}

function addTo(levels: Map<string, Level>, key: string, { observed, expected }: Level): void {
  const level = levels.get(key);
  if (level === undefined) levels.set(key, { observed, expected });
  else {
    level.observed += observed;
    level.expected += expected;
  }
}

/** What a person (at one till) put into the levels. */
function ownPart(
  person: Peer,
  place: number,
  { cells }: Peers,
  levels: Levels,
  tillId?: string | null,
): Level {
  const own = { ...NOTHING };
  for (const index of person.cells) {
    const cell = cells[index];
    if (cell?.person !== place || (tillId !== undefined && cell.tillId !== tillId)) continue;
    own.observed += levels.cells[index]?.observed ?? 0;
    own.expected += levels.cells[index]?.expected ?? 0;
  }
  return own;
}

/** The level's ratio of observed to expected, of others than the person, shrunk towards `prior`. */
function ratio(level: Level | undefined, own: Level, weight: number, prior = 1, scale = 1): number {
  const observed = Math.max(0, (level?.observed ?? 0) - own.observed);
  const expected = Math.max(0, (level?.expected ?? 0) - own.expected) * scale;
  return (observed + weight * prior) / (expected + weight);
}

function newcomerFactor({ newcomers }: Levels, own: Level): number {
  return Math.max(1, ratio(newcomers, own, WEIGHT_OF_ABOVE.newcomer, NEWCOMER_FACTOR));
}
