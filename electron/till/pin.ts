import { scrypt, timingSafeEqual } from 'node:crypto';
import type { PinHash } from '../../shared/gateway-api.ts';

/** Memory that one check may take: 128 · N · r bytes (RFC 7914 section 2) with room; N = 2^17, r = 8 need 128 MiB. */
const MEMORY_MAX_BYTES = 256 * 1024 * 1024;

/** Checks a PIN against its scrypt hash, off the main thread. Rejects when the parameters are beyond all reason. */
export function isPinRight(pin: string, { salt, hash, n, r, p }: PinHash): Promise<boolean> {
  const expected = Buffer.from(hash, 'base64url');
  return new Promise((resolve, reject) => {
    const cost = { N: n, r, p, maxmem: MEMORY_MAX_BYTES };
    scrypt(pin, Buffer.from(salt, 'base64url'), expected.length, cost, (error, derived) => {
      if (error) reject(error);
      else resolve(expected.length > 0 && timingSafeEqual(derived, expected));
    });
  });
}
