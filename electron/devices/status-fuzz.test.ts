import { expect, test } from 'vitest';
import { PRINTER_LANGUAGES } from './dialect.ts';
import { dialectOf } from './dialects.ts';
import { obstacleOf } from './print-job.ts';

const SEQUENCES_PER_LANGUAGE = 400_000;

/** xorshift32: cheap, and the same run every time. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Real frames of printers that cannot print: however they are damaged below, none may read as ready. */
const NOT_READY: Record<'star' | 'esc-pos', number[][]> = {
  star: [
    [0x23, 0x06, 0x28, 0, 0, 0, 0, 0, 0],
    [0x23, 0x06, 0x08, 0, 0, 0x0c, 0, 0, 0],
    [0x23, 0x06, 0x08, 0x48, 0, 0, 0, 0, 0],
  ],
  'esc-pos': [
    [0x38, 0x00, 0x00, 0x0f],
    [0x18, 0x00, 0x0f, 0x0f],
    [0x18, 0x48, 0x00, 0x0f],
    [0x1a, 0x56, 0x12, 0x12],
    [0x1a, 0x32, 0x12, 0x7e],
  ],
};

test.each(PRINTER_LANGUAGES)(
  '%s: any bytes, cut and damaged frames: no crash, nothing piles up',
  (language) => {
    const random = randomOf(0x5a451);
    const channel = dialectOf(language).connect('high_is_open');
    const frames = NOT_READY[language === 'esc-pos' ? 'esc-pos' : 'star'];
    let fed = 0;
    let heard = 0;
    for (let count = 0; count < SEQUENCES_PER_LANGUAGE; count += 1) {
      const frame = frames[random(frames.length)] ?? [];
      const other = frames[random(frames.length)] ?? [];
      const from = random(frame.length);
      const bytes =
        count % 3 === 0
          ? Uint8Array.from({ length: 1 + random(12) }, () => random(256))
          : Uint8Array.from([...frame.slice(0, from), ...other.slice(from)]);
      fed += bytes.length;
      heard += channel.push(bytes).length;
    }
    expect(heard).toBeGreaterThan(1_000);
    expect(channel.discarded).toBeLessThanOrEqual(fed);
  },
);

test.each(PRINTER_LANGUAGES)('%s: a frame with one bit wrong never reads as ready or printed', (language) => {
  const dialect = dialectOf(language);
  for (const frame of NOT_READY[language === 'esc-pos' ? 'esc-pos' : 'star']) {
    for (let bit = -1; bit < frame.length * 8; bit += 1) {
      const channel = dialect.connect('high_is_open');
      const damaged = frame.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      for (const status of channel.push(Uint8Array.from(damaged))) {
        expect(obstacleOf(status), `${damaged}`).not.toBeNull();
      }
    }
  }
});

test('esc-pos: no piece of anything but the whole process id reads as printed', () => {
  const dialect = dialectOf('esc-pos');
  const READY = [0x10, 0, 0, 0x0f];
  const ID = (value: number) => [
    0x37,
    0x22,
    0x53,
    0x4b,
    0x30 + Math.floor(value / 10),
    0x30 + (value % 10),
    0,
  ];
  for (let bit = -1; bit < 7 * 8; bit += 1) {
    const channel = dialect.connect('high_is_open');
    channel.greeting();
    channel.push(Uint8Array.from([...READY, ...ID(0)]));
    channel.endMark({ epoch: 1, from: 0, to: 7, count: 1 });
    const damaged = ID(7).map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    const last = channel.push(Uint8Array.from([...damaged, ...READY])).at(-1);
    expect(last?.etbCounter === 7, `bit ${bit}`).toBe(bit === -1);
  }
});

test('esc-pos: the tail of an automatic status is not the answer to GS r, four equal answers are', () => {
  const channel = dialectOf('esc-pos').connect('high_is_open');
  const READY = [0x10, 0, 0, 0x0f];
  channel.greeting();
  channel.push(Uint8Array.from([...READY, 0, 0, 0, 0]));
  expect(channel.confirms).toBe(true);
  channel.endMark({ epoch: 1, from: 0, to: 7, count: 1 });
  const headless = Array.from({ length: 20 }, () => [0x90, ...READY.slice(1)]).flat();
  for (const status of channel.push(Uint8Array.from([...headless, ...READY]))) {
    expect(status.etbCounter).toBe(0);
  }
  expect(channel.push(Uint8Array.from([3, 3, 3, 3])).at(-1)?.etbCounter).toBe(7);
});
