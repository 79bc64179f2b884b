import { timingSafeEqual } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import type { Asset } from '../../shared/money.ts';
import { hmacSha256 } from './hmac.ts';

/**
 * One-time codes that the gateway keeps in no readable form. A code is derived from a secret key and a random nonce, so
 * that the message worker makes it again at the moment of sending; it is checked against a hash under another secret
 * key. The database alone (nonce and hash) gives no code away, whatever one tries: both keys are missing.
 */
export interface CodeKeys {
  /** 32 bytes; derives codes. */
  readonly codeKey: Uint8Array;
  /** 32 bytes; hashes codes and phone numbers. */
  readonly verifyKey: Uint8Array;
}

/** What a code is good for, and nothing else. */
export interface CodeBinding {
  readonly redemptionId: string;
  readonly tillId: string;
  readonly asset: Asset;
  readonly amount: number;
  readonly serial: number;
}

export interface CodeSeed {
  readonly redemptionId: string;
  readonly serial: number;
  readonly nonce: Uint8Array;
  readonly digits: number;
}

export const NONCE_BYTES = 16;
const UINT32 = 2 ** 32;
/** A block holds 8 candidates, each refused with a chance below 2.4 %: two blocks hardly ever happen. */
const BLOCKS_MAX = 64;

export function createNonce(random: Random): Uint8Array {
  return random.bytes(NONCE_BYTES);
}

/** The code of a seed: `digits` digits (4 to 8), each value equally likely (rejection sampling, no modulo bias). */
export function deriveCode(keys: CodeKeys, { redemptionId, serial, nonce, digits }: CodeSeed): string {
  const size = 10 ** digits;
  const limit = UINT32 - (UINT32 % size);
  for (let block = 0; block < BLOCKS_MAX; block += 1) {
    const bytes = hmacSha256(keys.codeKey)
      .update(`code\n${redemptionId}\n${serial}\n${block}\n`)
      .update(nonce)
      .digest();
    for (let offset = 0; offset + 4 <= bytes.length; offset += 4) {
      const candidate = bytes.readUInt32BE(offset);
      if (candidate < limit) return String(candidate % size).padStart(digits, '0');
    }
  }
  throw new Error('code derivation: no candidate in range');
}

/** HMAC-SHA-256 over the binding and the code. Every field has a fixed form, so the lines are unambiguous. */
export function hashCode(keys: CodeKeys, binding: CodeBinding, code: string): Buffer {
  const { redemptionId, tillId, asset, amount, serial } = binding;
  return hmacSha256(keys.verifyKey)
    .update(['verify', redemptionId, tillId, asset, amount, serial, code].join('\n'))
    .digest();
}

/**
 * Keyed hash of a phone number (E.164) in a store: limits count by it, and it is of no use without the key. Per store,
 * because one store's codes must not use up another's limit.
 */
export function tagPhone(keys: CodeKeys, storeId: string, phoneE164: string): Buffer {
  return hmacSha256(keys.verifyKey).update(`phone\n${storeId}\n${phoneE164}`).digest().subarray(0, 16);
}

/**
 * The serial whose code this is, the newest first, or null. `hashes`: stored hash in hex by serial. Every serial is
 * compared, in constant time, so that the time taken says nothing.
 */
export function matchCode(
  keys: CodeKeys,
  binding: Omit<CodeBinding, 'serial'>,
  hashes: Readonly<Record<string, string>>,
  code: string,
): number | null {
  let matched: number | null = null;
  for (const [text, hash] of Object.entries(hashes)) {
    const serial = Number(text);
    const equal = timingSafeEqual(hashCode(keys, { ...binding, serial }, code), Buffer.from(hash, 'hex'));
    if (equal && (matched === null || serial > matched)) matched = serial;
  }
  return matched;
}
