import { expect, test } from 'vitest';
import { dateText, dayOf, dayOfText } from './day.ts';

const NOON = new Date(2026, 10, 24, 12, 30).getTime();

test('a day goes from its midnight to the next one', () => {
  expect(dayOf(NOON)).toEqual({
    from: new Date(2026, 10, 24).getTime(),
    to: new Date(2026, 10, 25).getTime(),
  });
});

test('days before and after, over the end of a month', () => {
  expect(dateText(dayOf(NOON, -24))).toBe('2026-10-31');
  expect(dateText(dayOf(NOON, 7))).toBe('2026-12-01');
});

test('a date field and back', () => {
  expect(dayOfText('2026-11-24')).toEqual(dayOf(NOON));
  expect(dayOfText('')).toBeNull();
});
