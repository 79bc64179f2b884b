import { z } from 'zod';
import { uuidSchema } from './ids.ts';
import { balanceSchema, currencySchema } from './money.ts';

/** A store's message credit, as tills' managers see it. Money is whole minor units of the store's currency. */

export const CREDIT_PATHS = {
  /** GET: `creditAnswerSchema`. */
  credit: '/v1/message-credit',
  /** GET with `statementQuerySchema`: `statementSchema`. */
  statement: '/v1/message-credit/statement',
} as const;

const epochMs = z.number().int().nonnegative();
const count = z.number().int().nonnegative();
const money = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const messageCategorySchema = z.enum(['authentication', 'utility', 'marketing', 'service']);
export type MessageCategory = z.infer<typeof messageCategorySchema>;

export const creditPackageSchema = z.object({
  id: z.string(),
  currency: currencySchema,
  /** What is put on the account. */
  amount: money,
  /** What it costs. */
  price: money,
});

export const creditAnswerSchema = z.object({
  currency: currencySchema,
  enforced: z.boolean(),
  /** What may still be spent; below zero: owed. */
  balance: balanceSchema,
  /** Taken off already for messages in the queue. */
  held: money,
  spent: money,
  lastTopup: z.object({ amount: money, at: epochMs }).nullable(),
  /** Thresholds passed since the last top-up. */
  warnings: z.array(z.object({ threshold: z.string(), at: epochMs })),
  packages: z.array(creditPackageSchema),
});
export type CreditAnswer = z.infer<typeof creditAnswerSchema>;

const STATEMENT_MS_MAX = 92 * 86_400_000;
export const statementQuerySchema = z
  .strictObject({ from: z.coerce.number().int().min(0), to: z.coerce.number().int().min(0) })
  .refine(({ from, to }) => from < to && to - from <= STATEMENT_MS_MAX, 'from < to, at most 92 days');

/** Messages of one day (the store's), kind, till and cashier. `cost` of those queued or spent; `free` cost nothing. */
export const statementRowSchema = z.object({
  day: z.iso.date(),
  kind: z.string(),
  storeId: uuidSchema,
  tillId: uuidSchema.nullable(),
  tillName: z.string().nullable(),
  cashierId: uuidSchema.nullable(),
  cashierName: z.string().nullable(),
  count,
  cost: money,
  free: count,
  returned: count,
});
/** Where Meta's word on a message and ours differ. */
export const billingDifferenceSchema = z.object({
  messageId: uuidSchema,
  at: epochMs,
  kind: z.string(),
  ours: z.object({ charged: z.boolean(), category: messageCategorySchema }),
  meta: z.object({ billable: z.boolean(), category: z.string().nullable(), type: z.string().nullable() }),
});
export const statementSchema = z.object({
  currency: currencySchema,
  from: epochMs,
  to: epochMs,
  rows: z.array(statementRowSchema),
  total: z.object({ count, cost: money, free: count, returned: count }),
  /** Messages of the time of which Meta said what it bills, and where that is not what was charged; the first 500. */
  reconciled: count,
  differences: z.array(billingDifferenceSchema).max(500),
});
export type Statement = z.infer<typeof statementSchema>;
