/**
 * What a person would have had if they were like their peers. Rates are nested, each level shrunk towards the one above so
 * that few data say little: the chain's at that part of the day → this outlet's → this till's → that of people who are new.
 * Each level is taken from others than the person itself, and the most conspicuous tenth of all is left out everywhere, so
 * that the guilty do not set the measure.
 */
import type { Facts } from './facts.ts';
import { getOrMake } from './memory.ts';
import type { Exposure, Occurrence } from './signal.ts';
import type { Window, WindowCell } from './window.ts';

const DAY_MS = 86_400_000;
const PARTS = 4;
/** Expected occurrences that a level must have to weigh as much as the level above. */
const WEIGHT_OF_ABOVE = { part: 5, store: 3, till: 3, newcomer: 5 };
/** So long somebody is new; and how many more mistakes are expected of them before data say more. */
const NEWCOMER_DAYS = 42;
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

interface Cell {
  readonly tillId: string | null;
  readonly part: number;
  readonly now: number;
  readonly base: number;
  baseObserved: number;
}

interface Person {
  readonly storeId: string;
  readonly personId: string;
  readonly isNew: boolean;
  readonly cells: Map<string, Cell>;
  observed: number;
  baseObserved: number;
  baseExposure: number;
  trimmed: boolean;
}

export function comparePeers(
  window: Window,
  exposure: Exposure,
  { base, now }: { base: readonly Occurrence[]; now: readonly Occurrence[] },
): Compared[] {
  const people = readPeople(window, exposure, base, now);
  trim(people);
  const rates = ratesByPart(people);
  const levels = readLevels(people, rates);
  return people.map((person) => {
    const { storeId, personId, observed } = person;
    const store = storeFactor(person, levels, rates);
    let [expected, exposed] = [0, 0];
    for (const cell of person.cells.values()) {
      if (cell.now === 0) continue;
      exposed += cell.now;
      expected += cell.now * (rates[cell.part] ?? 0) * store * tillFactor(person, cell, levels, rates, store);
    }
    return {
      storeId,
      personId,
      observed,
      exposure: exposed,
      expected: expected * newcomerFactor(person, levels, rates),
    };
  });
}

function readPeople(
  window: Window,
  exposure: Exposure,
  base: readonly Occurrence[],
  now: readonly Occurrence[],
): Person[] {
  const people = new Map<string, Person>();
  const personOf = (storeId: string, personId: string): Person => {
    const key = `${storeId}/${personId}`;
    let person = people.get(key);
    if (person === undefined) {
      const isNew = isNewcomer(window.facts, personId, window);
      person = {
        storeId,
        personId,
        isNew,
        cells: new Map(),
        observed: 0,
        baseObserved: 0,
        baseExposure: 0,
        trimmed: false,
      };
      people.set(key, person);
    }
    return person;
  };
  const cellOf = (
    person: Person,
    { tillId, part }: Pick<WindowCell, 'tillId' | 'part'>,
    seen = { now: 0, base: 0 },
  ): Cell => {
    const key = `${tillId ?? ''}/${part}`;
    return getOrMake(person.cells, key, () => ({ tillId, part, ...seen, baseObserved: 0 }));
  };
  for (const cell of window.cells) {
    const seen = { now: cell.now[exposure], base: cell.base[exposure] };
    if (seen.base === 0) continue;
    const person = personOf(cell.storeId, cell.personId);
    cellOf(person, cell, seen);
    person.baseExposure += seen.base;
  }
  const note = (occurrence: Occurrence, isNow: boolean) => {
    const person = personOf(occurrence.storeId, occurrence.personId);
    cellOf(person, occurrence).baseObserved += occurrence.weight;
    person.baseObserved += occurrence.weight;
    if (isNow) person.observed += occurrence.weight;
  };
  for (const occurrence of base) note(occurrence, false);
  for (const occurrence of now) note(occurrence, true);
  return [...people.values()];
}

function isNewcomer(facts: Facts, personId: string, { from, to }: Window): boolean {
  const since = facts.staffSince.get(personId);
  return since !== undefined && (from + to) / 2 - since / DAY_MS < NEWCOMER_DAYS;
}

/** Marks the most conspicuous tenth (of three or more, at least one): they do not count for anybody's measure. */
function trim(people: readonly Person[]): void {
  if (people.length < 3) return;
  const overall = rateOf(people);
  const excess = ({ baseObserved, baseExposure }: Person) =>
    (baseObserved - overall * baseExposure) / Math.sqrt(overall * baseExposure + 1);
  const byExcess = [...people].sort((a, b) => excess(b) - excess(a));
  for (const person of byExcess.slice(0, Math.max(1, Math.floor(people.length * TRIMMED_PART))))
    person.trimmed = true;
}

/** Never nothing: what was not seen yet may still happen by chance, half a time in all that was looked at. */
function rateOf(people: readonly Person[]): number {
  let [observed, exposure] = [0, 0];
  for (const person of people) {
    if (person.trimmed) continue;
    observed += person.baseObserved;
    exposure += person.baseExposure;
  }
  return exposure === 0 ? 0 : Math.max(observed, 0.5) / exposure;
}

function ratesByPart(people: readonly Person[]): number[] {
  const overall = rateOf(people);
  const [observed, exposure] = [new Array<number>(PARTS).fill(0), new Array<number>(PARTS).fill(0)];
  for (const person of people) {
    if (person.trimmed) continue;
    for (const { part, base, baseObserved } of person.cells.values()) {
      observed[part] = (observed[part] ?? 0) + baseObserved;
      exposure[part] = (exposure[part] ?? 0) + base;
    }
  }
  const above = WEIGHT_OF_ABOVE.part;
  return observed.map((count, part) =>
    overall === 0 ? 0 : (overall * (count + above)) / ((exposure[part] ?? 0) * overall + above),
  );
}

/** Observed and expected (by the chain's rates) of all who count. */
interface Level {
  observed: number;
  expected: number;
}
interface Levels {
  readonly stores: Map<string, Level>;
  readonly tills: Map<string, Level>;
  readonly newcomers: Level;
}

const expectedOf = (cell: Cell, rates: readonly number[]) => cell.base * (rates[cell.part] ?? 0);

function readLevels(people: readonly Person[], rates: readonly number[]): Levels {
  const levels: Levels = { stores: new Map(), tills: new Map(), newcomers: { observed: 0, expected: 0 } };
  for (const person of people) {
    if (person.trimmed) continue;
    for (const cell of person.cells.values()) {
      const more = { observed: cell.baseObserved, expected: expectedOf(cell, rates) };
      addTo(levels.stores, person.storeId, more);
      if (cell.tillId !== null) addTo(levels.tills, cell.tillId, more);
      if (!person.isNew) continue;
      levels.newcomers.observed += more.observed;
      levels.newcomers.expected += more.expected;
    }
  }
  return levels;
}

function addTo(levels: Map<string, Level>, key: string, { observed, expected }: Level): void {
  const level = levels.get(key);
  if (level === undefined) levels.set(key, { observed, expected });
  else {
    level.observed += observed;
    level.expected += expected;
  }
}

/** The level's ratio of observed to expected, of others than the person, shrunk towards `prior`. */
function ratio(level: Level | undefined, own: Level, weight: number, prior = 1, scale = 1): number {
  const observed = Math.max(0, (level?.observed ?? 0) - own.observed);
  const expected = Math.max(0, (level?.expected ?? 0) - own.expected) * scale;
  return (observed + weight * prior) / (expected + weight);
}

function ownPart(person: Person, rates: readonly number[], tillId?: string | null): Level {
  const own = { observed: 0, expected: 0 };
  if (person.trimmed) return own;
  for (const cell of person.cells.values()) {
    if (tillId !== undefined && cell.tillId !== tillId) continue;
    own.observed += cell.baseObserved;
    own.expected += expectedOf(cell, rates);
  }
  return own;
}

function storeFactor(person: Person, { stores }: Levels, rates: readonly number[]): number {
  return ratio(stores.get(person.storeId), ownPart(person, rates), WEIGHT_OF_ABOVE.store);
}

function tillFactor(
  person: Person,
  { tillId }: Cell,
  { tills }: Levels,
  rates: readonly number[],
  store: number,
): number {
  if (tillId === null) return 1;
  return ratio(tills.get(tillId), ownPart(person, rates, tillId), WEIGHT_OF_ABOVE.till, 1, store);
}

function newcomerFactor(person: Person, { newcomers }: Levels, rates: readonly number[]): number {
  if (!person.isNew) return 1;
  const factor = ratio(newcomers, ownPart(person, rates), WEIGHT_OF_ABOVE.newcomer, NEWCOMER_FACTOR);
  return Math.max(1, factor);
}
