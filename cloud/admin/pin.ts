import { scrypt } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import type { PinHash } from '../../shared/gateway-api.ts';

/** About 0.2 s and 32 MiB on a shop's PC (OWASP's second choice for scrypt): a PIN is short, so a guess must cost. */
const COST = { n: 2 ** 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** OpenSSL wants a little above 128 · n · r. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;

export const PIN = /^\d{4,12}$/;

export async function hashPin(pin: string, random: Pick<Random, 'bytes'>): Promise<PinHash> {
  const { n, r, p } = COST;
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const hash = await new Promise<Buffer>((resolve, reject) => {
    const options = { N: n, r, p, maxmem: MEMORY_BYTES_MAX };
    scrypt(pin, salt, HASH_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
  return {
    algorithm: 'scrypt',
    salt: salt.toString('base64url'),
    hash: hash.toString('base64url'),
    ...{ n, r, p },
  };
}
