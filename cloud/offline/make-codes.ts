/** Sealed codes are made here, and their slow hashes. */
import { scrypt } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import type { PinHash } from '../../shared/gateway-api.ts';
import { SEALED_ALPHABET, SEALED_LENGTH } from '../../shared/offline.ts';
import { SEALED_COST } from '../keys/hash-costs.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** OpenSSL wants a little above 128 · n · r. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
/** Node has four threads for this by default: two stay free for the disk and for names. */
const AT_ONCE = 2;

export interface MadeCode {
  /** Normalised; leaves the process only sealed. */
  readonly code: string;
  readonly hash: PinHash;
}

/** 40 random bits: 256 is a multiple of 32, so the lowest five bits of a byte are as likely as any others. */
export function makeCode(random: Random): string {
  return [...random.bytes(SEALED_LENGTH)].map((byte) => SEALED_ALPHABET[byte & 31]).join('');
}

/** Makes codes, no two alike, hashed in the thread pool a few at a time. One per process. */
export function createCodeMaker(random: Random): (count: number) => Promise<MadeCode[]> {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function limited<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // Handed on to the next one, or given back.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  async function hashed(code: string): Promise<MadeCode> {
    const salt = random.bytes(SALT_BYTES);
    return { code, hash: await limited(() => hashSealedCode(code, salt)) };
  }

  return (count) => {
    const codes = new Set<string>();
    while (codes.size < count) codes.add(makeCode(random));
    return Promise.all([...codes].map(hashed));
  };
}

export async function hashSealedCode(code: string, salt: Uint8Array): Promise<PinHash> {
  const { n, r, p } = SEALED_COST;
  const hash = await new Promise<Buffer>((resolve, reject) => {
    const options = { N: n, r, p, maxmem: MEMORY_BYTES_MAX };
    scrypt(code, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
  return {
    algorithm: 'scrypt',
    salt: Buffer.from(salt).toString('base64url'),
    hash: hash.toString('base64url'),
    ...{ n, r, p },
  };
}
