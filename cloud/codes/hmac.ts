import { createHmac, type Hmac } from 'node:crypto';
import { importedKey } from '../keys/imported.ts';

/** HMAC-SHA-256 under `key`. */
export function hmacSha256(key: Uint8Array): Hmac {
  return createHmac('sha256', importedKey(key));
}
