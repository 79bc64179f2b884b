import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock, systemRandom } from '../../shared/effects.ts';
import { assertTimeless, type RealWorldWatch, watchRealWorld } from './real-world.ts';

let watch: RealWorldWatch;
beforeEach(() => {
  watch = watchRealWorld();
});
afterEach(() => watch.end());

const HERE = /real-world\.test\.ts:\d+$/;
const READINGS: readonly [string, () => unknown][] = [
  ['Date.now', () => Date.now()],
  ['new Date', () => new Date()],
  ['performance.now', () => performance.now()],
  ['hrtime', () => process.hrtime()],
  ['Math.random', () => Math.random()],
  ['AbortSignal.timeout', () => AbortSignal.timeout(1)],
  ['setTimeout', () => clearTimeout(setTimeout(() => {}, 1))],
  ['setInterval', () => clearInterval(setInterval(() => {}, 1))],
  ['getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
  ['randomUUID', () => crypto.randomUUID()],
  ['randomUUID', () => randomUUID()],
];

it.each(READINGS)('finds %s', (what, read) => {
  read();
  const [leak, ...more] = watch.leaks();
  expect(leak).toMatch(new RegExp(`^${what} at `));
  expect(leak).toMatch(HERE);
  expect(more).toEqual([]);
});

it('names the place in the product, each once', () => {
  systemClock.now();
  systemClock.now();
  systemRandom.jitter();
  expect(watch.leaks()).toEqual([
    expect.stringMatching(/^Date\.now at shared\/effects\.ts:\d+$/),
    expect.stringMatching(/^Math\.random at shared\/effects\.ts:\d+$/),
  ]);
  expect(watch.leaks()).toEqual([]);
});

it('does not mind a date that is computed', () => {
  expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
  expect(Date.UTC(1970, 0, 1)).toBe(0);
  expect(new Date(0)).toBeInstanceOf(Date);
  expect(watch.leaks()).toEqual([]);
});

it('finds nothing once it has ended', () => {
  watch.end();
  Date.now();
  randomUUID();
  expect(watch.leaks()).toEqual([]);
});

it.each([
  'select now()',
  'update t set at = clock_timestamp ()',
  "select gen_random_uuid(), 'x'",
  'select current_timestamp',
])('refuses SQL with a clock or chance of its own: %s', (text) => {
  expect(() => assertTimeless(text)).toThrow(RangeError);
});

it('lets SQL pass that has its times from outside', () => {
  expect(() => assertTimeless('select known, at from t where at <= $1')).not.toThrow();
});
