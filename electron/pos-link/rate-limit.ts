import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';

/** How often a terminal may call: `burst` at once, then `perSecond`. */
export interface Rate {
  burst: number;
  perSecond: number;
}

export const POS_RATES = {
  /** A busy terminal polls a few times a second at most. */
  known: { burst: 60, perSecond: 20 },
  /** Callers without the token have a bucket of their own, so that they cannot use up the terminal's. */
  unknown: { burst: 10, perSecond: 1 },
} as const satisfies Record<string, Rate>;

/** A token bucket. The answer takes one call out of it, or throws `too_many_requests` with `seconds` to wait. */
export function createRateLimit(clock: Clock, { burst, perSecond }: Rate): () => void {
  let left = burst;
  let countedAt = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    left = Math.min(burst, left + ((now - countedAt) / 1000) * perSecond);
    countedAt = now;
    if (left < 1) {
      const seconds = Math.ceil((1 - left) / perSecond);
      throw new SaksiError('too_many_requests', { params: { seconds } });
    }
    left -= 1;
  };
}
