import { expect, it } from 'vitest';
import { countOf, EMPTY_SHIFT, pieceDigits } from './count-draft.ts';

const NOTES = [100_000, 50_000, 500];

it('a sum is what was typed; zero is a count, nothing is none', () => {
  expect(countOf({ ...EMPTY_SHIFT, digits: '525000' }, NOTES)).toEqual({ sum: 525_000, pieces: null });
  expect(countOf({ ...EMPTY_SHIFT, digits: '0' }, NOTES)).toEqual({ sum: 0, pieces: null });
  expect(countOf(EMPTY_SHIFT, NOTES)).toBeNull();
  expect(countOf({ ...EMPTY_SHIFT, digits: '9'.repeat(17) }, NOTES)).toBeNull();
});

it('pieces come to their sum, largest first, those alone that were typed', () => {
  const draft = {
    ...EMPTY_SHIFT,
    how: 'pieces' as const,
    digits: '7',
    pieces: { 500: '3', 100000: '5', 50000: '' },
  };
  expect(countOf(draft, NOTES)).toEqual({
    sum: 501_500,
    pieces: [
      { value: 100_000, count: 5 },
      { value: 500, count: 3 },
    ],
  });
  expect(countOf({ ...draft, pieces: {} }, NOTES)).toBeNull();
});

it('a field for pieces takes a bounded number and nothing else', () => {
  expect(['007', '1a2', '0', '1234567', '-3', ''].map(pieceDigits)).toEqual([
    '7',
    '12',
    '0',
    '12345',
    '3',
    '',
  ]);
});
