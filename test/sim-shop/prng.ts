import type { Random } from '../../shared/effects.ts';

/** The one source of chance of a run: mulberry32, so that a seed means the same schedule everywhere. */
export interface Prng {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Another source, drawn from this one under a name: what one part draws does not move the others. */
  fork(name: string): Prng;
  /** As the product takes it. */
  readonly random: Random;
}

export function createPrng(seed: number): Prng {
  let state = mix(seed);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (probability) => next() < probability,
    pick(from) {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    fork: (name) => createPrng([...name].reduce((sum, char) => mix(sum ^ char.charCodeAt(0)), mix(seed))),
    random: {
      bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
      jitter: next,
    },
  };
}

function mix(value: number): number {
  let hash = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
