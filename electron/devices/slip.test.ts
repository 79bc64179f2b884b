import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOutSlip, type SlipElement, wrapWords } from './slip.ts';

const lines = (elements: SlipElement[], columns = 32) =>
  layOutSlip({ elements }, columns).flatMap((line) =>
    line.kind === 'line' ? [' '.repeat(line.indent) + line.text] : [],
  );

test('words wrap; a word longer than the line is broken, nothing is lost', () => {
  expect(wrapWords('one two  three', 7)).toEqual(['one two', 'three']);
  expect(wrapWords('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
  expect(wrapWords('', 10)).toEqual(['']);
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 48 }), (text, width) => {
      const wrapped = wrapWords(text, width);
      expect(wrapped.every((line) => line.length <= width)).toBe(true);
      expect(wrapped.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});

test('the right part of a row ends at the edge, on its own line when both do not fit', () => {
  expect(lines([{ kind: 'row', left: 'Saldo', right: 'Rp 1' }], 12)).toEqual(['Saldo   Rp 1']);
  expect(lines([{ kind: 'row', left: 'Deposit dipakai', right: 'Rp 1' }], 18)).toEqual([
    'Deposit dipakai',
    '              Rp 1',
  ]);
  expect(lines([{ kind: 'row', left: '', right: 'Rp 1' }], 8)).toEqual(['    Rp 1']);
  // One blank between the parts is enough, none is not.
  expect(lines([{ kind: 'row', left: 'abc', right: 'def' }], 7)).toEqual(['abc def']);
  expect(lines([{ kind: 'row', left: 'abc', right: 'def' }], 6)).toEqual(['abc', '   def']);
});

test('double size halves the columns', () => {
  expect(lines([{ kind: 'text', text: 'abc def', size: 2, align: 'center' }], 10)).toEqual([' abc', ' def']);
});

test('a slip ends with one cut', () => {
  expect(layOutSlip({ elements: [] }, 32)).toEqual([{ kind: 'cut' }]);
  expect(layOutSlip({ elements: [{ kind: 'cut' }] }, 32)).toEqual([{ kind: 'cut' }]);
});
