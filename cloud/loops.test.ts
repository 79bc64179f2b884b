import { expect, it } from 'vitest';
import { FakeClock, settle } from '../test/fixtures/fake-clock.ts';
import { startLoop } from './loops.ts';

function startCounting(work: (run: number) => Promise<void> = async () => {}) {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const count = { runs: 0, together: 0, together_max: 0 };
  const loop = startLoop({
    clock,
    everyMs: 1000,
    onError: (error) => errors.push(error),
    async work() {
      count.runs += 1;
      count.together += 1;
      count.together_max = Math.max(count.together_max, count.together);
      try {
        await work(count.runs);
      } finally {
        count.together -= 1;
      }
    },
  });
  return { clock, loop, count, errors };
}

it('runs again and again, also after a failure', async () => {
  const { clock, loop, count, errors } = startCounting(async (run) => {
    if (run === 2) throw new Error('once');
  });
  await clock.advance(3_500);
  expect([count.runs, errors.length]).toEqual([3, 1]);
  await loop.stop();
  await clock.advance(5_000);
  expect([count.runs, clock.pendingTimers]).toEqual([3, 0]);
});

it('never runs twice at once, and a poke meanwhile makes it run once more', async () => {
  const gates: (() => void)[] = [];
  const { clock, loop, count } = startCounting(() => new Promise((resolve) => gates.push(resolve)));
  loop.poke();
  loop.poke();
  loop.poke();
  await clock.advance(5_000);
  expect(count.runs).toBe(1);
  gates.shift()?.();
  await settle();
  expect([count.runs, count.together_max]).toEqual([2, 1]);
  gates.shift()?.();
  await settle();
  expect(count.runs).toBe(2);
  await clock.advance(1_000);
  expect(count.runs).toBe(3);
  gates.shift()?.();
  await loop.stop();
});

it('waits, when stopped, for the run in hand', async () => {
  let open = () => {};
  const { loop } = startCounting(
    () =>
      new Promise((resolve) => {
        open = resolve;
      }),
  );
  loop.poke();
  let stopped = false;
  const stopping = loop.stop().then(() => {
    stopped = true;
  });
  await settle();
  expect(stopped).toBe(false);
  open();
  await stopping;
  expect(stopped).toBe(true);
});
