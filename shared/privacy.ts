import { z } from 'zod';
import { channelSchema, deliveryReasonSchema, deliveryStateSchema } from './delivery.ts';
import { customerRefSchema, languageSchema, walletBalanceSchema } from './gateway-api.ts';
import { uuidSchema } from './ids.ts';
import { messageKindSchema } from './message-log.ts';
import { amountSchema, assetSchema } from './money.ts';

/**
 * A customer's rights under Indonesia's PDP, Turkey's KVKK and the GDPR: all that is kept of them, and its erasure. Asked for
 * on the operator's command line, or from a page of the gateway itself: a whole number never goes through a till.
 */
export const PRIVACY_PATHS = {
  /** POST `customerExportRequestSchema`: `customerExportSchema`. */
  export: '/setup/api/customers/export',
  /** POST `customerEraseRequestSchema`: `erasureSchema`. */
  erase: '/setup/api/customers/erase',
} as const;

export const customerExportRequestSchema = z.strictObject({
  storeId: uuidSchema,
  customer: customerRefSchema,
});

/** A manager's word, given by their PIN: it is erased although something is still open. */
export const forceSchema = z.strictObject({ staffId: uuidSchema, pin: z.string().regex(/^\d{4,12}$/) });

export const customerEraseRequestSchema = customerExportRequestSchema.extend({
  /** On whose word, and where it is written: a letter, a call. No name or number: it stays. */
  note: z.string().trim().min(3).max(200),
  force: forceSchema.optional(),
});
export type CustomerErase = z.infer<typeof customerEraseRequestSchema>;

const epochMs = z.number().int();

/** All that is kept of a customer, as it is handed to them. Codes are not in it: nothing keeps them. */
export const customerExportSchema = z.object({
  exportedAt: z.iso.datetime(),
  store: z.object({ id: uuidSchema, name: z.string() }),
  profile: z.object({
    id: uuidSchema,
    name: z.string(),
    memberNo: z.string().nullable(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    language: languageSchema,
    codeChannels: z.array(z.enum(['sms', 'email'])).nullable(),
    createdAt: epochMs,
  }),
  identities: z.array(
    z.object({
      kind: z.enum(['phone', 'user_id', 'username']),
      value: z.string(),
      firstSeenAt: epochMs,
      lastSeenAt: epochMs,
      endedAt: epochMs.nullable(),
    }),
  ),
  balances: z.array(walletBalanceSchema),
  /** Every movement of the wallet, oldest first. */
  postings: z.array(
    z.object({
      at: epochMs,
      kind: z.enum(['credit', 'reserve', 'capture', 'release', 'offline', 'offline_loss']),
      asset: assetSchema,
      amount: amountSchema,
      saleRef: z.string().nullable(),
    }),
  ),
  messages: z.array(
    z.object({
      at: epochMs,
      kind: messageKindSchema,
      channel: channelSchema,
      state: deliveryStateSchema,
      reason: deliveryReasonSchema.nullable(),
      template: z.string().nullable(),
      /** What it said; of a code '••••••'. */
      words: z.array(z.string()),
    }),
  ),
  consents: z.array(
    z.object({
      at: epochMs,
      purpose: z.string(),
      given: z.boolean(),
      how: z.enum(['whatsapp', 'operator']),
      source: z.string(),
    }),
  ),
});
export type CustomerExport = z.infer<typeof customerExportSchema>;

/** What remains of an erased customer. */
export const erasureSchema = z.object({
  customerId: uuidSchema,
  storeId: uuidSchema,
  at: epochMs,
  /** Who carried it out. */
  by: z.enum(['operator', 'manager']),
  note: z.string(),
  /** The manager on whose word it was done although something was open; null: nothing was. */
  forcedBy: uuidSchema.nullable(),
  /** What was open then. */
  open: z.object({
    redemptions: z.number().int().nonnegative(),
    deposit: z.number().int(),
    points: z.number().int(),
  }),
  /** Messages whose words and addresses went. */
  messages: z.number().int().nonnegative(),
});
export type Erasure = z.infer<typeof erasureSchema>;
