import type { Clock } from '../../shared/effects.ts';

/** A reading older than this gives way to any new one, so that drift is followed. */
const SAMPLE_KEPT_MS = 60_000;

/** `saksi-time` has whole milliseconds. */
const RESOLUTION_MS = 1;

interface Sample {
  /** Gateway time minus our monotonic time, at the middle of the exchange. */
  offset: number;
  roundTripMs: number;
  takenAt: number;
}

/**
 * The gateway's clock as seen from here (invariant 10). It runs on our monotonic clock from the sharpest recent
 * `saksi-time`, so setting the till's wall clock moves nothing. The error is at most half the round trip.
 */
export class GatewayClock {
  readonly #clock: Clock;
  #sample: Sample | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `gatewayMs` was read between the two monotonic moments. */
  note(gatewayMs: number, sentAt: number, receivedAt: number): void {
    const roundTripMs = receivedAt - sentAt;
    const fresh = { offset: gatewayMs - (sentAt + receivedAt) / 2, roundTripMs, takenAt: receivedAt };
    const last = this.#sample;
    if (last === null || roundTripMs <= last.roundTripMs || receivedAt - last.takenAt >= SAMPLE_KEPT_MS) {
      this.#sample = fresh;
      return;
    }
    // Two readings that cannot both be true: a clock stood still meanwhile (the machine slept), or was set.
    const apartMs = Math.abs(fresh.offset - last.offset);
    if (apartMs > (roundTripMs + last.roundTripMs) / 2 + RESOLUTION_MS) this.#sample = fresh;
  }

  /** Epoch milliseconds by the gateway's clock, or null before its first answer. */
  now(): number | null {
    return this.#sample === null ? null : Math.round(this.#clock.monotonic() + this.#sample.offset);
  }

  /** How far the till's wall clock is behind the gateway's (negative: ahead), in whole milliseconds. */
  skewMs(): number | null {
    const now = this.now();
    return now === null ? null : now - this.#clock.now();
  }
}
