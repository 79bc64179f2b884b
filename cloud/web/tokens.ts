import { createHash } from 'node:crypto';
import type { Random } from '../../shared/effects.ts';

const TOKEN_BYTES = 32;

/** 256 random bits, base64url: 43 characters. */
export const newToken = (random: Random): string =>
  Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url');

/** Of 256 random bits a plain digest gives nothing away and needs no salt. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
