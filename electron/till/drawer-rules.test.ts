import { describe, expect, test } from 'vitest';
import { DEFAULT_DRAWER } from '../../shared/drawer-policy.ts';
import {
  BOUNCE_MS,
  type DrawerEvent,
  type DrawerFact,
  drawerStep,
  dueAt,
  FIRST_MEMORY,
  FLAPS_MAX,
  rememberedMemory,
  UNCONFIRMED_MS,
} from './drawer-rules.ts';

const POLICY = { ...DEFAULT_DRAWER, openAlertSeconds: 300 };
const pulse = (grantId = 'g1'): DrawerEvent => ({ kind: 'pulse', grantId });
const over = (
  outcome: 'confirmed' | 'unconfirmed' | 'not_sent' = 'confirmed',
  grantId = 'g1',
): DrawerEvent => ({
  ...{ kind: 'pulse_over', grantId, outcome },
});
const reads = (position: 'open' | 'closed' | 'unknown'): DrawerEvent => ({ kind: 'switch', position });

/** A drawer on a clock that stands still; starts shut and seen. */
function drawer(memory = FIRST_MEMORY) {
  let now = 0;
  let state = memory;
  const facts: DrawerFact[] = [];
  const feed = (event: DrawerEvent) => {
    const step = drawerStep(state, event, now, POLICY);
    state = step.memory;
    facts.push(...step.facts);
  };
  return {
    feed: (...events: DrawerEvent[]) => events.forEach(feed),
    /** As the till does: a tick whenever one falls due. */
    wait(ms: number) {
      const until = now + ms;
      for (let due = dueAt(state, POLICY); due !== null && due <= until; due = dueAt(state, POLICY)) {
        now = due;
        feed({ kind: 'tick' });
      }
      now = until;
    },
    take: () => facts.splice(0),
  };
}
function shut() {
  const one = drawer();
  one.feed(reads('closed'));
  return one;
}
const unexplained = (seen = 'watched') => ({ kind: 'opened', grantId: null, seen });
const explained = (seen = 'watched', grantId = 'g1') => ({ kind: 'opened', grantId, seen });

describe('an opening', () => {
  test('by a grant whose pulse is still in flight is explained', () => {
    const one = shut();
    one.feed(pulse(), reads('open'), over());
    expect(one.take()).toEqual([explained()]);
  });

  test('by a key, during a sale whose grant has opened the drawer once, is not', () => {
    const one = shut();
    one.feed(pulse(), reads('open'), over());
    one.wait(2_000);
    one.feed(reads('closed'));
    one.wait(1_000);
    one.feed(reads('open'));
    expect(one.take()).toEqual([explained(), { kind: 'closed', openMs: 2_000, exact: true }, unexplained()]);
  });

  test('without a grant is told with how long it lasted', () => {
    const one = shut();
    one.feed(reads('open'));
    one.wait(7_000);
    one.feed(reads('closed'));
    one.wait(BOUNCE_MS);
    expect(one.take()).toEqual([unexplained(), { kind: 'closed', openMs: 7_000, exact: true }]);
  });

  test('after the window of a pulse that the drawer answered is not explained', () => {
    const one = shut();
    one.feed(reads('open'), pulse(), over());
    one.take();
    one.wait(500);
    one.feed(reads('closed'));
    one.wait(9_501);
    one.feed(reads('open'));
    expect(one.take().at(-1)).toEqual(unexplained());
  });

  test('by a pulse that the printer carried out late, behind a slip without paper, is explained', () => {
    const one = shut();
    one.feed(pulse(), over('unconfirmed'));
    one.wait(UNCONFIRMED_MS);
    one.feed(reads('open'));
    expect(one.take()).toEqual([explained()]);
  });

  test('long after an unconfirmed pulse is not', () => {
    const one = shut();
    one.feed(pulse(), over('unconfirmed'));
    one.wait(UNCONFIRMED_MS + 1);
    one.feed(reads('open'));
    expect(one.take()).toEqual([unexplained()]);
  });

  test('is not explained by a pulse that never left', () => {
    const one = shut();
    one.feed(pulse(), over('not_sent'), reads('open'));
    expect(one.take()).toEqual([unexplained()]);
  });
});

describe('a switch that nobody can read', () => {
  test('the till starts while the drawer is open', () => {
    const one = drawer();
    one.feed(reads('open'));
    expect(one.take()).toEqual([unexplained('at_start')]);
  });

  test('an opening that was on record before the restart is no second one', () => {
    const one = drawer(rememberedMemory({ grantId: null }, [], 0));
    one.feed(reads('open'));
    expect(one.take()).toEqual([]);
    one.wait(1_000);
    one.feed(reads('closed'));
    one.wait(BOUNCE_MS);
    expect(one.take()).toEqual([{ kind: 'closed', openMs: 1_000, exact: true }]);
  });

  test('a pulse that the crash cut off explains the drawer that is found open', () => {
    const one = drawer(rememberedMemory(null, ['g1'], 0));
    one.wait(UNCONFIRMED_MS * 3);
    one.feed(reads('open'));
    expect(one.take()).toEqual([explained('at_start')]);
  });

  test('the printer is unplugged and comes back with the drawer open', () => {
    const one = shut();
    one.feed(reads('unknown'));
    one.wait(60_000);
    one.feed(reads('open'));
    expect(one.take()).toEqual([unexplained('after_gap')]);
  });

  test('the status is lost with the pulse on its way: it explains what is found', () => {
    const one = shut();
    one.feed(pulse(), reads('unknown'), over('unconfirmed'));
    one.wait(UNCONFIRMED_MS * 2);
    one.feed(reads('open'));
    expect(one.take()).toEqual([explained('after_gap')]);
  });

  test('the status is lost in between and found as before: nothing happened', () => {
    const one = shut();
    one.feed(pulse(), reads('open'), over());
    one.take();
    one.feed(reads('unknown'));
    one.wait(5_000);
    one.feed(reads('open'));
    expect(one.take()).toEqual([]);
    one.feed(reads('unknown'));
    one.wait(5_000);
    one.feed(reads('closed'));
    expect(one.take()).toEqual([{ kind: 'closed', openMs: 10_000, exact: false }]);
  });
});

describe('a switch that is broken', () => {
  test('a bounce of the contact is no second opening', () => {
    const one = shut();
    one.feed(reads('open'));
    one.wait(50);
    one.feed(reads('closed'));
    one.wait(BOUNCE_MS - 1);
    one.feed(reads('open'));
    one.wait(1_000);
    expect(one.take()).toEqual([unexplained()]);
  });

  test('a flapping one is said once, counted, and trusted again after a quiet minute', () => {
    const one = shut();
    for (let flap = 0; flap < 20; flap += 1) {
      one.feed(reads('open'));
      one.wait(500);
      one.feed(reads('closed'));
      one.wait(500);
    }
    const facts = one.take();
    expect(facts.filter(({ kind }) => kind === 'opened')).toHaveLength(FLAPS_MAX);
    expect(facts.filter(({ kind }) => kind === 'switch_faulty')).toHaveLength(1);
    one.wait(60_000);
    expect(one.take()).toEqual([{ kind: 'switch_steady', openings: 15 }]);
    one.feed(reads('open'));
    expect(one.take()).toEqual([unexplained()]);
  });

  test('polarity wrong: open all the time is one notice, and a pulse that "closes" it says why', () => {
    const one = drawer();
    one.feed(reads('open'));
    one.wait(3_600_000);
    expect(one.take().map(({ kind }) => kind)).toEqual(['opened', 'open_long', 'open_longer']);
    one.feed(pulse());
    one.wait(100);
    one.feed(reads('closed'), over('unconfirmed'));
    one.wait(1_000);
    one.feed(reads('open'));
    expect(one.take().map(({ kind }) => kind)).toEqual(['switch_inverted', 'closed', 'opened']);
  });
});

describe('a drawer that stands open', () => {
  test('is said at each threshold once', () => {
    const one = shut();
    one.feed(pulse(), reads('open'), over());
    one.wait(59_999);
    expect(one.take()).toEqual([explained()]);
    one.wait(1_000_000);
    expect(one.take()).toEqual([
      { kind: 'open_long', openMs: 60_000 },
      { kind: 'open_longer', openMs: 300_000 },
    ]);
  });

  test('is not said where policy has it off', () => {
    const off = { ...POLICY, openLongSeconds: 0, openAlertSeconds: 0 };
    const { memory } = drawerStep(FIRST_MEMORY, reads('open'), 0, off);
    expect(dueAt(memory, off)).toBeNull();
    expect(drawerStep(memory, { kind: 'tick' }, 10_000_000, off).facts).toEqual([]);
  });
});
