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

/** Habits of honest people differ by about a third (coefficient of variation 1/√10): a shape of the gamma distribution. */
const HABIT_SHAPE = 10;

/**
 * How far a count is from what was expected, in standard deviations of chance and of habit: the signed deviance residual of
 * the negative binomial distribution. For few counts it is near the Poisson's exact tail; for many it grows with the ratio
 * rather than with the count alone (McCullagh and Nelder, Generalized Linear Models, 2nd edition, section 2.4).
 */
export function countDeviation(observed: number, expected: number): number {
  const count = Math.max(0, observed);
  const mean = Math.max(expected, Number.EPSILON);
  const own = count === 0 ? 0 : count * Math.log(count / mean);
  const deviance = 2 * (own - (count + HABIT_SHAPE) * Math.log((count + HABIT_SHAPE) / (mean + HABIT_SHAPE)));
  return Math.sign(count - mean) * Math.sqrt(Math.max(0, deviance));
}

/** The same for `observed` of `total`, of which `expected` were: the binomial distribution's. */
export function shareDeviation(observed: number, expected: number, total: number): number {
  const part = (count: number, mean: number) =>
    count <= 0 ? 0 : count * Math.log(count / Math.max(mean, Number.EPSILON));
  const deviance = 2 * (part(observed, expected) + part(total - observed, total - expected));
  return Math.sign(observed - expected) * Math.sqrt(Math.max(0, deviance));
}
