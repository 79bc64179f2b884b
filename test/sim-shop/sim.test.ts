import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import type { SimDatabase } from './database.ts';
import { describeReport, openWarmDatabase, SEEDS_OF_TEST } from './run-seeds.ts';
import { type SimResult, simulate } from './simulate.ts';

/** Seeds within which each planted fault is found; those that find most come first. */
const BUG_SEEDS = [5, 3, 1, 2, 4, 6, 7, 8, 9, 10, 11, 12];
const MINUTES = 60_000;

let database: SimDatabase;
beforeAll(async () => {
  database = await openWarmDatabase();
}, 2 * MINUTES);
afterAll(() => database?.close());

const failure = ({ seed, violation }: SimResult) =>
  violation === null
    ? ''
    : `seed ${seed}, step ${violation.step}: ${violation.what}\n${violation.tail.join('\n')}\nagain: npm run simulate -- --seed ${seed} --trace`;

it(
  `keeps every invariant through ${SEEDS_OF_TEST} drawn schedules`,
  async () => {
    const results: SimResult[] = [];
    for (let seed = 1; seed <= SEEDS_OF_TEST; seed += 1) {
      const result = await simulate(database, { seed });
      expect(failure(result)).toBe('');
      results.push(result);
    }
    console.log(describeReport(results));
    // A run in which nothing happens finds nothing.
    const did = (what: string) => results.reduce((sum, { did: done }) => sum + (done[what] ?? 0), 0);
    for (const what of [
      'redemption.start',
      'redemption.submitCode',
      'approval.start',
      'pos.cash',
      'slip',
      'drawer',
    ]) {
      expect([what, did(what) > 0]).toEqual([what, true]);
    }
    const kinds = new Set(results.flatMap(({ faults }) => Object.keys(faults)));
    expect(kinds.size).toBeGreaterThanOrEqual(12);
  },
  10 * MINUTES,
);

it.each([3, 14])(
  'plays a seed again to the letter: %i',
  async (seed) => {
    const trace: string[][] = [[], []];
    for (const lines of trace) await simulate(database, { seed, trace: (line) => lines.push(line) });
    expect(trace[1]).toEqual(trace[0]);
  },
  2 * MINUTES,
);

it(
  'plays a seed alone as it was after others',
  async () => {
    const [seed, steps] = [70_466, 8];
    await simulate(database, { seed: 2, steps: 4 });
    const { hash } = await simulate(database, { seed, steps });
    const script = fileURLToPath(new URL('../../scripts/simulate.ts', import.meta.url));
    const args = [script, '--seed', String(seed), '--steps', String(steps)];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stdout).toContain(`trace ${hash}`);
  },
  2 * MINUTES,
);

it.each(BUGS)(
  'finds a planted fault: %s',
  async (bug) => {
    let found: SimResult['violation'] = null;
    for (const seed of BUG_SEEDS) {
      if (found === null) found = (await simulate(database, { seed, bug })).violation;
    }
    expect(found?.what ?? 'nothing found').toMatch(WORDS[bug]);
  },
  5 * MINUTES,
);

const WORDS = {
  acts_before_use: /before the use of its grant was on the disk/,
  outbox_lost_at_crash: /forgot what it has to tell|never told of an opening/,
  done_before_answer: /struck .* off|takes a redemption for booked/,
  outbox_out_of_order: /before what was queued ahead of it/,
  cache_forgets_spending: /promises|went by/,
  limits_forget_spending: /without a line, signed for/,
  sealed_lost_at_crash: /forgot that a sealed code was used/,
  real_clock: /reaches past the simulation: Date\.now at shared\/effects\.ts/,
} as const;
