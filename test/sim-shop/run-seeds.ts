import type { Bug } from './bugs.ts';
import { openSimDatabase, type SimDatabase } from './database.ts';
import { type SimResult, simulate } from './simulate.ts';

/** Schedules that `npm test` runs. */
export const SEEDS_OF_TEST = 8;

export interface SeedsReport {
  readonly results: readonly SimResult[];
  readonly failed: readonly SimResult[];
  readonly secondsPerSeed: number;
  /** For people. */
  readonly line: string;
}

export interface SeedsOptions {
  from: number;
  seeds: number;
  steps?: number;
  bug?: Bug | null;
  trace?: (line: string) => void;
  onResult?: (result: SimResult) => void;
  /** Ends after the first that fails. */
  untilFailed?: boolean;
}

const WARM_UP = { seed: 1, steps: 4 } as const;

/**
 * A database on which a short run has gone before. The first run of a process loads and compiles as it goes, and of two things
 * in one moment another may then come first: a seed would not be the same alone as after others.
 */
export async function openWarmDatabase(): Promise<SimDatabase> {
  const database = await openSimDatabase();
  await simulate(database, { ...WARM_UP, bug: null });
  return database;
}

/** One schedule after the other on one database, emptied between them. */
export async function runSeeds(options: SeedsOptions): Promise<SeedsReport> {
  const { from, seeds, steps, bug = null, trace, onResult, untilFailed = false } = options;
  const database = await openWarmDatabase();
  const results: SimResult[] = [];
  const began = performance.now();
  try {
    for (let seed = from; seed < from + seeds; seed += 1) {
      const result = await simulate(database, {
        seed,
        bug,
        ...(steps === undefined ? {} : { steps }),
        ...(trace === undefined ? {} : { trace }),
      });
      results.push(result);
      onResult?.(result);
      if (untilFailed && result.violation !== null) break;
    }
  } finally {
    await database.close();
  }
  const secondsPerSeed = (performance.now() - began) / 1000 / results.length;
  const failed = results.filter(({ violation }) => violation !== null);
  const line = `${describeReport(results)} · ${(1 / secondsPerSeed).toFixed(2)} seeds/s`;
  return { results, failed, secondsPerSeed, line };
}

/** What was run and what came of it, in one line. */
export function describeReport(results: readonly SimResult[]): string {
  const sum = (of: (result: SimResult) => number) => results.reduce((total, one) => total + of(one), 0);
  return [
    `${results.length} seeds`,
    `${sum(({ steps }) => steps)} steps`,
    `${sum(({ events }) => events)} events`,
    `faults: ${tally(results.map(({ faults }) => faults))}`,
    `done: ${tally(results.map(({ did }) => did))}`,
    `${results.filter(({ violation }) => violation !== null).length} violations`,
  ].join(' · ');
}

function tally(all: readonly Readonly<Record<string, number>>[]): string {
  const total = new Map<string, number>();
  for (const one of all) {
    for (const [name, count] of Object.entries(one)) total.set(name, (total.get(name) ?? 0) + count);
  }
  return [...total]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
