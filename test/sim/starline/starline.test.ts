import { describe, expect, test } from 'vitest';
import { Paper, slipText } from '../mpop/paper.ts';
import { StarLineParser } from './parser.ts';

const bytes = (...parts: (string | readonly number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [...part])),
  );

/** An image of this many columns, each with its topmost and its lowest dot. */
const image = (columns: number) =>
  bytes(
    '\x1bX',
    [columns & 0xff, columns >> 8],
    Array.from({ length: columns }, () => [0x80, 0, 0x01]).flat(),
  );

function print(columns: number, ...parts: Uint8Array[]) {
  const parser = new StarLineParser();
  const paper = new Paper(columns);
  for (const { command } of parts.flatMap((part) => parser.push(part))) paper.apply(command);
  return { paper, parser };
}

describe('the parser', () => {
  test.each([
    ['raster, which StarPRNT alone has', bytes('\x1b\x1dS\x01\x01\x00\x01\x00\x00\xff')],
    ['raster in ESC/POS', bytes('\x1dv0\x00\x01\x00\x01\x00\xff')],
    ['an image of no width', bytes('\x1bX\x00\x00')],
    ['an image wider than any paper', bytes('\x1bX\x41\x02')],
    ['a line spacing that does not exist', bytes('\x1bz\x02')],
    ['ESC/POS cut', bytes('\x1dV\x01')],
    ['ESC/POS drawer pulse', bytes('\x1bp\x00\x64\x64')],
    ['a Code 128 mode that does not exist', bytes('\x1bb\x06\x02\x04\x3cAB\x1e')],
    ['a percent sign that begins no code', bytes('\x1bb\x06\x02\x01\x3c5%\x1e')],
    ['a function code in a barcode', bytes('\x1bb\x06\x02\x01\x3c5%1\x1e')],
  ])('refuses %s', (_, input) => {
    const parser = new StarLineParser();
    parser.push(input);
    expect(parser.errors.length).toBeGreaterThan(0);
  });

  test('reads the same commands however the bytes are cut up', () => {
    const stream = bytes('\x1b@\x1b0', [...image(30)], '\n\x1bz1A\n\x1bb\x06\x02\x01\x3c5%0\x1e\x1a\x17');
    const whole = new StarLineParser().push(stream);
    expect(whole.map(({ command }) => command.kind)).toEqual([
      'initialise',
      'line_spacing',
      'bit_image',
      'line_feed',
      'line_spacing',
      'text',
      'line_feed',
      'barcode',
      'pulse',
      'end_mark',
    ]);
    expect(whole[7]?.command).toMatchObject({ data: '5%', width: 2, height: 60, text: true });
    const parser = new StarLineParser();
    expect([...stream].flatMap((byte) => parser.push(Uint8Array.of(byte)))).toEqual(whole);
    expect([...parser.errors, parser.pendingBytes]).toEqual([0]);
  });
});

describe('an image on paper', () => {
  test('stands column by column where its bits say, and a row has whole bytes', () => {
    const { paper } = print(
      32,
      bytes('\x1b0\x1bX\x0a\x00', [0x80, 0, 0x01], new Array(27).fill(0)),
      bytes('\n\x1bd\x01'),
    );
    const [dots] = paper.slips[0]?.elements ?? [];
    const data = new Uint8Array(48);
    data[0] = 0x80; // row 0, column 0
    data[46] = 0x80; // row 23, column 0
    expect(dots).toEqual({ kind: 'raster', bytesPerRow: 2, rows: 24, data });
    expect(paper.errors).toEqual([]);
  });

  test('leaves a gap where the line feed is longer than the image', () => {
    const tight = print(32, bytes('\x1b0'), image(384), bytes('\n'), image(384), bytes('\n\x1bd\x01'));
    expect(slipText(tight.paper.slips[0]?.elements ?? [])).toEqual(['[DOTS 384x24]', '[DOTS 384x24]']);
    const apart = print(32, image(384), bytes('\n\x1bd\x01'));
    expect(slipText(apart.paper.slips[0]?.elements ?? [])).toEqual(['[DOTS 384x32]']);
    expect(apart.paper.feedOf({ kind: 'line_feed' })).toBe(4);
    expect(tight.paper.feedOf({ kind: 'line_feed' })).toBe(3);
  });

  test.each([
    ['wider than the paper', [image(385), bytes('\n')]],
    ['beside text', [bytes('A'), image(8), bytes('\n')]],
    ['before text on its line', [image(8), bytes('A\n')]],
    ['on top of another', [image(8), image(8), bytes('\n')]],
  ])('%s is an error', (_, parts) => {
    expect(print(32, ...parts).paper.errors).not.toEqual([]);
  });
});
