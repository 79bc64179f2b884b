import { expect, test } from 'vitest';
import { type Dots, dithered, isBlack, type Pixels } from './dots.ts';

function grey(width: number, height: number, level: (x: number, y: number) => number, alpha = 255): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data.set([level(x, y), level(x, y), level(x, y), alpha], (y * width + x) * 4);
    }
  }
  return { data, width, height };
}

function inkOf(dots: Dots, width: number): number {
  let ink = 0;
  for (let y = 0; y < dots.rows; y += 1)
    for (let x = 0; x < width; x += 1) ink += isBlack(dots, x, y) ? 1 : 0;
  return ink;
}

test('black and white stays as it is, dot for dot', () => {
  const checkered = (x: number, y: number) => ((x + y) % 3 === 0 ? 0 : 255);
  const dots = dithered(grey(13, 5, checkered));
  expect([dots.bytesPerRow, dots.rows]).toEqual([2, 5]);
  for (let y = 0; y < 5; y += 1) {
    for (let x = 0; x < 13; x += 1) expect(isBlack(dots, x, y)).toBe(checkered(x, y) === 0);
  }
});

test.each([
  [64, 0.75],
  [128, 0.5],
  [224, 0.12],
])('grey %i becomes that share of ink', (level, share) => {
  const ink = inkOf(dithered(grey(64, 64, () => level)), 64) / (64 * 64);
  expect(Math.abs(ink - share)).toBeLessThan(0.02);
});

test('what is transparent is paper', () => {
  expect(inkOf(dithered(grey(8, 8, () => 0, 0)), 8)).toBe(0);
});
