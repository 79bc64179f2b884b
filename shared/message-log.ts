import { z } from 'zod';
import { channelSchema, deliveryReasonSchema, deliveryStateSchema } from './delivery.ts';
import { uuidSchema } from './ids.ts';
import { currencySchema } from './money.ts';

/**
 * The message log: every message that the gateway queued for a store, with all that became of it. No code and no whole phone
 * number is in it.
 */
export const MESSAGE_LOG_PATH = '/v1/messages';
/** Rows of one page. */
export const MESSAGE_LOG_PAGE = 50;

export const MESSAGE_KINDS = [
  'code',
  'login_code',
  'approval_request',
  'approval_code',
  'note',
  'sealed_codes',
  'offline_spent',
  'offline_loss',
  'drawer_alert',
  'credit_low',
  'notice',
  'finding_alert',
  'digest',
] as const;
export const messageKindSchema = z.enum(MESSAGE_KINDS);
export type MessageKind = z.infer<typeof messageKindSchema>;

/** `from` ≤ queued < `to`, epoch ms of the gateway's clock. What is left out does not narrow the list. */
export const messageFilterSchema = z.object({
  from: z.number().int().nonnegative().optional(),
  to: z.number().int().nonnegative().optional(),
  kind: messageKindSchema.optional(),
  state: deliveryStateSchema.optional(),
  /** The start of a customer's name, a member number, a phone number, a sale reference. */
  q: z.string().trim().max(64).optional(),
});
export type MessageFilter = z.infer<typeof messageFilterSchema>;

/** As in a URL. `after`: the `next` of the page before. */
export const messageQuerySchema = messageFilterSchema.extend({
  from: z.coerce.number().int().nonnegative().optional(),
  to: z.coerce.number().int().nonnegative().optional(),
  after: z
    .string()
    .regex(/^\d{1,16}\.[0-9a-f-]{36}$/)
    .optional(),
});

/**
 * What a message costs the store, as things stand. `held`: taken off already, it is on its way out; `returned`: it did not
 * go, or its price was given back.
 */
export const messageCostSchema = z.object({
  state: z.enum(['held', 'spent', 'free', 'returned']),
  /** Whole minor units; what is charged: 0 of one that is free or was given back. */
  amount: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  currency: currencySchema,
});
export type MessageCost = z.infer<typeof messageCostSchema>;

export const loggedMessageSchema = z.object({
  id: uuidSchema,
  /** When it was queued. */
  at: z.number().int(),
  kind: messageKindSchema,
  channel: channelSchema,
  state: deliveryStateSchema,
  reason: deliveryReasonSchema.nullable(),
  /** `name/language`, or `interactive` and `text` of what needed no template; null: not sent yet. */
  template: z.string().nullable(),
  attempts: z.number().int().nonnegative(),
  /** '+62•••••••7890'; null where WhatsApp knows the person by another name than a number. */
  phoneMasked: z.string().nullable(),
  /** The customer or the member of staff that it was for, where that is known. */
  recipient: z.string().nullable(),
  tillName: z.string().nullable(),
  /** Who caused it: the cashier of the redemption, or who asked for the approval. */
  causedBy: z.string().nullable(),
  saleRef: z.string().nullable(),
  /** Null: it is from before messages were charged. */
  cost: messageCostSchema.nullable(),
  /** What WhatsApp said about it, oldest first; `at` is WhatsApp's own time. */
  history: z.array(
    z.object({
      state: deliveryStateSchema,
      at: z.number().int(),
      /** Meta's error code. */
      code: z.number().int().nullable(),
    }),
  ),
});
export type LoggedMessage = z.infer<typeof loggedMessageSchema>;

export const messagePageSchema = z.object({
  messages: z.array(loggedMessageSchema).max(MESSAGE_LOG_PAGE),
  /** Null: there is no older one. */
  next: z.string().nullable(),
});
export type MessagePage = z.infer<typeof messagePageSchema>;
