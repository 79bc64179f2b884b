/** Slow hashes of what people type: PINs and passwords (scrypt, RFC 7914). */
import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import type { PinHash } from '../../shared/gateway-api.ts';
import type { HashCost } from './hash-costs.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** OpenSSL wants a little above 128 · n · r; ours take 32 MiB. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;

export type SlowHash = PinHash;

export async function slowHash(
  text: string,
  { n, r, p }: HashCost,
  random: Pick<Random, 'bytes'>,
): Promise<SlowHash> {
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const hash = await derive(text, salt, HASH_BYTES, { n, r, p });
  return {
    algorithm: 'scrypt',
    salt: salt.toString('base64url'),
    hash: hash.toString('base64url'),
    ...{ n, r, p },
  };
}

export async function isSlowHashOf(text: string, { salt, hash, n, r, p }: SlowHash): Promise<boolean> {
  const wanted = Buffer.from(hash, 'base64url');
  return timingSafeEqual(
    await derive(text, Buffer.from(salt, 'base64url'), wanted.length, { n, r, p }),
    wanted,
  );
}

function derive(text: string, salt: Buffer, bytes: number, { n, r, p }: HashCost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text, salt, bytes, { N: n, r, p, maxmem: MEMORY_BYTES_MAX }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
