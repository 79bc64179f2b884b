import { z } from 'zod';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { amountSchema, balanceSchema, currencySchema } from './money.ts';
import { SHIFT_USES_MAX } from './shift-policy.ts';

/**
 * What a till and the gateway say to each other about cash sales: the till asks for shift grants (`shiftGrantSchema`,
 * grants.ts) and tells each opening that it used one for through its outbox.
 */
export const SHIFT_PATHS = {
  /** POST `shiftGrantRequestSchema`, with an idempotency key: the same key gets the same grant. */
  grants: '/v1/shift-grants',
} as const;

export const shiftGrantRequestSchema = z.strictObject({
  /** Who signed in; null: a spare, for whoever signs in while the line is down. */
  staffId: uuidSchema.nullable(),
});
export type ShiftGrantRequest = z.infer<typeof shiftGrantRequestSchema>;
/** Compact JWS; null: policy gives no spare. */
export const shiftGrantAnswerSchema = z.object({ grant: z.string().max(4_096).nullable() });

/** One use of a shift grant. */
export const cashSaleSchema = z.strictObject({
  /** The till's id of this use (UUIDv7). */
  id: uuidSchema,
  grantId: uuidSchema,
  /** 1 for the first use of the grant. */
  useNo: z.number().int().min(1).max(SHIFT_USES_MAX),
  /** Who was signed in. */
  staffId: uuidSchema,
  startedBy: z.enum(['cashier', 'terminal']),
  saleRef: saleRefSchema,
  amount: amountSchema,
  currency: currencySchema,
  /** By the till's clock; for the books only. */
  openedAt: z.number().int().nonnegative(),
});
export type CashSale = z.infer<typeof cashSaleSchema>;

/** What the gateway knows of a till's cash sales in a time. */
export const cashSalesSideSchema = z.object({
  count: z.number().int().nonnegative(),
  sum: balanceSchema,
});
export const cashSalesBookedSchema = cashSalesSideSchema.extend({
  /** Openings that do not fit what was granted: too many, too late, another person. */
  flagged: z.number().int().nonnegative(),
  /** Openings granted by all grants that were given in this time. */
  granted: z.number().int().nonnegative(),
});
