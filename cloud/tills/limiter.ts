import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';

/** Addresses remembered at once; beyond it the one that came first is forgotten. */
const KEYS_MAX = 10_000;

export interface Limiter {
  /** @returns 0 when the attempt may go on, else the seconds until the window ends */
  attempt(key: string): number;
  /** The attempt just made does not count after all. */
  forgive(key: string): void;
}

/** At most `count` attempts for each key in a window that begins with the key's first attempt. */
export function createLimiter(clock: Clock, options: { count: number; windowMs: number }): Limiter {
  const windows = new Map<string, { endsAt: number; left: number }>();
  return {
    attempt(key) {
      const now = clock.monotonic();
      let window = windows.get(key);
      if (window === undefined || window.endsAt <= now) {
        windows.delete(key);
        window = { endsAt: now + options.windowMs, left: options.count };
        windows.set(key, window);
        const oldest = windows.size > KEYS_MAX ? windows.keys().next().value : undefined;
        if (oldest !== undefined) windows.delete(oldest);
      }
      if (window.left === 0) return Math.ceil((window.endsAt - now) / 1000);
      window.left -= 1;
      return 0;
    },
    forgive(key) {
      const window = windows.get(key);
      if (window !== undefined && window.left < options.count) window.left += 1;
    },
  };
}

/** @throws SaksiError too_many_requests {seconds} */
export function takeFrom(limiter: Limiter, key: string): void {
  const seconds = limiter.attempt(key);
  if (seconds > 0) throw new SaksiError('too_many_requests', { params: { seconds } });
}
