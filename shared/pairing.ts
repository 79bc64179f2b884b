import { z } from 'zod';

/**
 * A pairing code: 10 characters of secret and 10 of the gateway key's fingerprint, 50 bits each, in
 * Crockford's base 32, written as XXXXX-XXXXX-XXXXX-XXXXX. The till sends only the secret half, and checks
 * the key that comes back against the other: whoever stands between cannot put a key of their own in its place.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const HALF = 10;

export const pairingSecretSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{10}$/);

export interface PairingCode {
  secret: string;
  fingerprint: string;
}

/** Case, spaces, dashes and the look-alikes O, I, L do not matter. Null when it is no pairing code. */
export function parsePairingCode(input: string): PairingCode | null {
  const plain = input.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (plain.length !== 2 * HALF || [...plain].some((char) => !ALPHABET.includes(char))) return null;
  return { secret: plain.slice(0, HALF), fingerprint: plain.slice(HALF) };
}

export function formatPairingCode({ secret, fingerprint }: PairingCode): string {
  return (secret + fingerprint).match(/.{5}/g)?.join('-') ?? '';
}

/** The first 50 bits of `bytes` (at least 7) as 10 characters. */
export function base32Half(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes.subarray(0, 7)) bits = (bits << 8n) | BigInt(byte);
  bits >>= 6n;
  let text = '';
  for (let index = HALF - 1; index >= 0; index -= 1) {
    text += ALPHABET[Number((bits >> BigInt(5 * index)) & 31n)];
  }
  return text;
}

/** Fingerprint of a raw Ed25519 public key in base64url (the JWK's `x`): 50 bits of its SHA-256. */
export async function keyFingerprint(x: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(x));
  return base32Half(new Uint8Array(digest));
}
