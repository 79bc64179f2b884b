import type { z } from 'zod';
import type { GatewayState } from '../../shared/bridge.ts';
import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError, type SaksiError } from '../../shared/errors.ts';
import type { pingSchema, TillEvent } from '../../shared/gateway-api.ts';
import type { CallContext } from './call.ts';
import { followEvents } from './event-stream.ts';

/** Pause before the next attempt: full jitter under base · 2^failures, so that a street of tills does not storm. */
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 8_000;
/** A till that was refused asks again this often: its key may have been restored. */
const REFUSED_RETRY_MS = 60_000;

export type ConnectionEvent = 'opened' | 'lost' | 'denied';

/** Every legal transition; an event that is not named changes nothing. */
export const CONNECTION_TRANSITIONS: Record<GatewayState, Partial<Record<ConnectionEvent, GatewayState>>> = {
  connecting: { opened: 'online', lost: 'offline', denied: 'refused' },
  online: { lost: 'offline', denied: 'refused' },
  degraded: { lost: 'offline', denied: 'refused' },
  offline: { opened: 'online', denied: 'refused' },
  refused: { opened: 'online', lost: 'refused' },
};

export interface ConnectionHandlers {
  /** After each change, and when the skew or the queue may have changed. */
  changed(): void;
  /** The line is up (again): what was missed is to be read. */
  online(): void;
  event(event: TillEvent, id: string | null): void;
  unreadable(id: string | null): void;
  ping(ping: z.infer<typeof pingSchema>): void;
}

/** Whether the gateway no longer takes this till, rather than this one call. */
export function isDenial(error: SaksiError): boolean {
  return error.code === 'till_revoked' || error.code === 'unauthorised';
}

/** Keeps the event stream up for as long as it runs, and says how the line is. */
export function createConnection(
  context: CallContext,
  lastEventId: () => string | null,
  handlers: ConnectionHandlers,
) {
  const { clock, random } = context.effects;
  let state: GatewayState = 'connecting';
  let error: SaksiError | null = null;
  let failures = 0;
  let stopping: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();
  let wake: (() => void) | null = null;

  function apply(event: ConnectionEvent, cause: SaksiError | null): void {
    const next = CONNECTION_TRANSITIONS[state][event] ?? state;
    // A refused till keeps the reason, whatever then becomes of the line.
    const reason = next === 'refused' && event === 'lost' ? error : cause;
    const changed = next !== state || reason?.code !== error?.code;
    state = next;
    error = reason;
    if (changed) handlers.changed();
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await followEvents(context, lastEventId(), { ...handlers, opened }, signal);
      } catch (caught) {
        if (signal.aborted) return;
        const cause = asSaksiError(caught);
        apply(isDenial(cause) ? 'denied' : 'lost', cause);
      }
      await pause(state === 'refused' ? REFUSED_RETRY_MS : backoffMs(), signal);
    }
  }

  function opened(): void {
    failures = 0;
    apply('opened', null);
    handlers.online();
  }

  function backoffMs(): number {
    const limit = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** failures);
    failures += 1;
    return random.jitter() * limit;
  }

  function pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      const end = () => {
        cancel();
        wake = null;
        signal.removeEventListener('abort', end);
        resolve();
      };
      cancel = clock.schedule(delayMs, end);
      wake = end;
      signal.addEventListener('abort', end, { once: true });
    });
  }

  return {
    state: () => state,
    error: () => error,

    start(): void {
      if (stopping !== null) return;
      stopping = new AbortController();
      running = run(stopping.signal);
    },

    /** A call was denied or the gateway said that this till is revoked. */
    denied(cause: SaksiError): void {
      apply('denied', cause);
    },

    /** Tries now rather than after the pause: the machine woke up, or a call got through. */
    nudge(): void {
      wake?.();
    },

    async stop(): Promise<void> {
      stopping?.abort();
      await running;
    },
  };
}
export type Connection = ReturnType<typeof createConnection>;
