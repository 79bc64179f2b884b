/** `npm run simulate -- --seeds N --from K`, or one seed again with all that happened: `--seed X --trace`. */
import { parseArgs } from 'node:util';
import { BUGS } from '../test/sim-shop/bugs.ts';
import { runSeeds } from '../test/sim-shop/run-seeds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    steps: { type: 'string' },
    trace: { type: 'boolean', default: false },
    /** A fault put in on purpose. */
    bug: { type: 'string' },
  },
});

const one = values.seed === undefined ? null : whole(values.seed, 'seed');
const from = one ?? whole(values.from, 'from');
const seeds = one === null ? whole(values.seeds, 'seeds') : 1;
const bug = BUGS.find((known) => known === values.bug) ?? null;
if (values.bug !== undefined && bug === null) fail(`--bug is one of ${BUGS.join(', ')}`);

const report = await runSeeds({
  from,
  seeds,
  bug,
  ...(values.steps === undefined ? {} : { steps: whole(values.steps, 'steps') }),
  ...(values.trace ? { trace: (line: string) => console.log(line) } : {}),
  onResult({ seed, violation, hash }) {
    if (one !== null) console.log(`seed ${seed}: trace ${hash}`);
    if (violation === null) return;
    console.log(`\nseed ${seed} fails at step ${violation.step}: ${violation.what}`);
    console.log(violation.tail.join('\n'));
    console.log(`again: npm run simulate -- --seed ${seed} --trace`);
  },
});
console.log(report.line);
process.exit(report.failed.length === 0 ? 0 : 1);

function whole(text: string, name: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : fail(`--${name} is a whole number`);
}

function fail(what: string): never {
  console.error(what);
  process.exit(2);
}
