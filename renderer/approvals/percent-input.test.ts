import { expect, test } from 'vitest';
import {
  fractionMark,
  percentField,
  percentText,
  readPercent,
  toggleHalf,
  typedPercent,
} from './percent-input.ts';

test.each([
  ['12', 1200],
  ['12,5', 1250],
  ['12.5 %', 1250],
  ['12.50', 1250],
  ['12,', 1200],
  ['0,5', 50],
  ['100', 10_000],
])('%s is %i basis points', (text, basisPoints) => {
  expect(readPercent(text)).toEqual({ ok: true, basisPoints });
});

test.each([
  ['', 'empty'],
  ['abc', 'shape'],
  ['-5', 'shape'],
  ['1.2.5', 'shape'],
  ['12,3', 'half'],
  ['12,500', 'half'],
  ['0', 'range'],
  ['100,5', 'range'],
  ['999', 'range'],
])('%s is refused: %s', (text, problem) => {
  expect(readPercent(text)).toEqual({ ok: false, problem });
});

test('a threshold may be 0', () => {
  expect(readPercent('0', 0)).toEqual({ ok: true, basisPoints: 0 });
});

test('only digits and one mark stay in the field', () => {
  expect(['12', '12,5', '12,5,5', 'a1b2', '1234', '12.555', '%'].map(typedPercent)).toEqual([
    '12',
    '12,5',
    '12,55',
    '12',
    '123',
    '12.55',
    '',
  ]);
});

test('half a percent on and off', () => {
  expect(toggleHalf('12', ',')).toBe('12,5');
  expect(toggleHalf('12,5', ',')).toBe('12');
  expect(toggleHalf('', '.')).toBe('0.5');
});

test('written as the language does', () => {
  expect(percentText(1250, 'id')).toMatch(/^12,5\s?%$/);
  expect(percentText(1000, 'en')).toBe('10%');
  expect(percentText(1250, 'tr')).toBe('%12,5');
  expect([1250, 1200, 0, 10_000, 1205].map((points) => percentField(points, ','))).toEqual([
    '12,5',
    '12',
    '0',
    '100',
    '12,05',
  ]);
  expect([fractionMark('id'), fractionMark('en')]).toEqual([',', '.']);
});
