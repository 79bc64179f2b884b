/**
 * A figure and the floor or peer measured in the same run, so that the machine's speed falls out of the ratio.
 * `ratio` is value / floor: for rates higher is better, for times lower.
 */
export interface BenchResult {
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly ratio: number;
  readonly n: number;
}

export interface Bench {
  /** One or more named figures. */
  readonly names: readonly string[];
  /** What was measured and against what, in a line. */
  readonly about: string;
  /** The ratio to reach, for the table only; nothing is asserted. */
  readonly mark: string;
  run(): Promise<Record<string, BenchResult>>;
}

/** The `q`-quantile (0 to 1) by nearest rank; the samples need not be sorted. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
  if (value === undefined) throw new RangeError('no samples');
  return value;
}

export function result(value: number, unit: string, floor: number, n: number): BenchResult {
  return { value, unit, floor, ratio: value / floor, n };
}
