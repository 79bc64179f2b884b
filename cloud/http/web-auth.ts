/** Who may use the gateway's own pages: a session in a cookie, and changes only from a page of the gateway itself. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SaksiError } from '../../shared/errors.ts';
import type { WebSession, WebSessions } from '../web/sessions.ts';

/** RFC 6265bis, section 4.1.3.2: a browser takes the first name from its own host over TLS alone, for all paths. */
const COOKIE = { secure: '__Host-saksi-web', plain: 'saksi-web' } as const;
const TOKEN = /^[\w-]{43}$/;
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireSession`. */
    web: WebSession | null;
  }
}

/**
 * A hook for whatever changes something: JSON (which no form of a foreign page can send) from our own page. `Origin` must name
 * the host that was asked, over TLS unless that is loopback.
 * @throws SaksiError origin_forbidden, web_needs_https, bad_request
 */
export async function requireOwnPage(request: FastifyRequest): Promise<void> {
  const { origin = '' } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const from = URL.canParse(origin) ? new URL(origin) : null;
  if (from === null || from.host !== request.host.toLowerCase()) throw new SaksiError('origin_forbidden');
  if (site !== undefined && site !== 'same-origin') throw new SaksiError('origin_forbidden');
  if (from.protocol !== 'https:' && !isLoopback(request)) throw new SaksiError('web_needs_https');
  if (!/^application\/json(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new SaksiError('bad_request', { params: { at: 'headers/content-type' } });
  }
}

/** A hook for routes that only somebody who is signed in may call. */
export function requireSession(sessions: WebSessions) {
  return async (request: FastifyRequest): Promise<void> => {
    const token = cookieOf(request);
    if (token === null) throw new SaksiError('web_session_ended');
    request.web = await sessions.authenticate(token);
  };
}

/** The session that `requireSession` recognised. */
export function sessionOf(request: FastifyRequest): WebSession {
  if (request.web === null) throw new SaksiError('web_session_ended');
  return request.web;
}

/** @param maxAgeSeconds 0: the browser forgets it */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  maxAgeSeconds: number,
): void {
  const secure = !isLoopback(request);
  const name = secure ? COOKIE.secure : COOKIE.plain;
  const parts = [`${name}=${token}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${maxAgeSeconds}`];
  reply.header('set-cookie', [...parts, ...(secure ? ['Secure'] : [])].join('; '));
}

function cookieOf(request: FastifyRequest): string | null {
  const wanted = isLoopback(request) ? COOKIE.plain : COOKIE.secure;
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value = ''] = pair.trim().split('=');
    if (name === wanted && TOKEN.test(value)) return value;
  }
  return null;
}

function isLoopback(request: FastifyRequest): boolean {
  return LOOPBACK.test(request.host);
}
