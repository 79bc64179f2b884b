import type { z } from 'zod';
import type { GatewayState } from '../../shared/bridge.ts';
import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { pingSchema, TillEvent } from '../../shared/gateway-api.ts';
import { type CallContext, isLineFault } from './call.ts';
import { followEvents } from './event-stream.ts';
import { type CallWatch, createBreakers, createLineHealth, LINE } from './line-health.ts';
import { probe } from './probe.ts';

/** Pause before the next attempt: full jitter under base · 2^failures, so that a street of tills does not storm. */
const RETRY_BASE_MS = 300;
/** With the probe's limit this is under the 3 s within which a line that is back shows. */
const RETRY_MAX_MS = 1_200;
/** The stream is tried all the same after this many failed probes: a slow line may be enough for it. */
const PROBES_PER_STREAM = 6;
/** A till that was refused asks again this often: its key may have been restored. */
const REFUSED_RETRY_MS = 60_000;

/** `strained`: up, but slow, failing some, or only just. `mended`: the till's clock is right again, the line is down. */
export type ConnectionEvent = 'opened' | 'strained' | 'lost' | 'denied' | 'mended';

/** Every legal transition; an event that is not named changes nothing. */
export const CONNECTION_TRANSITIONS: Record<GatewayState, Partial<Record<ConnectionEvent, GatewayState>>> = {
  connecting: { opened: 'online', strained: 'degraded', lost: 'offline', denied: 'refused' },
  online: { strained: 'degraded', lost: 'offline', denied: 'refused' },
  degraded: { opened: 'online', lost: 'offline', denied: 'refused' },
  offline: { opened: 'online', strained: 'degraded', denied: 'refused' },
  refused: { opened: 'online', strained: 'degraded', lost: 'refused', mended: 'offline' },
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

/** Whether calls are worth making. */
export function isUp(state: GatewayState): boolean {
  return state === 'online' || state === 'degraded';
}

/**
 * Keeps the event stream up for as long as it runs, and says how the line is: by what the stream, the calls and small
 * probes of its own tell, never by what the system believes of its network. `network` tells one set of the machine's
 * addresses from another; a change of it has the line looked at.
 */
export function createConnection(
  context: CallContext,
  lastEventId: () => string | null,
  handlers: ConnectionHandlers,
  network: () => string = () => '',
) {
  const { clock, random } = context.effects;
  const health = createLineHealth();
  const breakers = createBreakers(clock, random.jitter);
  let state: GatewayState = 'connecting';
  let error: SaksiError | null = null;
  let failures = 0;
  let stopping: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();
  let wake: (() => void) | null = null;

  let streamUp = false;
  /** Monotonic moments: anything that proves the line, and the stream's own last byte. */
  let heardAt = 0;
  let streamHeardAt = 0;
  /** The probe that found a silent line dead. */
  let silentBy: SaksiError | null = null;
  let probing = false;
  let cancelProbe: Cancel = () => {};
  let lastNetwork = network();

  function apply(event: ConnectionEvent, cause: SaksiError | null): void {
    const before = state;
    const next = CONNECTION_TRANSITIONS[state][event] ?? state;
    // A refused till keeps the reason, whatever then becomes of the line.
    const reason = next === 'refused' && event === 'lost' ? error : cause;
    const changed = next !== state || reason?.code !== error?.code;
    state = next;
    error = reason;
    if (changed) handlers.changed();
    if (!isUp(before) && isUp(next)) {
      breakers.reset();
      handlers.online();
    }
  }

  /** Puts together what is known of the line. */
  function assess(): void {
    const skew = skewError();
    if (state === 'refused' && error !== null && isDenial(error)) return;
    if (skew !== null) apply('denied', skew);
    else if (!streamUp) apply('mended', error);
    else if (silentBy !== null) apply('lost', silentBy);
    else if (inDoubt() || clock.monotonic() - streamHeardAt > LINE.streamMuteMs) {
      apply('strained', health.error() ?? new SaksiError('gateway_timeout'));
    } else apply('opened', null);
  }

  function skewError(): SaksiError | null {
    const skewMs = Math.abs(context.gatewayClock.skewMs() ?? 0);
    if (skewMs <= LINE.skewMaxMs) return null;
    return new SaksiError('clock_skew', { params: { minutes: Math.round(skewMs / 60_000) } });
  }

  const inDoubt = () => health.strained() || breakers.anyOpen();

  function probeIn(delayMs: number): void {
    cancelProbe();
    if (streamUp) cancelProbe = clock.schedule(delayMs, probeSoon);
  }

  function probeSoon(): void {
    if (probing || !streamUp) return;
    cancelProbe();
    probing = true;
    // It never rejects.
    void probeLine();
  }

  async function probeLine(): Promise<void> {
    const outcome = await probe(context);
    probing = false;
    if (!streamUp) return;
    health.note(outcome);
    if (outcome.error === null) {
      silentBy = null;
      heardAt = clock.monotonic();
    } else if (clock.monotonic() - heardAt >= LINE.silenceMs) {
      silentBy = outcome.error;
    }
    assess();
    probeIn(inDoubt() ? LINE.probeEveryMs : LINE.silenceMs);
  }

  const watch: CallWatch = {
    admit(endpoint) {
      if (breakers.admits(endpoint)) return;
      throw new SaksiError('gateway_unreachable', { params: { reason: 'breaker' } });
    },
    ended(endpoint, cause) {
      breakers.note(endpoint, cause === null || !isLineFault(cause));
      if (streamUp) assess();
    },
    sent() {
      const sentAt = clock.monotonic();
      const cancelDoubt = clock.schedule(LINE.doubtMs, probeSoon);
      return (cause) => {
        cancelDoubt();
        const fault = cause !== null && isLineFault(cause) ? cause : null;
        health.note({ ms: clock.monotonic() - sentAt, error: fault });
        if (cause !== null && isDenial(cause)) apply('denied', cause);
        if (!streamUp) return;
        assess();
        if (inDoubt()) probeSoon();
      };
    },
  };
  const watched: CallContext = { ...context, watch };

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await lineBack(signal);
        if (signal.aborted) return;
        await followEvents(context, lastEventId(), { ...handlers, ping, heard, opened }, signal);
      } catch (caught) {
        closed();
        if (signal.aborted) return;
        const cause = asSaksiError(caught);
        apply(isDenial(cause) ? 'denied' : 'lost', cause);
      }
      const refused = error !== null && isDenial(error);
      await pause(state === 'refused' && refused ? REFUSED_RETRY_MS : backoffMs(), signal);
    }
  }

  /** Resolves when a probe got through, or when it is time to try the stream all the same. */
  async function lineBack(signal: AbortSignal): Promise<void> {
    for (let tries = 1; !signal.aborted; tries += 1) {
      const { error: cause } = await probe(context);
      if (cause === null || tries % PROBES_PER_STREAM === 0 || signal.aborted) return;
      apply('lost', cause);
      await pause(backoffMs(), signal);
    }
  }

  function opened(): void {
    failures = 0;
    streamUp = true;
    silentBy = null;
    health.clear();
    heard();
  }

  function closed(): void {
    streamUp = false;
    cancelProbe();
  }

  /** Bytes of the stream. */
  function heard(): void {
    heardAt = clock.monotonic();
    streamHeardAt = heardAt;
    silentBy = null;
    assess();
    const moved = network() !== lastNetwork;
    lastNetwork = network();
    if (moved) probeSoon();
    else if (!probing && !inDoubt()) probeIn(LINE.silenceMs);
  }

  function ping(news: z.infer<typeof pingSchema>): void {
    const believed = context.gatewayClock.now();
    if (believed === null || Math.abs(news.time - believed) > LINE.pingAstrayMs) probeSoon();
    handlers.ping(news);
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
    /** What calls are to be made with, so that they are heard of here. */
    context: watched,

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
      probeSoon();
    },

    async stop(): Promise<void> {
      stopping?.abort();
      closed();
      await running;
    },
  };
}
export type Connection = ReturnType<typeof createConnection>;
