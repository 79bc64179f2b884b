import { expect, test } from 'vitest';
import { codePageOf, codePageRuns, toPrintable } from './printable.ts';

test.each([
  ['Şişli Çiğ', 'Şişli Çiğ', 0],
  ['Rp\u00a050.000', 'Rp 50.000', 0],
  ['₺12,50', 'TL12,50', 0],
  ['a\u200bb\x07c\u202ed', 'abcd', 0], // invisible marks and control codes vanish
  ['e\u0301', 'é', 0], // composed first
  ['Nguyễn', 'Nguyen', 0],
  ['a\tb\nc', 'a b c', 0],
  ['日本', '??', 2],
  ['←', '?', 1],
])('%j prints as %j', (text, printed, replaced) => {
  expect(toPrintable(text)).toEqual({ text: printed, replaced });
});

test('a character is sent only in a code page that gives it a byte from 20 up', () => {
  expect(codePageOf('•', 'cp857')).toBe('windows1252'); // 07 in cp857
  expect(codePageOf('§', 'cp857')).toBe('windows1252'); // 15 in cp857
  expect(codePageOf('ş')).toBe('cp857');
  expect(codePageOf('\x1b')).toBeNull();
});

test('a run changes the code page only where it must', () => {
  expect(codePageRuns('aşbö•')).toEqual([
    { page: 'windows1252', text: 'a' },
    { page: 'cp857', text: 'şbö' },
    { page: 'windows1252', text: '•' },
  ]);
  expect(() => codePageRuns('日')).toThrow(RangeError);
});
