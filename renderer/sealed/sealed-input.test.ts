import { describe, expect, test } from 'vitest';
import { groupedCode, pastedCode, typedCode } from './sealed-input.ts';

describe('typing a sealed code', () => {
  test('small letters, dashes and spaces do not matter', () => {
    expect(typedCode('k7qm-3x w9')).toEqual({ code: 'K7QM3XW9', odd: null });
  });

  test('O is 0, I and L are 1', () => {
    expect(typedCode('oil')).toEqual({ code: '011', odd: null });
  });

  test('a letter that no code has is left out and named', () => {
    expect(typedCode('K7U')).toEqual({ code: 'K7', odd: 'U' });
    expect(typedCode('K7?')).toEqual({ code: 'K7', odd: '?' });
  });

  test('what is too much is cut', () => {
    expect(typedCode('K7QM-3XW9A').code).toBe('K7QM3XW9');
  });
});

describe('pasting', () => {
  test.each([
    ['K7QM-3XW9', 'K7QM3XW9'],
    [' k7qm 3xw9\n', 'K7QM3XW9'],
    ['Kode luring: K7QM-3XW9.', 'K7QM3XW9'],
  ])('%j', (text, code) => expect(pastedCode(text)).toBe(code));

  test.each(['', 'K7QM', 'K7QM-3XW9 atau AB12-CD34', 'K7QM-3XWU'])('%j is none', (text) =>
    expect(pastedCode(text)).toBeNull(),
  );
});

test('a code is shown in two groups', () => {
  expect([groupedCode('K7QM'), groupedCode('K7QM3'), groupedCode('K7QM3XW9')]).toEqual([
    'K7QM',
    'K7QM-3',
    'K7QM-3XW9',
  ]);
});
