import { scrypt } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';
import type { PinHash } from '../../shared/gateway-api.ts';
import { PIN_COST } from '../keys/hash-costs.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** OpenSSL wants a little above 128 · n · r. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;

export const PIN = /^\d{4,12}$/;

export async function hashPin(pin: string, random: Pick<Random, 'bytes'>): Promise<PinHash> {
  const { n, r, p } = PIN_COST;
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
