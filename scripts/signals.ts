/** `npm run signals -- [--outlets 20 --days 365 --seed 1]`: how well the fraud signals find what is planted in a made year. */
import { parseArgs } from 'node:util';
import { describeScore } from '../test/made-year/report.ts';
import { scoreYear } from '../test/made-year/score.ts';

const { values } = parseArgs({
  options: {
    outlets: { type: 'string', default: '20' },
    days: { type: 'string', default: '365' },
    seed: { type: 'string', default: '1' },
    /** Planted of each kind. */
    'per-kind': { type: 'string', default: '4' },
    /** Names what was missed, and each false alarm. */
    details: { type: 'boolean', default: false },
  },
});

const options = {
  outlets: whole(values.outlets, 'outlets', 2),
  days: whole(values.days, 'days', 56),
  seed: whole(values.seed, 'seed', 0),
  perKind: whole(values['per-kind'], 'per-kind', 0),
};
const score = scoreYear(options, () => performance.now());
console.log(describeScore(options, score, values.details));
// Each planted kind is found, or the run has failed.
process.exitCode = score.signals.every(({ planted, found }) => planted === 0 || found > 0) ? 0 : 1;

function whole(text: string, name: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`--${name} is a whole number, ${least} or more`);
  process.exit(2);
}
