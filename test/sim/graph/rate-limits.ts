/** Meta's two message limits. Source: Meta, "Throughput" and "Pair rate limits". */
import type { Clock } from '../../../shared/effects.ts';
import { GraphError } from './graph-error.ts';

export type Limits = {
  on: boolean;
  /** Messages a second for one business number. */
  throughputPerSecond: number;
  /** One message to one person in this time, in the long run. */
  pairPeriodMs: number;
  /** How many may be sent at once to one person before the pair limit bites; they are paid back afterwards. */
  pairBurst: number;
};

export const META_LIMITS: Limits = { on: true, throughputPerSecond: 80, pairPeriodMs: 6_000, pairBurst: 45 };

/** When each line would be free again, had nothing been sent in a burst (generic cell rate algorithm). */
export class RateLimits {
  readonly limits: Limits;
  readonly #clock: Clock;
  readonly #freeAtMs = new Map<string, number>();

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.limits = limits;
  }

  /** @throws GraphError 130429 */
  takeThroughput(phoneNumberId: string): void {
    const perSecond = this.limits.throughputPerSecond;
    if (this.#take(`number/${phoneNumberId}`, 1000 / perSecond, perSecond)) return;
    throw new GraphError(130429, { details: 'Cloud API message throughput has been reached.' });
  }

  /** @throws GraphError 131056 */
  takePair(phoneNumberId: string, to: string): void {
    if (this.#take(`pair/${phoneNumberId}/${to}`, this.limits.pairPeriodMs, this.limits.pairBurst)) return;
    throw new GraphError(131056, {
      details:
        'Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.',
    });
  }

  clear(): void {
    this.#freeAtMs.clear();
  }

  #take(key: string, periodMs: number, burst: number): boolean {
    if (!this.limits.on) return true;
    const now = this.#clock.now();
    const freeAtMs = Math.max(this.#freeAtMs.get(key) ?? now, now);
    if (freeAtMs - now > periodMs * (burst - 1)) return false;
    this.#freeAtMs.set(key, freeAtMs + periodMs);
    return true;
  }
}
