import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeliveryState } from '../../shared/delivery.ts';
import { applyStatus, DELIVERY_CHAIN } from './delivery-state.ts';

const state = fc.constantFrom(...DELIVERY_CHAIN);
const fold = (states: DeliveryState[]): DeliveryState => states.reduce(applyStatus, 'queued');

test.each([
  ['queued', 'accepted', 'accepted'],
  ['accepted', 'sent', 'sent'],
  ['sent', 'delivered', 'delivered'],
  ['delivered', 'read', 'read'],
  // Out of order and repeated: never back.
  ['read', 'delivered', 'read'],
  ['delivered', 'sent', 'delivered'],
  ['sent', 'accepted', 'sent'],
  ['sent', 'sent', 'sent'],
  // Read without delivered is legal.
  ['sent', 'read', 'read'],
  // Failure: from anywhere before the phone; it never takes back a delivery, a delivery takes it back.
  ['queued', 'failed', 'failed'],
  ['sent', 'failed', 'failed'],
  ['failed', 'sent', 'failed'],
  ['delivered', 'failed', 'delivered'],
  ['read', 'failed', 'read'],
  ['failed', 'delivered', 'delivered'],
] as const)('%s, then %s: %s', (current, incoming, expected) => {
  expect(applyStatus(current, incoming)).toBe(expected);
});

test('every order and repetition of the same statuses ends in the same state', () => {
  fc.assert(
    fc.property(
      fc.array(state, { minLength: 1, maxLength: 8 }).chain((states) =>
        fc.tuple(
          fc.constant(states),
          // A shuffle of all of them, mixed with repeats of some.
          fc.shuffledSubarray(states, { minLength: states.length }),
          fc.array(fc.constantFrom(...states), { maxLength: 8 }),
        ),
      ),
      ([states, shuffled, repeats]) => {
        const end = fold(states);
        expect(fold([...shuffled, ...repeats])).toBe(end);
        expect(fold([...repeats, ...shuffled])).toBe(end);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('no status moves a message back', () => {
  fc.assert(
    fc.property(state, state, (current, incoming) => {
      const next = applyStatus(current, incoming);
      expect(DELIVERY_CHAIN.indexOf(next)).toBeGreaterThanOrEqual(DELIVERY_CHAIN.indexOf(current));
      expect([current, incoming]).toContain(next);
    }),
  );
});
