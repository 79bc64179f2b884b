import { createHmac, createSecretKey, type Hmac, type KeyObject } from 'node:crypto';

const imported = new WeakMap<Uint8Array, KeyObject>();

/** HMAC-SHA-256 under `key`. An imported key is kept: importing it anew takes several times as long as the HMAC. */
export function hmacSha256(key: Uint8Array): Hmac {
  const known = imported.get(key) ?? createSecretKey(key);
  imported.set(key, known);
  return createHmac('sha256', known);
}
