import type { DrawerPolicy } from '../../shared/drawer-policy.ts';

/** A closed contact this short is the switch bouncing, not a drawer that was shut. */
export const BOUNCE_MS = 250;
/**
 * A pulse that nobody saw the drawer answer may still be carried out: it waits in the printer behind a slip until there is
 * paper. So long it may explain an opening.
 */
export const UNCONFIRMED_MS = 120_000;
/** More unexplained openings than this within a minute are a loose contact, not a hand. */
export const FLAPS_MAX = 5;
const FLAPS_WITHIN_MS = 60_000;
/** The switch turning to "closed" so soon after a pulse that found it "open" reads the wrong way round. */
const INVERTED_WITHIN_MS = 2_000;

/** A grant's pulse on its way to the drawer, or gone out and not yet matched to an opening. Monotonic ms. */
interface Pulse {
  readonly grantId: string;
  readonly at: number;
  readonly inFlight: boolean;
  readonly explainsUntil: number;
  /** The switch read open when it left. */
  readonly foundOpen: boolean;
}

interface Opening {
  readonly at: number;
  readonly grantId: string | null;
  /** A closed contact that may still be a bounce. */
  readonly shutAt: number | null;
  readonly saidLong: boolean;
  readonly saidLonger: boolean;
}

/** What is known of the drawer, on the monotonic clock. Plain data: the same events give the same memory. */
export interface DrawerMemory {
  /** What the switch said last; it may be out of date while `lostAt` is set. */
  readonly position: 'open' | 'closed' | 'unknown';
  /** Since when the switch says nothing; null: it can be read. */
  readonly lostAt: number | null;
  readonly pulses: readonly Pulse[];
  readonly opening: Opening | null;
  /** When the last unexplained openings began. */
  readonly flaps: readonly number[];
  /** Since when the switch is taken for faulty, and what it has claimed since. */
  readonly faulty: { readonly lastAt: number; readonly openings: number } | null;
  readonly inverted: boolean;
}

export const FIRST_MEMORY: DrawerMemory = {
  position: 'unknown',
  lostAt: 0,
  pulses: [],
  opening: null,
  flaps: [],
  faulty: null,
  inverted: false,
};

export type DrawerEvent =
  /** A grant's use is on the disk and its pulse goes out. */
  | { readonly kind: 'pulse'; readonly grantId: string }
  | {
      readonly kind: 'pulse_over';
      readonly grantId: string;
      readonly outcome: 'confirmed' | 'unconfirmed' | 'not_sent';
    }
  /** Unknown: printer unplugged, silent, not yet asked. */
  | { readonly kind: 'switch'; readonly position: DrawerMemory['position'] }
  | { readonly kind: 'tick' };

/** How an opening came to be seen: as it happened, when the till started, when the printer came back. */
export type SeenHow = 'watched' | 'at_start' | 'after_gap';

export type DrawerFact =
  | { readonly kind: 'opened'; readonly grantId: string | null; readonly seen: SeenHow }
  /** `exact` false: it was shut while nobody could see. */
  | { readonly kind: 'closed'; readonly openMs: number; readonly exact: boolean }
  | { readonly kind: 'open_long' | 'open_longer'; readonly openMs: number }
  | { readonly kind: 'switch_faulty' }
  | { readonly kind: 'switch_steady'; readonly openings: number }
  | { readonly kind: 'switch_inverted' };

export interface DrawerStep {
  readonly memory: DrawerMemory;
  readonly facts: readonly DrawerFact[];
}

/** One event, at monotonic ms `now`. Ticks may come at any time; {@link dueAt} says when one is needed. */
export function drawerStep(
  before: DrawerMemory,
  event: DrawerEvent,
  now: number,
  policy: DrawerPolicy,
): DrawerStep {
  const { memory, facts } = timePassed(before, now, policy);
  const next = apply(memory, event, now, policy);
  return { memory: next.memory, facts: [...facts, ...next.facts] };
}

function apply(memory: DrawerMemory, event: DrawerEvent, now: number, policy: DrawerPolicy): DrawerStep {
  switch (event.kind) {
    case 'tick':
      return { memory, facts: [] };
    case 'pulse': {
      const foundOpen = memory.position === 'open' && memory.lostAt === null;
      const explainsUntil = now + policy.grantWindowSeconds * 1000;
      const pulse = { grantId: event.grantId, at: now, inFlight: true, explainsUntil, foundOpen };
      return { memory: { ...memory, pulses: [...memory.pulses, pulse] }, facts: [] };
    }
    case 'pulse_over':
      return { memory: { ...memory, pulses: pulsesAfter(memory.pulses, event) }, facts: [] };
    case 'switch':
      if (event.position === 'unknown') {
        return { memory: { ...memory, lostAt: memory.lostAt ?? now }, facts: [] };
      }
      return event.position === 'open' ? readsOpen(memory, now) : readsClosed(memory, now);
  }
}

function pulsesAfter(
  pulses: readonly Pulse[],
  { grantId, outcome }: Extract<DrawerEvent, { kind: 'pulse_over' }>,
): Pulse[] {
  return pulses.flatMap((pulse) => {
    if (pulse.grantId !== grantId) return [pulse];
    if (outcome === 'not_sent') return [];
    const late = outcome === 'unconfirmed' ? pulse.at + UNCONFIRMED_MS : 0;
    return [{ ...pulse, inFlight: false, explainsUntil: Math.max(pulse.explainsUntil, late) }];
  });
}

function readsOpen(memory: DrawerMemory, now: number): DrawerStep {
  const { opening, lostAt } = memory;
  const seen: SeenHow =
    memory.position === 'unknown' ? 'at_start' : lostAt === null ? 'watched' : 'after_gap';
  const here = { ...memory, position: 'open', lostAt: null } as const;
  if (opening !== null) {
    // Still open, or the contact bounced. A pulse that arrived meanwhile has done its work.
    const pulses = opening.shutAt === null ? memory.pulses : withoutOne(memory.pulses, now).left;
    return { memory: { ...here, pulses, opening: { ...opening, shutAt: null } }, facts: [] };
  }
  // Opened at an unknown moment of a gap: a pulse that still held when the gap began explains it.
  const { used, left } = withoutOne(memory.pulses, lostAt ?? now);
  const grantId = used?.grantId ?? null;
  const fresh: Opening = { at: now, grantId, shutAt: null, saidLong: false, saidLonger: false };
  const opened = { ...here, pulses: left, opening: fresh };
  return grantId === null
    ? unexplained(opened, seen, now)
    : { memory: opened, facts: [{ kind: 'opened', grantId, seen }] };
}

/** The oldest pulse that holds at `at` is used up. */
function withoutOne(pulses: readonly Pulse[], at: number): { used: Pulse | null; left: Pulse[] } {
  const used = pulses.find(({ inFlight, explainsUntil }) => inFlight || explainsUntil >= at) ?? null;
  return { used, left: pulses.filter((pulse) => pulse !== used) };
}

function unexplained(memory: DrawerMemory, seen: SeenHow, now: number): DrawerStep {
  const { faulty } = memory;
  if (faulty !== null) {
    return { memory: { ...memory, faulty: { lastAt: now, openings: faulty.openings + 1 } }, facts: [] };
  }
  const flaps = [...memory.flaps.filter((at) => now - at < FLAPS_WITHIN_MS), now];
  if (flaps.length > FLAPS_MAX) {
    const loose = { ...memory, flaps: [], faulty: { lastAt: now, openings: 1 } };
    return { memory: loose, facts: [{ kind: 'switch_faulty' }] };
  }
  return { memory: { ...memory, flaps }, facts: [{ kind: 'opened', grantId: null, seen }] };
}

function readsClosed(memory: DrawerMemory, now: number): DrawerStep {
  const { opening, lostAt, pulses, inverted } = memory;
  const here = { ...memory, position: 'closed', lostAt: null } as const;
  if (opening === null) return { memory: here, facts: [] };
  if (lostAt !== null) {
    const closed: DrawerFact = { kind: 'closed', openMs: now - opening.at, exact: false };
    return { memory: { ...here, opening: null }, facts: [closed] };
  }
  const answersBackwards = pulses.some(({ foundOpen, at }) => foundOpen && now - at <= INVERTED_WITHIN_MS);
  const shut = { ...here, opening: { ...opening, shutAt: opening.shutAt ?? now } };
  if (inverted || !answersBackwards) return { memory: shut, facts: [] };
  return { memory: { ...shut, inverted: true }, facts: [{ kind: 'switch_inverted' }] };
}

function timePassed(before: DrawerMemory, now: number, policy: DrawerPolicy): DrawerStep {
  const facts: DrawerFact[] = [];
  let { opening, faulty } = before;
  // While nobody can see the drawer, what held when it was last seen is kept: it may explain what is found.
  const pulses = before.pulses.filter(
    ({ inFlight, explainsUntil }) => inFlight || explainsUntil >= (before.lostAt ?? now),
  );
  if (opening !== null && opening.shutAt !== null && now - opening.shutAt >= BOUNCE_MS) {
    facts.push({ kind: 'closed', openMs: opening.shutAt - opening.at, exact: true });
    opening = null;
  }
  if (opening !== null && opening.shutAt === null && faulty === null) {
    const openMs = now - opening.at;
    if (!opening.saidLong && isOver(openMs, policy.openLongSeconds)) {
      facts.push({ kind: 'open_long', openMs });
      opening = { ...opening, saidLong: true };
    }
    if (!opening.saidLonger && isOver(openMs, policy.openAlertSeconds)) {
      facts.push({ kind: 'open_longer', openMs });
      opening = { ...opening, saidLonger: true };
    }
  }
  if (faulty !== null && now - faulty.lastAt >= FLAPS_WITHIN_MS) {
    facts.push({ kind: 'switch_steady', openings: faulty.openings });
    faulty = null;
  }
  return { memory: { ...before, pulses, opening, faulty }, facts };
}

const isOver = (openMs: number, seconds: number): boolean => seconds > 0 && openMs >= seconds * 1000;

/** When a tick is needed next, monotonic ms; null: only an event can change anything. */
export function dueAt({ opening, faulty }: DrawerMemory, policy: DrawerPolicy): number | null {
  const due: number[] = [];
  if (faulty !== null) due.push(faulty.lastAt + FLAPS_WITHIN_MS);
  if (opening !== null && opening.shutAt !== null) due.push(opening.shutAt + BOUNCE_MS);
  else if (opening !== null && faulty === null) {
    const { openLongSeconds, openAlertSeconds } = policy;
    if (!opening.saidLong && openLongSeconds > 0) due.push(opening.at + openLongSeconds * 1000);
    if (!opening.saidLonger && openAlertSeconds > 0) due.push(opening.at + openAlertSeconds * 1000);
  }
  return due.length === 0 ? null : Math.min(...due);
}

/** The memory of a till that starts again: an opening that was on record stays one, and an unanswered pulse may explain one. */
export function rememberedMemory(
  open: { readonly grantId: string | null } | null,
  unansweredGrants: readonly string[],
  now: number,
): DrawerMemory {
  const explainsUntil = now + UNCONFIRMED_MS;
  return {
    ...FIRST_MEMORY,
    lostAt: now,
    opening:
      open === null
        ? null
        : { at: now, grantId: open.grantId, shutAt: null, saidLong: false, saidLonger: false },
    pulses: unansweredGrants.map((grantId) => ({
      ...{ grantId, at: now, inFlight: false, explainsUntil, foundOpen: false },
    })),
  };
}
