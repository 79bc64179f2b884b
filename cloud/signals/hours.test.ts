import { expect, it } from 'vitest';
import { createLocalTime } from '../../shared/local-time.ts';
import { FIRST, STORES, signalFacts } from '../../test/fixtures/signal-shop.ts';
import type { DayRecord } from './day.ts';
import { withLearntHours } from './hours.ts';

const [storeId] = STORES;
const record = (day: number, hours: readonly number[]): DayRecord => ({
  ...{ storeId, day: FIRST + day, cells: [], occurrences: {} },
  salesByHour: Array.from({ length: 24 }, (_, hour) => (hours.includes(hour) ? 3 : 0)),
});
const learnt = (records: readonly DayRecord[], hours = signalFacts({ hours: [] })) =>
  withLearntHours(hours, records).stores.get(storeId)?.hours ?? [];

it('learns when a store sells, and not from one long evening', () => {
  const days = Array.from({ length: 20 }, (_, day) => record(day, day === 7 ? [10, 11, 23] : [10, 11]));
  const sunday = learnt(days).filter(({ day }) => day === 0);
  expect(sunday.map(({ from, to }) => [from, to])).toEqual([
    [600, 660],
    [660, 720],
  ]);
});

it('knows nothing after a few days, and leaves what the policy says', () => {
  expect(learnt([record(0, [10]), record(1, [10])])).toEqual([]);
  const said = signalFacts();
  const days = Array.from({ length: 20 }, (_, day) => record(day, [3]));
  expect(learnt(days, said)).toEqual(said.stores.get(storeId)?.hours);
});

it('cuts days where the store is, summer time included', () => {
  const jakarta = createLocalTime('Asia/Jakarta');
  expect(jakarta.of(Date.UTC(2026, 0, 1, 17, 30))).toMatchObject({
    day: 20_455,
    weekday: 5,
    minute: 30,
    part: 0,
  });
  expect(jakarta.startOf(20_455)).toBe(Date.UTC(2026, 0, 1, 17));
  const newYork = createLocalTime('America/New_York');
  expect(newYork.startOf(20_454)).toBe(Date.UTC(2026, 0, 1, 5));
  expect(newYork.startOf(20_454 + 181)).toBe(Date.UTC(2026, 6, 1, 4));
});
