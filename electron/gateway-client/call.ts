import { constants, gzipSync } from 'node:zlib';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { z } from 'zod';
import { type Effects, sleep } from '../../shared/effects.ts';
import { asSaksiError, SaksiError, wireErrorSchema } from '../../shared/errors.ts';
import { IDEMPOTENCY_HEADER, TIME_HEADER } from '../../shared/gateway-api.ts';
import type { GatewayClock } from './gateway-clock.ts';
import type { CallWatch } from './line-health.ts';

export interface CallSpec<T extends z.ZodType> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  answer: T;
  timeoutMs: number;
  /** Further tries when the line failed; only for GETs and for what carries an idempotency key. */
  retries: number;
  body?: unknown;
  /** The answer is no JSON but a text, of so many bytes at most. */
  text?: { readonly bytesMax: number };
  /** A body of more than a few kB goes compressed: the route must take that. */
  gzip?: boolean;
  query?: Record<string, string>;
  idempotencyKey?: string;
  headers?: Record<string, string>;
}

export interface CallContext {
  http: AxiosInstance;
  effects: Effects;
  gatewayClock: GatewayClock;
  baseUrl: string;
  bearer: string | null;
  /** Aborted when the till stops: what is on the line ends with `gateway_unreachable`. */
  signal?: AbortSignal;
  /** Told of each call; left out: nobody is. */
  watch?: CallWatch;
}

/** Smaller bodies are sent as they are. */
const GZIP_FROM_CHARS = 4_096;

/** Pause before try n+1: full jitter under this, doubled each time. */
const RETRY_BASE_MS = 200;

/** Errors of the line: nothing is known of what the gateway did. */
export function isLineError(error: SaksiError): boolean {
  return ['gateway_unreachable', 'gateway_timeout', 'captive_portal'].includes(error.code);
}

/** What speaks against the line or the gateway as such, rather than against one request. */
export function isLineFault(error: SaksiError): boolean {
  return isLineError(error) || ['gateway_bad_answer', 'internal', 'not_ready'].includes(error.code);
}

/**
 * One call to the gateway, with its answer checked. Throws SaksiError: what the gateway refused with, or
 * `gateway_unreachable`, `gateway_timeout`, `gateway_bad_answer`. A repeated POST carries the same key.
 */
export async function call<T extends z.ZodType>(
  context: CallContext,
  spec: CallSpec<T>,
): Promise<z.output<T>> {
  const endpoint = endpointOf(spec);
  context.watch?.admit(endpoint);
  try {
    const answer = await callAgain(context, spec);
    context.watch?.ended(endpoint, null);
    return answer;
  } catch (error) {
    // Broken off because the till stops: no news of the line.
    if (context.signal?.aborted !== true) context.watch?.ended(endpoint, asSaksiError(error));
    throw error;
  }
}

async function callAgain<T extends z.ZodType>(context: CallContext, spec: CallSpec<T>): Promise<z.output<T>> {
  const retriesMax = spec.method === 'GET' || spec.idempotencyKey !== undefined ? spec.retries : 0;
  for (let tried = 0; ; tried += 1) {
    try {
      return await watchedCall(context, spec);
    } catch (error) {
      if (!(error instanceof SaksiError && isLineError(error)) || tried >= retriesMax) throw error;
      if (context.signal?.aborted) throw error;
      const { clock, random } = context.effects;
      await sleep(clock, random.jitter() * RETRY_BASE_MS * 2 ** tried);
    }
  }
}

async function watchedCall<T extends z.ZodType>(
  context: CallContext,
  spec: CallSpec<T>,
): Promise<z.output<T>> {
  const ended = context.watch?.sent();
  try {
    const answer = await callOnce(context, spec);
    ended?.(null);
    return answer;
  } catch (error) {
    if (context.signal?.aborted !== true) ended?.(asSaksiError(error));
    throw error;
  }
}

/** 'POST /v1/redemptions/:id/verify': what a breaker is kept for. */
function endpointOf({ method, path }: CallSpec<z.ZodType>): string {
  return `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')}`;
}

/** One try. `fromGateway`: an answer without the gateway's time is somebody else's, however it looks. */
export async function callOnce<T extends z.ZodType>(
  context: CallContext,
  spec: CallSpec<T>,
  { fromGateway = false } = {},
): Promise<z.output<T>> {
  const response = await send(context, spec);
  const isText = spec.text !== undefined && response.status >= 200 && response.status < 300;
  const body = isText ? response.data : parseBody(response);
  if (isForeign(response, body, fromGateway)) {
    throw new SaksiError('captive_portal', { params: { status: response.status } });
  }
  if (response.status >= 200 && response.status < 300) {
    const parsed = spec.answer.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new SaksiError('gateway_bad_answer', { params: { path: spec.path }, cause: parsed.error });
  }
  const refusal = wireErrorSchema.safeParse(body);
  if (refusal.success) throw SaksiError.fromWire(refusal.data.error);
  // A proxy in between speaks for a gateway that is away.
  if ([502, 503, 504].includes(response.status)) throw new SaksiError('gateway_unreachable');
  throw new SaksiError('gateway_bad_answer', { params: { path: spec.path, status: response.status } });
}

async function send(context: CallContext, spec: CallSpec<z.ZodType>): Promise<AxiosResponse<unknown>> {
  const { http, effects, gatewayClock, baseUrl } = context;
  const { clock } = effects;
  const abort = new AbortController();
  let late = false;
  const cancelTimer = clock.schedule(spec.timeoutMs, () => {
    late = true;
    abort.abort();
  });
  const onStop = () => abort.abort();
  if (context.signal?.aborted) onStop();
  context.signal?.addEventListener('abort', onStop, { once: true });
  try {
    const { data, encoding } = bodyOf(spec);
    const sentAt = clock.monotonic();
    const response = await http.request<unknown>({
      method: spec.method,
      url: baseUrl + spec.path,
      headers: { ...headersOf(context, spec), ...encoding },
      signal: abort.signal,
      ...(data === undefined ? {} : { data }),
      ...(spec.text === undefined ? {} : { maxContentLength: spec.text.bytesMax }),
      ...(spec.query === undefined ? {} : { params: spec.query }),
    });
    noteTime(gatewayClock, response, sentAt, clock.monotonic());
    return response;
  } catch (error) {
    if (late) throw new SaksiError('gateway_timeout', { params: { path: spec.path } });
    throw lineError(error);
  } finally {
    cancelTimer();
    context.signal?.removeEventListener('abort', onStop);
  }
}

function bodyOf({ body, gzip = false }: CallSpec<z.ZodType>): {
  data?: string | Uint8Array;
  encoding?: { 'content-encoding': 'gzip' };
} {
  if (body === undefined) return {};
  const text = JSON.stringify(body);
  if (!gzip || text.length < GZIP_FROM_CHARS) return { data: text };
  // A few hundred kB at most, in a millisecond or two.
  return {
    data: gzipSync(text, { level: constants.Z_BEST_SPEED }),
    encoding: { 'content-encoding': 'gzip' },
  };
}

function headersOf({ bearer }: CallContext, spec: CallSpec<z.ZodType>): Record<string, string> {
  return {
    accept: 'application/json',
    ...spec.headers,
    ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    ...(spec.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(spec.idempotencyKey === undefined ? {} : { [IDEMPOTENCY_HEADER]: spec.idempotencyKey }),
  };
}

/** The axios error holds the request with its token and body, so only its code goes on. */
export function lineError(error: unknown): SaksiError {
  if (!axios.isAxiosError(error)) return new SaksiError('internal', { cause: error });
  const reason = error.code ?? 'unknown';
  if (reason === 'ERR_BAD_RESPONSE') return new SaksiError('gateway_bad_answer', { params: { reason } });
  return new SaksiError('gateway_unreachable', { params: { reason } });
}

export function noteTime(
  gatewayClock: GatewayClock,
  response: AxiosResponse<unknown>,
  sentAt: number,
  receivedAt: number,
): void {
  const time = gatewayTime(response);
  if (time !== null) gatewayClock.note(time, sentAt, receivedAt);
}

/**
 * Whether something between us and the gateway answered in its place: a sign-in page of the network, a redirect to one.
 * The gateway never redirects, and all that it says is JSON with its time. A proxy's word on a gateway that is away
 * (502 to 504) is another matter.
 */
function isForeign(response: AxiosResponse<unknown>, body: unknown, strict: boolean): boolean {
  const { status } = response;
  if ([502, 503, 504].includes(status) || gatewayTime(response) !== null) return false;
  return strict || body === undefined || (status >= 300 && status < 400) || status === 511;
}

function gatewayTime({ headers }: AxiosResponse<unknown>): number | null {
  const time = Number(headers[TIME_HEADER]);
  return Number.isSafeInteger(time) && time > 0 ? time : null;
}

function parseBody(response: AxiosResponse<unknown>): unknown {
  if (typeof response.data !== 'string') return response.data;
  try {
    return JSON.parse(response.data);
  } catch {
    // Not JSON is outside every schema: the caller names it by the status.
    return undefined;
  }
}
