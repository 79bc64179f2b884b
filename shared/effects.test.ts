import { expect, it } from 'vitest';
import { systemRandom } from './effects.ts';

it('never hands out the same random bytes twice, small or large, across the edge of its pool', () => {
  const seen = new Set<string>();
  const sizes = [16, 12, 10, 64, 65, 16];
  for (let index = 0; index < 3_000; index += 1) {
    const size = sizes[index % sizes.length] ?? 16;
    const bytes = systemRandom.bytes(size);
    expect(bytes).toHaveLength(size);
    expect(bytes.every((byte) => byte === 0)).toBe(false);
    seen.add(Buffer.from(bytes).toString('hex').slice(0, 20));
  }
  expect(seen.size).toBe(3_000);
});

it('keeps to itself what it handed out', () => {
  const first = systemRandom.bytes(16);
  const copy = first.slice();
  for (let index = 0; index < 1_000; index += 1) systemRandom.bytes(16).fill(7);
  expect(first).toEqual(copy);
});
