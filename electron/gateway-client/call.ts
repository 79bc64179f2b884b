import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { z } from 'zod';
import { type Effects, sleep } from '../../shared/effects.ts';
import { SaksiError, wireErrorSchema } from '../../shared/errors.ts';
import { IDEMPOTENCY_HEADER, TIME_HEADER } from '../../shared/gateway-api.ts';
import type { GatewayClock } from './gateway-clock.ts';

export interface CallSpec<T extends z.ZodType> {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  answer: T;
  timeoutMs: number;
  /** Further tries when the line failed; only for GETs and for what carries an idempotency key. */
  retries: number;
  body?: unknown;
  query?: Record<string, string>;
  idempotencyKey?: string;
}

export interface CallContext {
  http: AxiosInstance;
  effects: Effects;
  gatewayClock: GatewayClock;
  baseUrl: string;
  bearer: string | null;
  /** Aborted when the till stops: what is on the line ends with `gateway_unreachable`. */
  signal?: AbortSignal;
}

/** Pause before try n+1: full jitter under this, doubled each time. */
const RETRY_BASE_MS = 200;

/** Errors of the line: nothing is known of what the gateway did. */
export function isLineError(error: SaksiError): boolean {
  return error.code === 'gateway_unreachable' || error.code === 'gateway_timeout';
}

/**
 * One call to the gateway, with its answer checked. Throws SaksiError: what the gateway refused with, or
 * `gateway_unreachable`, `gateway_timeout`, `gateway_bad_answer`. A repeated POST carries the same key.
 */
export async function call<T extends z.ZodType>(
  context: CallContext,
  spec: CallSpec<T>,
): Promise<z.output<T>> {
  const retriesMax = spec.method === 'GET' || spec.idempotencyKey !== undefined ? spec.retries : 0;
  for (let tried = 0; ; tried += 1) {
    try {
      return await callOnce(context, spec);
    } catch (error) {
      if (!(error instanceof SaksiError && isLineError(error)) || tried >= retriesMax) throw error;
      if (context.signal?.aborted) throw error;
      const { clock, random } = context.effects;
      await sleep(clock, random.jitter() * RETRY_BASE_MS * 2 ** tried);
    }
  }
}

async function callOnce<T extends z.ZodType>(context: CallContext, spec: CallSpec<T>): Promise<z.output<T>> {
  const response = await send(context, spec);
  const body = parseBody(response);
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
  const sentAt = clock.monotonic();
  try {
    const response = await http.request<unknown>({
      method: spec.method,
      url: baseUrl + spec.path,
      headers: headersOf(context, spec),
      signal: abort.signal,
      ...(spec.body === undefined ? {} : { data: JSON.stringify(spec.body) }),
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

function headersOf({ bearer }: CallContext, spec: CallSpec<z.ZodType>): Record<string, string> {
  return {
    accept: 'application/json',
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
  const time = Number(response.headers[TIME_HEADER]);
  if (Number.isSafeInteger(time) && time > 0) gatewayClock.note(time, sentAt, receivedAt);
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
