import { expect, test } from 'vitest';
import { drawPicture, drawTextLine, pictureBands, type Raster } from './raster.ts';
import type { SlipTextLine } from './slip.ts';
import { starLineRaster } from './starprnt/raster.ts';

const line = (text: string, style: Partial<SlipTextLine> = {}): SlipTextLine => ({
  kind: 'line',
  indent: 0,
  text,
  bold: false,
  invert: false,
  size: 1,
  ...style,
});

/** Columns that hold ink. */
function inkOf({ bytesPerRow, rows, data }: Raster): { first: number; last: number; dots: number } {
  const xs: number[] = [];
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < bytesPerRow * 8; x += 1) {
      if (((data[y * bytesPerRow + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0) xs.push(x);
    }
  }
  return { first: Math.min(...xs), last: Math.max(...xs), dots: xs.length };
}

test('left to right starts at the left edge, right to left ends at the right edge', () => {
  const japanese = drawTextLine(line('日本'), 32);
  expect([japanese.bytesPerRow * 8, japanese.rows]).toEqual([384, 24]);
  expect(inkOf(japanese).first).toBeLessThan(8);
  expect(inkOf(japanese).last).toBeLessThan(50);
  const arabic = inkOf(drawTextLine(line('سوبرماركت'), 32));
  expect(arabic.last).toBeGreaterThan(375);
  expect(arabic.first).toBeGreaterThan(200);
});

test('size, bold, invert and indent are honoured', () => {
  const plain = inkOf(drawTextLine(line('日本'), 32));
  expect(drawTextLine(line('日本', { size: 2 }), 32).rows).toBe(48);
  expect(inkOf(drawTextLine(line('日本', { size: 2 }), 32)).last).toBeGreaterThan(80);
  expect(inkOf(drawTextLine(line('日本', { bold: true }), 32)).dots).toBeGreaterThan(plain.dots);
  expect(inkOf(drawTextLine(line('日本', { indent: 10 }), 32)).first).toBe(plain.first + 120);
  expect(inkOf(drawTextLine(line('日本', { invert: true }), 32)).dots).toBeGreaterThan(24 * 24);
});

test('the right part of a row ends at the right edge, however wide its left part is drawn', () => {
  const row = line('ร้านค้า      Rp 1', { right: 'Rp 1' });
  expect(inkOf(drawTextLine(row, 32)).last).toBeGreaterThan(372);
});

test('Star Line takes the same dots column by column', () => {
  const raster = drawTextLine(line('日本'), 32);
  const bytes = starLineRaster(raster);
  expect([...bytes.slice(0, 6)]).toEqual([0x1b, 0x30, 0x1b, 0x58, 384 & 0xff, 384 >> 8]);
  expect([...bytes.slice(6 + 384 * 3)]).toEqual([0x0a, 0x1b, 0x7a, 0x01]);
  for (let x = 0; x < 384; x += 1) {
    for (let y = 0; y < 24; y += 1) {
      const column = ((bytes[6 + x * 3 + (y >> 3)] ?? 0) >> (7 - (y & 7))) & 1;
      const row = ((raster.data[y * raster.bytesPerRow + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
      expect(column).toBe(row);
    }
  }
});

test('a logo that cannot be drawn is left out: nothing is thrown, and the rest is printed', () => {
  const picture = { kind: 'image', png: 'AAAA', align: 'center', width: 8, height: 2 } as const;
  const white = drawPicture(picture);
  expect(white === null ? null : [...white.data]).toEqual([0, 0]);
  const none = { ...picture, width: 0 };
  expect(drawPicture(none)).toBeNull();
  expect(pictureBands(none, 32)).toEqual([]);
});
