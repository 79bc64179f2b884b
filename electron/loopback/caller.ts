import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Random } from '../../shared/effects.ts';

/** 256 random bits in base64url. */
export function createToken(random: Random): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}

/** Compares in a time that does not depend on where they differ, nor on their lengths. */
export function sameToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The token of `Authorization: Bearer …` (RFC 6750, section 2.1), or null. */
export function bearerOf(headers: IncomingHttpHeaders): string | null {
  return /^Bearer ([\w.~+/=-]{1,256})$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/**
 * Whether `Host` names this machine's loopback and our port. A web page that had its own name resolve to 127.0.0.1
 * (DNS rebinding) sends that name here, and is refused.
 */
export function isLoopbackHost(headers: IncomingHttpHeaders, port: number): boolean {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`].includes(
    headers.host?.toLowerCase() ?? '',
  );
}

/** Whether the request comes from a page that we served ourselves. `required`: it must say so. */
export function isOwnOrigin(headers: IncomingHttpHeaders, required: boolean): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return !required;
  return origin === `http://${host?.toLowerCase()}`;
}
