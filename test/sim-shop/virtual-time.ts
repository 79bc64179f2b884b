import type { Cancel, Clock } from '../../shared/effects.ts';
import { atRest } from './quiet.ts';

/** 2026-03-02T02:00:00Z, a Monday morning in Jakarta. */
export const START_MS = Date.UTC(2026, 2, 2, 2, 0, 0);

interface Due {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
  cancelled: boolean;
}

/** The one clock of a run. Everything that happens is an event of it, in one order, and the shop comes to rest between two. */
export class VirtualTime {
  #now = 0;
  #order = 0;
  #events: Due[] = [];
  /** Events so far. */
  passed = 0;

  /** Milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  at(delayMs: number, fn: () => void): Cancel {
    const due: Due = { at: this.#now + Math.max(0, delayMs), order: this.#order, fn, cancelled: false };
    this.#order += 1;
    this.#push(due);
    return () => {
      due.cancelled = true;
    };
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await atRest();
    for (;;) {
      const due = this.#events[0];
      if (due === undefined || due.at > until) break;
      this.#pop();
      if (due.cancelled) continue;
      this.#now = Math.max(this.#now, due.at);
      this.passed += 1;
      due.fn();
      await atRest();
    }
    this.#now = until;
  }

  // A binary heap by (at, order).
  #push(due: Due): void {
    const heap = this.#events;
    heap.push(due);
    for (let index = heap.length - 1; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!before(heap[index] as Due, heap[parent] as Due)) break;
      swap(heap, index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#events;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let index = 0; ; ) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && before(heap[child] as Due, heap[least] as Due)) least = child;
      }
      if (least === index) return;
      swap(heap, index, least);
      index = least;
    }
  }
}

function before(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function swap(heap: Due[], one: number, other: number): void {
  const kept = heap[one] as Due;
  heap[one] = heap[other] as Due;
  heap[other] = kept;
}

/** A machine's own clock: its wall clock can be set, its timers end with it. */
export class MachineClock implements Clock {
  readonly #time: VirtualTime;
  readonly #bootedAt: number;
  #skewMs: number;
  #dead = false;

  constructor(time: VirtualTime, skewMs = 0) {
    this.#time = time;
    this.#bootedAt = time.now;
    this.#skewMs = skewMs;
  }

  // Fields, not methods: the product passes them on by themselves.
  readonly now = (): number => Math.floor(START_MS + this.#time.now + this.#skewMs);

  readonly monotonic = (): number => this.#time.now - this.#bootedAt;

  readonly schedule = (delayMs: number, fn: () => void): Cancel =>
    this.#time.at(delayMs, () => {
      if (!this.#dead) fn();
    });

  get skewMs(): number {
    return this.#skewMs;
  }

  setSkew(skewMs: number): void {
    this.#skewMs = skewMs;
  }

  /** The machine lost its power: none of its timers runs any more. */
  kill(): void {
    this.#dead = true;
  }
}
