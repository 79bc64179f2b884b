import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_DRAWER } from '../../shared/drawer-policy.ts';
import {
  BOUNCE_MS,
  type DrawerEvent,
  type DrawerFact,
  drawerStep,
  dueAt,
  FIRST_MEMORY,
  rememberedMemory,
} from './drawer-rules.ts';

/** Between happenings: within the window of a grant. After a hand so long that no switch is taken for a broken one. */
const STEP_MS = 1_000;
const HAND_MS = 15_000;
const WINDOW_MS = DEFAULT_DRAWER.grantWindowSeconds * 1000;

/** What may happen at a till's drawer; each acts on the real drawer and on what the till can see. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('grant' as const),
      afterMs: fc.integer({ min: 0, max: WINDOW_MS }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('hand' as const) }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('shut' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('unplug' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('plug' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const) }) },
);

test('an opening without a grant is recorded exactly once, one with a grant never', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      let now = 0;
      let memory = FIRST_MEMORY;
      const facts: DrawerFact[] = [];
      const feed = (event: DrawerEvent) => {
        const step = drawerStep(memory, event, now, DEFAULT_DRAWER);
        memory = step.memory;
        facts.push(...step.facts);
      };
      const wait = (ms: number) => {
        const until = now + ms;
        for (;;) {
          const due = dueAt(memory, DEFAULT_DRAWER);
          if (due === null || due > until) break;
          now = Math.max(now, due);
          feed({ kind: 'tick' });
        }
        now = until;
      };
      let isOpen = false;
      let plugged = true;
      /** As the till knows it: what it saw last, and by which grant it opened. */
      let knownOpen = false;
      let openedBy: string | null = null;
      const expected: (string | null)[] = [];
      const look = () => {
        if (!plugged) return;
        feed({ kind: 'switch', position: isOpen ? 'open' : 'closed' });
        if (isOpen && !knownOpen) expected.push(openedBy);
        knownOpen = isOpen;
      };
      look();
      for (const [index, one] of happenings.entries()) {
        wait(STEP_MS);
        if (one.does === 'grant' && plugged && !isOpen) {
          const grantId = `g${index}`;
          feed({ kind: 'pulse', grantId });
          wait(one.afterMs);
          isOpen = true;
          openedBy = grantId;
          look();
          feed({ kind: 'pulse_over', grantId, outcome: 'confirmed' });
        } else if (one.does === 'hand' && !isOpen) {
          isOpen = true;
          openedBy = null;
          look();
          wait(HAND_MS);
        } else if (one.does === 'shut') {
          isOpen = false;
          look();
          wait(BOUNCE_MS);
        } else if (one.does === 'unplug') {
          plugged = false;
          feed({ kind: 'switch', position: 'unknown' });
        } else if (one.does === 'plug' && !plugged) {
          plugged = true;
          look();
        } else if (one.does === 'restart') {
          // A shut drawer's opening is off the record by now, whatever the till could see.
          memory = rememberedMemory(knownOpen ? { grantId: openedBy } : null, [], now);
          look();
        }
      }
      wait(STEP_MS);
      const opened = facts.flatMap((fact) => (fact.kind === 'opened' ? [fact.grantId] : []));
      expect(opened).toEqual(expected);
      expect(facts.some(({ kind }) => kind === 'switch_faulty')).toBe(false);
    }),
    { numRuns: 500 },
  );
});
