import { expect, test } from 'vitest';
import { clockText, isSpoken, remainingMs, wholeSeconds } from './countdown.ts';

test('counts from the arrival of the view, on the screen clock', () => {
  expect(remainingMs(300_000, 1_000, 1_000)).toBe(300_000);
  expect(remainingMs(300_000, 1_000, 61_000)).toBe(240_000);
});

test('never below zero, and never up', () => {
  expect(remainingMs(5_000, 0, 9_000)).toBe(0);
  expect(remainingMs(-40, 0, 0)).toBe(0);
  expect(remainingMs(5_000, 100, 50)).toBe(5_000);
});

test('shows 0 only when it is over', () => {
  expect(wholeSeconds(1)).toBe(1);
  expect(wholeSeconds(1_000)).toBe(1);
  expect(wholeSeconds(1_001)).toBe(2);
  expect(wholeSeconds(0)).toBe(0);
});

test('as people read a clock', () => {
  expect([0, 9, 60, 65, 3_600].map(clockText)).toEqual(['0:00', '0:09', '1:00', '1:05', '60:00']);
});

test('speaks at one minute, half a minute and ten seconds', () => {
  expect([61, 60, 59, 30, 11, 10, 0].filter(isSpoken)).toEqual([60, 30, 10]);
});
