import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What a button carries: `s1.<ref>.<a|r>.<signature>`. The ref is random and names one person's question; the signature
 * (HMAC-SHA-256, first 128 bits) is checked before anything is looked up, so that a made-up payload costs and tells nothing.
 */
export interface Tap {
  readonly ref: string;
  readonly decision: 'approve' | 'reject';
}

const VERSION = 's1';
const MAC_BYTES = 16;
const PAYLOAD = /^s1\.([A-Za-z0-9_-]{22})\.([ar])\.([A-Za-z0-9_-]{22})$/;

/** @param key 32 bytes; 50 characters come out, Meta takes 128 */
export function signPayload(key: Uint8Array, { ref, decision }: Tap): string {
  const word = decision === 'approve' ? 'a' : 'r';
  return `${VERSION}.${ref}.${word}.${mac(key, ref, word).toString('base64url')}`;
}

/** Null: not ours, or altered. */
export function readPayload(key: Uint8Array, payload: string): Tap | null {
  const [, ref, word, signature] = PAYLOAD.exec(payload) ?? [];
  if (ref === undefined || word === undefined || signature === undefined) return null;
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== MAC_BYTES || !timingSafeEqual(given, mac(key, ref, word))) return null;
  return { ref, decision: word === 'a' ? 'approve' : 'reject' };
}

function mac(key: Uint8Array, ref: string, word: string): Buffer {
  return createHmac('sha256', key).update(`${VERSION}\n${ref}\n${word}`).digest().subarray(0, MAC_BYTES);
}
