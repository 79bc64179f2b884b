import { AUDIT_NEWS_MAX, type TimelineEvent } from '../../shared/audit/timeline.ts';
import type { BridgeInput, BridgeOutput } from '../../shared/bridge.ts';
import { asSaksiError, type SaksiError } from '../../shared/errors.ts';
import { type Core, linkOf } from './core.ts';

/** A call with nothing new is answered after so long: a screen that is gone leaves none waiting. */
const WAIT_MS = 15_000;
/** The stream goes on for so long after an answer; the next call is on its way. */
const KEEP_MS = 5_000;
/** A screen that does not ask has no more than that held for it. */
const HELD_MAX = 500;

interface Tail {
  readonly key: string;
  /** The last event that the screen was given. */
  given: number | null;
  readonly held: TimelineEvent[];
  /** Why there will be no more. */
  ended: SaksiError | null;
  readonly abort: AbortController;
  /** Those who wait for what changes here. */
  readonly waiting: Set<() => void>;
  cancelEnd: () => void;
}

/**
 * What is new in the audit list, for a screen that can only ask: one stream is kept open to the gateway between its calls, and
 * each call waits a while for something. Nothing is passed over: a screen names the last event that it has, and where that is
 * not the one that it was given, the stream begins anew after it.
 */
export function createAuditTail(core: Core) {
  const { clock } = core.effects;
  let tail: Tail | null = null;

  function wake({ waiting }: Tail): void {
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  function close(): void {
    if (tail === null) return;
    tail.cancelEnd();
    tail.abort.abort();
    wake(tail);
    tail = null;
  }

  function open(key: string, token: string, { filter, after }: BridgeInput<'audit.tail'>): Tail {
    close();
    const fresh: Tail = {
      ...{ key, given: after, held: [], ended: null, abort: new AbortController() },
      ...{ waiting: new Set(), cancelEnd: () => {} },
    };
    const take = (event: TimelineEvent) => {
      fresh.held.push(event);
      // It goes on after the last one that is held, once the screen asks again.
      if (fresh.held.length >= HELD_MAX) fresh.abort.abort();
      wake(fresh);
    };
    linkOf(core)
      .client.auditTail(token, filter, after, take, fresh.abort.signal)
      .catch((error: unknown) => {
        fresh.ended = asSaksiError(error);
        wake(fresh);
      });
    tail = fresh;
    return fresh;
  }

  async function somethingNew(one: Tail): Promise<void> {
    if (one.held.length > 0 || one.ended !== null) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.schedule(WAIT_MS, () => {
        one.waiting.delete(done);
        resolve();
      });
      const done = () => {
        cancel();
        resolve();
      };
      one.waiting.add(done);
    });
  }

  return {
    /** Throws why the stream ended, once all that had come was given. */
    async news(token: string, wish: BridgeInput<'audit.tail'>): Promise<BridgeOutput<'audit.tail'>> {
      const key = JSON.stringify([token, wish.filter]);
      const goesOn = tail !== null && tail.key === key && tail.given === wish.after;
      const one = goesOn && tail !== null ? tail : open(key, token, wish);
      one.cancelEnd();
      await somethingNew(one);
      const events = one.held.splice(0, AUDIT_NEWS_MAX);
      if (events.length === 0 && one.ended !== null) {
        if (tail === one) close();
        throw one.ended;
      }
      one.given = events.at(-1)?.id ?? one.given;
      one.cancelEnd();
      one.cancelEnd = clock.schedule(KEEP_MS, () => {
        if (tail === one && one.waiting.size === 0) close();
      });
      return { events, after: one.given };
    },
    close,
  };
}
