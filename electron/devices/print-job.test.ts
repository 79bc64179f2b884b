import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EndMark, nextEndMark, settlingMark, valuesOf } from './print-job.ts';

const counter = fc.integer({ min: 0, max: 31 });

test('the end of a slip is never 0, which a printer also says after it was switched on', () => {
  for (let from = 0; from < 32; from += 1) {
    const mark = nextEndMark(1, from);
    expect(mark.to).not.toBe(0);
    expect((from + mark.count) % 32).toBe(mark.to);
    expect(mark.count).toBeLessThanOrEqual(2);
  }
});

test('what settles can be shown neither now nor by what is left over, and is reached from a cleared counter', () => {
  fc.assert(
    fc.property(counter, fc.uniqueArray(counter, { maxLength: 29 }), (now, leftover) => {
      const mark = settlingMark(1, now, new Set(leftover)) as EndMark;
      expect(leftover).not.toContain(mark.to);
      expect(mark.to).not.toBe(now);
      expect(valuesOf(mark)).toEqual(Array.from({ length: mark.to }, (_, index) => index + 1));
    }),
  );
  expect(settlingMark(1, 0, new Set(Array.from({ length: 32 }, (_, value) => value)))).toBeNull();
});
