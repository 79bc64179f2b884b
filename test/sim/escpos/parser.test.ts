import { expect, test } from 'vitest';
import { EscPosCommandParser } from './parser.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['a module narrower than the printer has', '\x1dw\x01'],
  ['a module wider than the printer has', '\x1dw\x07'],
  ['a barcode of no height', '\x1dh\x00'],
  ['a place for the text that does not exist', '\x1dH\x04'],
  ['a barcode without its code set', '\x1dkI\x02AB'],
  ['a brace that begins no code', '\x1dkI\x05{BA{1'],
  ['a pulse of no length', '\x1bp\x00\x00\x64'],
  ['a code page that no till needs', '\x1bt\x05'],
  ['a process id that is no text', '\x1d(H\x06\x000012\x013'],
  ['raster of no rows', '\x1dv0\x00\x01\x00\x00\x00'],
  ["Star's cut", '\x1bd1'],
])('refuses %s', (_, input) => {
  const parser = new EscPosCommandParser();
  parser.push(bytes(input));
  expect(parser.errors).toHaveLength(1);
});

test("a barcode's settings stay until the next ones", () => {
  const parser = new EscPosCommandParser();
  const found = parser.push(bytes('\x1dw\x02\x1dh\x3c\x1dH\x02\x1dkI\x04{BA1\x1dw\x03\x1dkI\x04{BA2'));
  const barcodes = found.flatMap(({ command }) => (command.kind === 'barcode' ? [command] : []));
  expect(barcodes).toMatchObject([
    { data: 'A1', width: 2, height: 60, text: true },
    { data: 'A2', width: 3, height: 60, text: true },
  ]);
  expect(parser.errors).toEqual([]);
});
