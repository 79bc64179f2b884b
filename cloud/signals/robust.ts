/** A normal distribution's standard deviation over its median absolute deviation. */
const MAD_TO_SD = 1.4826;

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

export interface Spread {
  readonly median: number;
  readonly mad: number;
  /** Standard deviation that the MAD stands for. */
  readonly sd: number;
}

/** Median distance from `middle`. */
export function spreadAround(middle: number, values: readonly number[]): Pick<Spread, 'mad' | 'sd'> {
  const mad = median(values.map((value) => Math.abs(value - middle)));
  return { mad, sd: mad * MAD_TO_SD };
}

/** Median and median absolute deviation: a few guilty ones among many do not move them. */
export function spreadOf(values: readonly number[]): Spread {
  const middle = median(values);
  return { median: middle, ...spreadAround(middle, values) };
}

/**
 * How far a count is from what was expected, in standard deviations of chance: Anscombe's transform, with which Poisson counts
 * have a variance near 1 however few they are (Anscombe 1948, Biometrika 35:246).
 */
export function countDeviation(observed: number, expected: number): number {
  return 2 * (Math.sqrt(Math.max(0, observed) + 0.375) - Math.sqrt(expected + 0.375));
}
