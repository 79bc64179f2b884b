import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { AxiosResponse } from 'axios';
import { createParser } from 'eventsource-parser';
import type { z } from 'zod';
import { SaksiError, wireErrorSchema } from '../../shared/errors.ts';
import {
  EVENT_PING_MS,
  GATEWAY_PATHS,
  pingSchema,
  type TillEvent,
  tillEventSchema,
} from '../../shared/gateway-api.ts';
import { type CallContext, noteTime } from './call.ts';

/** Without one byte for this long the line is dead, whatever TCP says. */
export const SILENCE_MS = 2.5 * EVENT_PING_MS;
const CONNECT_TIMEOUT_MS = 5_000;
/** One event is a redemption: a few kilobytes. */
const EVENT_CHARS_MAX = 256 * 1024;
const REFUSAL_BYTES_MAX = 64 * 1024;

export interface StreamHandlers {
  /** The gateway accepted the stream. */
  opened(): void;
  /** Some bytes came. */
  heard?(): void;
  /** `id` is the sequence to go on after. */
  event(event: TillEvent, id: string | null): void;
  ping(ping: z.infer<typeof pingSchema>): void;
  /** An event of a kind or shape that this till does not know: its state has to be read afresh. */
  unreadable(id: string | null): void;
}

/** What a stream is asked for with. */
export interface StreamSpec {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The last event that was seen; null: from now. */
  readonly lastEventId: string | null;
}

export interface RawHandlers {
  opened?(): void;
  heard?(): void;
  message(event: string | undefined, id: string | null, data: string): void;
}

/** The till's own events: see `followStream`. */
export function followEvents(
  context: CallContext,
  lastEventId: string | null,
  handlers: StreamHandlers,
  signal: AbortSignal,
): Promise<never> {
  const spec = { path: GATEWAY_PATHS.events, lastEventId };
  const message: RawHandlers['message'] = (event, id, data) => dispatch(event, id, data, handlers);
  const raw = { opened: () => handlers.opened(), heard: () => handlers.heard?.(), message };
  return followStream(context, spec, raw, signal);
}

/**
 * Follows a stream of the gateway's (WHATWG HTML section 9.2) until the line breaks or `signal` aborts. Always rejects:
 * with what the gateway refused with, `gateway_unreachable` when the line broke, `gateway_timeout` after SILENCE_MS.
 */
export async function followStream(
  context: CallContext,
  spec: StreamSpec,
  handlers: RawHandlers,
  signal: AbortSignal,
): Promise<never> {
  const watchdog = createWatchdog(context, signal);
  try {
    watchdog.expect(CONNECT_TIMEOUT_MS);
    const response = await open(context, spec, watchdog.signal);
    if (response.status !== 200) throw await refusalOf(response, watchdog.signal);
    if (!isEventStream(response)) throw notOurs(response);
    const alive = () => {
      watchdog.expect(SILENCE_MS);
      handlers.heard?.();
    };
    handlers.opened?.();
    watchdog.expect(SILENCE_MS);
    await read(response.data, handlers, alive, watchdog.signal);
    throw new SaksiError('gateway_unreachable', { params: { reason: 'stream_ended' } });
  } catch (error) {
    if (watchdog.barked()) throw new SaksiError('gateway_timeout', { params: { path: spec.path } });
    throw error instanceof SaksiError ? error : broken(error);
  } finally {
    watchdog.stop();
  }
}

/** Any way in which a socket ends is the line's; the axios error itself holds the till key and stays here. */
function broken(error: unknown): SaksiError {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'stream_broken';
  return new SaksiError('gateway_unreachable', { params: { reason } });
}

async function open(
  context: CallContext,
  { path, query, headers, lastEventId }: StreamSpec,
  signal: AbortSignal,
): Promise<AxiosResponse<Readable>> {
  const { http, baseUrl, bearer, gatewayClock, effects } = context;
  const sentAt = effects.clock.monotonic();
  const response = await http.request<Readable>({
    method: 'GET',
    url: baseUrl + path,
    responseType: 'stream',
    // A stream has no end to measure.
    maxContentLength: -1,
    headers: {
      ...headers,
      accept: 'text/event-stream',
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
    },
    ...(query === undefined ? {} : { params: query }),
    signal,
  });
  noteTime(gatewayClock, response, sentAt, effects.clock.monotonic());
  return response;
}

/** A sign-in page of the network answers 200, too, but not with events. */
function isEventStream({ headers }: AxiosResponse<Readable>): boolean {
  return String(headers['content-type'] ?? '').startsWith('text/event-stream');
}

function notOurs({ data, status }: AxiosResponse<Readable>): SaksiError {
  data.destroy();
  return new SaksiError('captive_portal', { params: { status } });
}

async function refusalOf(response: AxiosResponse<Readable>, signal: AbortSignal): Promise<SaksiError> {
  let text = '';
  for await (const chunk of abortable(response.data, signal)) {
    text += String(chunk);
    if (text.length > REFUSAL_BYTES_MAX) break;
  }
  const { status } = response;
  if ((status >= 300 && status < 400) || status === 511) return notOurs(response);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return new SaksiError(status >= 500 ? 'gateway_unreachable' : 'gateway_bad_answer', {
      params: { status },
      cause: error,
    });
  }
  const refusal = wireErrorSchema.safeParse(body);
  return refusal.success
    ? SaksiError.fromWire(refusal.data.error)
    : new SaksiError('gateway_bad_answer', { params: { status } });
}

async function read(
  stream: Readable,
  handlers: RawHandlers,
  alive: () => void,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const parser = createParser({
    maxBufferSize: EVENT_CHARS_MAX,
    onEvent: ({ event, id, data }) => handlers.message(event, id ?? null, data),
    // Fields and retry values that it does not know are skipped, as the standard says.
    onError: (error) => {
      if (error.type !== 'max-buffer-size-exceeded') return;
      stream.destroy(new SaksiError('gateway_bad_answer', { params: { reason: 'event_too_large' } }));
    },
  });
  for await (const chunk of abortable(stream, signal)) {
    alive();
    parser.feed(decoder.write(chunk as Buffer));
  }
}

function dispatch(
  event: string | undefined,
  id: string | null,
  data: string,
  handlers: StreamHandlers,
): void {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch {
    handlers.unreadable(id);
    return;
  }
  if (event === 'ping') {
    const ping = pingSchema.safeParse(body);
    if (ping.success) handlers.ping(ping.data);
    return;
  }
  const parsed = tillEventSchema.safeParse(body);
  if (parsed.success) handlers.event(parsed.data, id);
  else handlers.unreadable(id);
}

function abortable(stream: Readable, signal: AbortSignal): Readable {
  signal.addEventListener('abort', () => stream.destroy(new SaksiError('gateway_unreachable')), {
    once: true,
  });
  return stream;
}

/** Aborts when nothing was heard within the time last expected, or when the outer signal aborts. */
function createWatchdog({ effects }: CallContext, outer: AbortSignal) {
  const abort = new AbortController();
  let barked = false;
  let cancel = () => {};
  const onOuter = () => abort.abort();
  if (outer.aborted) onOuter();
  outer.addEventListener('abort', onOuter, { once: true });
  return {
    signal: abort.signal,
    barked: () => barked,
    expect(withinMs: number): void {
      cancel();
      cancel = effects.clock.schedule(withinMs, () => {
        barked = true;
        abort.abort();
      });
    },
    stop(): void {
      cancel();
      outer.removeEventListener('abort', onOuter);
    },
  };
}
