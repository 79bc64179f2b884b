import type { Random } from '../../shared/effects.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/** 'S-7Q2M9KXD': 40 random bits in Crockford's base 32, so no two tills need to share a counter. */
export function createSaleRef(random: Random): string {
  // 32 divides 256: the low five bits of a random byte are uniform.
  const letters = Array.from(random.bytes(LENGTH), (byte) => ALPHABET[byte & 31]);
  return `S-${letters.join('')}`;
}
