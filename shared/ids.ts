import { v7 } from 'uuid';
import { z } from 'zod';
import type { Effects } from './effects.ts';

/** RFC 9562 UUID, lower case. Ids made by Saksi are version 7: they sort by time and need no counter. */
export const uuidSchema = z.uuid();

/** A fresh UUIDv7 (RFC 9562 section 5.7) from the given clock and randomness. */
export function createUuid({ clock, random }: Effects): string {
  return v7({ msecs: clock.now(), random: random.bytes(16) });
}

/**
 * Idempotency key of a request that changes something: 8 to 128 visible ASCII characters, chosen by the
 * caller, the same for every retry of the same wish (draft-ietf-httpapi-idempotency-key-header).
 */
export const idempotencyKeySchema = z.string().regex(/^[\x21-\x7e]{8,128}$/);

/** The cashier terminal's own name for a sale, as printed on its receipt: 1 to 64 printable characters. */
export const saleRefSchema = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N} ._:/#-]{1,64}$/u);
