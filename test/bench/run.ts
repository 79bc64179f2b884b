/**
 * `npm run bench`: a table of every figure beside its floor. `--json` prints one object by name instead; `--only PART`
 * runs those whose name holds PART. Nothing here fails for being slow: machines differ, ratios are for people.
 */
import { parseArgs } from 'node:util';
import { BENCHES } from './all.ts';
import type { BenchResult } from './bench.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });
const chosen = BENCHES.filter((bench) => bench.names.some((name) => name.includes(values.only ?? '')));
const results: Record<string, BenchResult> = {};

for (const bench of chosen) {
  process.stderr.write(`${bench.names.join(', ')}: ${bench.about}\n`);
  Object.assign(results, await bench.run());
}

if (values.json) {
  process.stdout.write(`${JSON.stringify(results)}\n`);
} else {
  const marks = Object.fromEntries(chosen.flatMap((bench) => bench.names.map((name) => [name, bench.mark])));
  console.table(
    Object.fromEntries(
      Object.entries(results).map(([name, { value, unit, floor, ratio, n }]) => [
        name,
        { value: round(value), floor: round(floor), unit, ratio: round(ratio), mark: marks[name] ?? '', n },
      ]),
    ),
  );
}
// Servers of a finished benchmark may hold sockets open for keep-alive; every result is printed by now.
process.exit(0);

function round(value: number): number {
  const scale = value >= 100 ? 1 : 1000;
  return Math.round(value * scale) / scale;
}
