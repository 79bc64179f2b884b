/**
 * Effects that the cores on both sides take as arguments, so that a whole shop can run in one
 * deterministic test. Nothing else in the cores may read a clock, draw a random number or set a timer.
 */

export type Cancel = () => void;

export interface Clock {
  /** Wall clock, whole milliseconds since the epoch. For display and for talking to people, never for timeouts. */
  now(): number;
  /** Monotonic milliseconds (fractions allowed) since an arbitrary start. For every timeout. */
  monotonic(): number;
  /** Runs `fn` once after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, fn: () => void): Cancel;
}

export interface Random {
  /** `count` cryptographically strong random bytes. */
  bytes(count: number): Uint8Array;
  /** A number in [0, 1), for jitter only. */
  jitter(): number;
}

export interface Effects {
  readonly clock: Clock;
  readonly random: Random;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: (delayMs, fn) => {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Many small draws cost far more than one large one. What was handed out is wiped here. */
const POOL_BYTES = 4096;
const POOLED_MAX = 64;
let pool = new Uint8Array(0);
let drawn = 0;

function pooledBytes(count: number): Uint8Array {
  if (count > POOLED_MAX) return crypto.getRandomValues(new Uint8Array(count));
  if (drawn + count > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    drawn = 0;
  }
  const bytes = pool.slice(drawn, drawn + count);
  pool.fill(0, drawn, drawn + count);
  drawn += count;
  return bytes;
}

export const systemRandom: Random = {
  bytes: pooledBytes,
  jitter: () => Math.random(),
};

export const systemEffects: Effects = { clock: systemClock, random: systemRandom };

/** Resolves after `delayMs` on the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}
