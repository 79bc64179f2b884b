import { expect, test } from 'vitest';
import { createBatcher } from './batcher.ts';

/** Runs that wait until they are let go. */
function slow(options: { max?: number; lanes?: number; keyOf?: (item: number) => string } = {}) {
  const runs: number[][] = [];
  const waiting: (() => void)[] = [];
  const ask = createBatcher({
    async run(items: readonly number[]) {
      runs.push([...items]);
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (items.includes(13)) throw new Error('unlucky');
      return items.map((item) => item * 2);
    },
    max: 3,
    ...options,
  });
  async function finish(): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { runs, ask, finish };
}

test('what is asked in one turn, or while a run is under way, is one run', async () => {
  const { runs, ask, finish } = slow();
  const first = [ask(1), ask(2)];
  await Promise.resolve();
  const later = [ask(3), ask(4), ask(5), ask(6)];
  await finish();
  expect(await Promise.all([...first, ...later])).toEqual([2, 4, 6, 8, 10, 12]);
  expect(runs).toEqual([[1, 2], [3, 4, 5], [6]]);
});

test('so many runs at a time as there are lanes', async () => {
  const { runs, ask, finish } = slow({ max: 1, lanes: 2 });
  const all = [ask(1), ask(2), ask(3)];
  await new Promise((resolve) => setImmediate(resolve));
  expect(runs).toEqual([[1], [2]]);
  await finish();
  expect(await Promise.all(all)).toEqual([2, 4, 6]);
});

test('two of one key follow each other', async () => {
  const { runs, ask, finish } = slow({ lanes: 2, keyOf: (item) => String(item % 10) });
  const all = [ask(1), ask(11), ask(2), ask(21)];
  await finish();
  expect(await Promise.all(all)).toEqual([2, 22, 4, 42]);
  expect(runs).toEqual([[1, 2], [11], [21]]);
});

test('one that fails takes no other with it', async () => {
  const { ask, finish } = slow();
  const all = Promise.allSettled([ask(12), ask(13), ask(14)]);
  await finish();
  expect((await all).map((it) => (it.status === 'fulfilled' ? it.value : String(it.reason)))).toEqual([
    24,
    'Error: unlucky',
    28,
  ]);
});
