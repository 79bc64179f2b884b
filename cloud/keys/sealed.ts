/** Secrets at rest: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, bound to where they are kept. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import { importedKey } from './imported.ts';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `v1.<nonce, ciphertext and tag in base64url>` */
export type Sealed = string;

/**
 * @param place which row and column it is for (`messages.to:<id>`): sealed text moved elsewhere does not open
 */
export function seal(key: Uint8Array, random: Random, place: string, secret: string): Sealed {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', importedKey(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place));
  const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `${VERSION}.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
}

/** @throws SealError when it was sealed with another key, for another place, or altered */
export function unseal(key: Uint8Array, place: string, sealed: Sealed): string {
  const [version, text, ...rest] = sealed.split('.');
  const bytes = Buffer.from(text ?? '', 'base64url');
  if (version !== VERSION || rest.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) {
    throw new SealError(place);
  }
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', importedKey(key), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([body, decipher.final()]).toString('utf8');
  } catch (error) {
    throw new SealError(place, error);
  }
}

export class SealError extends Error {
  override readonly name = 'SealError';

  constructor(place: string, cause?: unknown) {
    super(`sealed value of ${place} does not open: another master key, or altered`, { cause });
  }
}
