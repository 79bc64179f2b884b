import type { Clock } from '../../../shared/effects.ts';

/** A clock that stands still until told to move; calls due at the same time run in the order they were set. */
export function manualClock(startMs = 1_800_000_000_000): Clock & { advance(ms: number): void } {
  let now = startMs;
  let timers: { atMs: number; run: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now - startMs,
    schedule(delayMs, run) {
      const timer = { atMs: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((it) => it !== timer);
      };
    },
    advance(ms) {
      const endMs = now + ms;
      for (;;) {
        const due = timers.filter((it) => it.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers = timers.filter((it) => it !== due);
        now = Math.max(now, due.atMs);
        due.run();
      }
      now = endMs;
    },
  };
}

/** A small seeded generator (mulberry32), 0 ≤ x < 1: the same seed gives the same run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Work that is set for later and can be called off all at once. */
export class Jobs {
  readonly #clock: Clock;
  readonly #cancels = new Set<() => void>();
  #running = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(delayMs: number, run: () => void | Promise<void>): void {
    if (this.#closed) return;
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#cancels.delete(cancel);
      this.#track(run);
    });
    this.#cancels.add(cancel);
  }

  /** Resolves once nothing is set for later and nothing runs. */
  async settled(): Promise<void> {
    if (this.#cancels.size === 0 && this.#running === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Calls everything off, for good. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#release();
  }

  #track(run: () => void | Promise<void>): void {
    this.#running += 1;
    void Promise.resolve(run()).finally(() => {
      this.#running -= 1;
      this.#release();
    });
  }

  #release(): void {
    if (this.#cancels.size > 0 || this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
