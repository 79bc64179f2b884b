import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createLimiter, takeFrom } from '../tills/limiter.ts';

/** Batches of one till: far more than its worker sends of a backlog, which is 200 items to a batch. */
export const BATCHES_PER_TILL = { count: 300, windowMs: 60_000 };
/** Worked on at once for one till: those that it waits for, and as many again whose answer it has given up. */
export const BATCHES_AT_ONCE = 4;
/** A batch in hand is done after a few seconds at most. */
const BUSY_SECONDS = 1;

/** How much of a gateway process one till's outbox may take. */
export interface OutboxLimits {
  /** Throws `too_many_requests` with the seconds until the till may send again. */
  attempt(tillId: string): void;
  /** Runs `work`, unless too much of this till is in hand: then `too_many_requests`. */
  alongside<T>(tillId: string, work: () => Promise<T>): Promise<T>;
}

export function createOutboxLimits(clock: Clock): OutboxLimits {
  const limiter = createLimiter(clock, BATCHES_PER_TILL);
  const inHand = new Map<string, number>();
  return {
    attempt: (tillId) => takeFrom(limiter, tillId),

    async alongside(tillId, work) {
      const before = inHand.get(tillId) ?? 0;
      if (before >= BATCHES_AT_ONCE) {
        throw new SaksiError('too_many_requests', { params: { seconds: BUSY_SECONDS } });
      }
      inHand.set(tillId, before + 1);
      try {
        return await work();
      } finally {
        const left = (inHand.get(tillId) ?? 1) - 1;
        if (left === 0) inHand.delete(tillId);
        else inHand.set(tillId, left);
      }
    },
  };
}
