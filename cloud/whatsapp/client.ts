/**
 * Sends one message: `POST /{version}/{phone-number-id}/messages` of Meta's WhatsApp Cloud API.
 * It neither queues nor retries nor logs: the caller decides, by `error.rule`.
 */
import type { AxiosInstance } from 'axios';
import { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import { proofOf } from './app-secret-proof.ts';
import { type NetworkFault, WhatsAppError, WhatsAppNetworkError } from './errors.ts';
import type { AnyMessage } from './outgoing.ts';
import { type Answer, axiosPoster, createPoster } from './post.ts';

export type SendStatus = 'accepted' | 'held_for_quality_assessment' | 'paused';
/** `accepted` means that Meta took the message, not that anybody got it: statuses come by webhook. */
export type SendResult = Readonly<{ wamid: string; status: SendStatus }>;

export type WhatsAppClient = Readonly<{
  /** @throws WhatsAppError Meta refused it; WhatsAppNetworkError there was no usable answer */
  send(message: AnyMessage): Promise<SendResult>;
  /** Closes the kept-alive connections. */
  close(): void;
}>;

export type WhatsAppClientOptions = Readonly<{
  /** `https://graph.facebook.com`, or a simulator on loopback, the only place where `http:` is allowed. */
  graphUrl: string;
  /** For instance `v25.0`. */
  version: string;
  phoneNumberId: string;
  accessToken: string;
  /** Where it is known each send is proved to be the app's own: apps may demand it ("Require App Secret"). */
  appSecret?: string;
  /** For the whole exchange, from connecting to the last byte of the answer. */
  timeoutMs: number;
  clock: Pick<Clock, 'schedule'>;
  http?: AxiosInstance;
}>;

const sendAnswer = z.object({
  messages: z
    .array(
      z.object({
        id: z.string().min(1).max(512),
        message_status: z.enum(['accepted', 'held_for_quality_assessment', 'paused']).default('accepted'),
      }),
    )
    .min(1),
});

const errorAnswer = z.object({
  error: z.object({
    code: z.number().int(),
    error_subcode: z.number().int().optional(),
    error_data: z.object({ details: z.string().optional() }).optional().catch(undefined),
    fbtrace_id: z.string().optional(),
  }),
});

/** @throws TypeError for a URL, version or id that cannot be right: a fault of the configuration, found at start */
export function createWhatsAppClient(options: WhatsAppClientOptions): WhatsAppClient {
  const url = messagesUrl(options);
  const { accessToken, timeoutMs, clock } = options;
  if (accessToken.length === 0) throw new TypeError('WhatsApp access token is empty');
  if (!Number.isInteger(timeoutMs) || timeoutMs <= 0)
    throw new TypeError('WhatsApp timeout is not a whole time');

  for (const [name, value] of Object.entries(proofOf(accessToken, options.appSecret))) {
    url.searchParams.set(name, value);
  }
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const poster =
    options.http === undefined
      ? createPoster({ url, headers, proxied: !isLoopback(url.hostname) })
      : axiosPoster(options.http, { url, headers });

  async function send(message: AnyMessage): Promise<SendResult> {
    const posting = poster.post(message);
    let late = false;
    const met = clock.schedule(timeoutMs, () => {
      late = true;
      posting.abort();
    });
    let answer: Answer;
    try {
      answer = await posting.answer;
    } catch (error) {
      // The driver's error may hold the token and the code: nothing of it may travel on.
      throw toNetworkError(error, late);
    } finally {
      met();
    }
    return readAnswer(answer);
  }

  return { send, close: poster.close };
}

function messagesUrl(options: WhatsAppClientOptions): URL {
  const { origin, path } = graphBase(options);
  if (!/^\d{1,32}$/.test(options.phoneNumberId))
    throw new TypeError('WhatsApp phone number id is not digits');
  return new URL(`${origin}${path}/${options.version}/${options.phoneNumberId}/messages`);
}

/** @throws TypeError for a URL or version that cannot be right */
export function graphBase({ graphUrl, version }: Pick<WhatsAppClientOptions, 'graphUrl' | 'version'>): {
  origin: string;
  path: string;
  hostname: string;
} {
  const base = new URL(graphUrl);
  const secure = base.protocol === 'https:';
  if (!secure && !(base.protocol === 'http:' && isLoopback(base.hostname))) {
    throw new TypeError('WhatsApp Graph URL must be https, or http on loopback');
  }
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    throw new TypeError('WhatsApp Graph URL must be a bare origin and path');
  }
  if (!/^v\d{1,3}\.\d{1,2}$/.test(version)) throw new TypeError('WhatsApp API version is not like v25.0');
  return { origin: base.origin, path: base.pathname.replace(/\/+$/, ''), hostname: base.hostname };
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function readAnswer(answer: Answer): SendResult {
  if (answer.status >= 200 && answer.status < 300) {
    const sent = sendAnswer.safeParse(answer.data).data?.messages[0];
    if (sent !== undefined) return { wamid: sent.id, status: sent.message_status };
  }
  throw refusalOf(answer);
}

/** What an answer without success says. */
export function refusalOf(answer: Answer): WhatsAppError | WhatsAppNetworkError {
  const refused = errorAnswer.safeParse(answer.data).data?.error;
  if (refused !== undefined) {
    return new WhatsAppError({
      code: refused.code,
      details: refused.error_data?.details ?? '',
      subcode: refused.error_subcode,
      httpStatus: answer.status,
      fbtraceId: refused.fbtrace_id,
    });
  }
  // A proxy's page, a half answer: whether Meta took it is not known.
  return new WhatsAppNetworkError({ fault: 'bad_answer', outcome: 'unknown', httpStatus: answer.status });
}

/** Faults that happen before the first byte of the request leaves. */
const NEVER_CONNECTED: ReadonlyMap<string, NetworkFault> = new Map([
  ['ECONNREFUSED', 'unreachable'],
  ['ENOTFOUND', 'unreachable'],
  ['EAI_AGAIN', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'unreachable'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
]);

/** Of axios, and of undici. */
const TOO_LONG: ReadonlySet<string> = new Set(['ERR_BAD_RESPONSE', 'UND_ERR_RES_EXCEEDED_MAX_SIZE']);

export function toNetworkError(error: unknown, timedOut: boolean): WhatsAppNetworkError {
  if (timedOut) return new WhatsAppNetworkError({ fault: 'timeout', outcome: 'unknown' });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const fault = NEVER_CONNECTED.get(code);
  if (fault !== undefined) return new WhatsAppNetworkError({ fault, outcome: 'not_sent' });
  return new WhatsAppNetworkError({
    fault: TOO_LONG.has(code) ? 'bad_answer' : 'connection_lost',
    outcome: 'unknown',
  });
}
