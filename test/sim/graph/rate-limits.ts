/** Meta's message limits. Source: Meta, "Throughput", "Pair rate limits" and "Messaging limits". */
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
  /** Different people written to outside their windows in a rolling 24 hours, of the whole portfolio; null: unlimited. */
  dailyPeople: number | null;
};

const DAY_MS = 86_400_000;

export const META_LIMITS: Limits = {
  on: true,
  throughputPerSecond: 80,
  pairPeriodMs: 6_000,
  pairBurst: 45,
  // As a new portfolio begins.
  dailyPeople: 250,
};

/** When each line would be free again, had nothing been sent in a burst (generic cell rate algorithm). */
export class RateLimits {
  readonly limits: Limits;
  readonly #clock: Clock;
  readonly #freeAtMs = new Map<string, number>();
  readonly #peopleSince = new Map<string, number>();

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

  /** @throws GraphError 131048. Whoever was written to in the last 24 hours is not counted again. */
  takePerson(to: string): void {
    const { on, dailyPeople } = this.limits;
    const now = this.#clock.now();
    if ((this.#peopleSince.get(to) ?? -Infinity) > now - DAY_MS) return;
    if (on && dailyPeople !== null) {
      for (const [number, since] of this.#peopleSince) {
        // Oldest first: the first that is still counted ends the look.
        if (since > now - DAY_MS) break;
        this.#peopleSince.delete(number);
      }
      if (this.#peopleSince.size >= dailyPeople) {
        throw new GraphError(131048, {
          details:
            'Message failed to send because there are restrictions on how many messages can be sent from this phone number.',
        });
      }
    }
    this.#peopleSince.delete(to);
    this.#peopleSince.set(to, now);
  }

  /** People counted now. */
  get people(): number {
    return this.#peopleSince.size;
  }

  clear(): void {
    this.#peopleSince.clear();
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
