import type { Exposure } from './signal.ts';
import type { Window } from './window.ts';

const DAY_MS = 86_400_000;
/** So long somebody is new. */
const NEWCOMER_DAYS = 42;

/** One person's share of an exposure at one till in one part of the day. */
export interface PeerCell {
  readonly person: number;
  readonly tillId: string | null;
  readonly part: number;
  /** In the window, and in the window with its baseline. */
  readonly now: number;
  readonly base: number;
}

export interface Peer {
  readonly storeId: string;
  readonly personId: string;
  readonly isNew: boolean;
  /** Places in `Peers.cells`. */
  readonly cells: number[];
}

/** Everybody who had an exposure: who may be compared with whom. Indices are places in the lists. */
export interface Peers {
  readonly people: readonly Peer[];
  readonly cells: readonly PeerCell[];
  readonly placeOf: ReadonlyMap<string, number>;
  readonly cellOf: ReadonlyMap<string, number>;
}

const known = new WeakMap<Window, Map<Exposure, Peers>>();

/** Read once for all signals that are taken over the same exposure. */
export function peersOf(window: Window, exposure: Exposure): Peers {
  const ofWindow = known.get(window) ?? new Map<Exposure, Peers>();
  known.set(window, ofWindow);
  const peers = ofWindow.get(exposure) ?? readPeers(window, exposure);
  ofWindow.set(exposure, peers);
  return peers;
}

function readPeers({ cells: all, facts, from, to }: Window, exposure: Exposure): Peers {
  const people: Peer[] = [];
  const cells: PeerCell[] = [];
  const placeOf = new Map<string, number>();
  const cellOf = new Map<string, number>();
  for (const { storeId, personId, tillId, part, now, base } of all) {
    if (base[exposure] === 0) continue;
    const key = personKey(storeId, personId);
    let person = placeOf.get(key);
    if (person === undefined) {
      person = people.length;
      placeOf.set(key, person);
      const since = facts.staffSince.get(personId);
      const isNew = since !== undefined && (from + to) / 2 - since / DAY_MS < NEWCOMER_DAYS;
      people.push({ storeId, personId, isNew, cells: [] });
    }
    people[person]?.cells.push(cells.length);
    cellOf.set(cellKey(key, tillId, part), cells.length);
    cells.push({ person, tillId, part, now: now[exposure], base: base[exposure] });
  }
  return { people, cells, placeOf, cellOf };
}

export const personKey = (storeId: string, personId: string) => `${storeId}/${personId}`;
export const cellKey = (person: string, tillId: string | null, part: number) =>
  `${person}/${tillId ?? ''}/${part}`;
