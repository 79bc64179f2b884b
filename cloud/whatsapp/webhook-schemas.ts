/** What we read of Meta's webhooks, and nothing else of them: unknown fields are let through unseen. */
import { z } from 'zod';

const id = z.string().min(1).max(512);
// What is only good to have and comes in a strange form counts as absent: the status or tap itself is not lost.
const phone = z
  .string()
  .regex(/^\d{5,15}$/)
  .optional()
  .catch(undefined);
const userId = z
  .string()
  .regex(/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/)
  .optional()
  .catch(undefined);
const shortText = z.string().max(512);
const messageText = z.string().max(4096);
/** Seconds since 1970, as Meta sends them: a string of digits. */
const seconds = z
  .union([z.string().regex(/^\d{1,11}$/), z.int().min(0).max(99_999_999_999)])
  .transform(Number);

export const list = z.array(z.unknown()).optional();
export const envelope = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.unknown()),
});
export const entry = z.object({ changes: z.array(z.unknown()) });
export const change = z.object({ field: z.string().min(1).max(100), value: z.unknown() });
export const messagesValue = z.object({
  metadata: z.object({ phone_number_id: id.optional() }).optional().catch(undefined),
  contacts: z.unknown().optional(),
  statuses: z.unknown().optional(),
  messages: z.unknown().optional(),
  errors: z.unknown().optional(),
});

export const error = z.object({
  code: z.int(),
  error_data: z.object({ details: shortText }).optional().catch(undefined),
});
export const contact = z.object({
  wa_id: phone,
  user_id: userId,
  profile: z.object({ username: shortText.optional() }).optional().catch(undefined),
});
export type Contact = z.infer<typeof contact>;

export const status = z.object({
  id,
  status: z.enum(['sent', 'delivered', 'read', 'failed']),
  timestamp: seconds,
  recipient_id: phone,
  recipient_user_id: userId,
  errors: z.array(error).max(20).optional().catch(undefined),
  biz_opaque_callback_data: shortText.optional(),
  pricing: z
    .object({
      billable: z.boolean().optional(),
      category: shortText.optional(),
      pricing_model: shortText.optional(),
      type: shortText.optional(),
    })
    .optional()
    .catch(undefined),
});

export const message = z.object({
  id,
  timestamp: seconds,
  from: phone,
  from_user_id: userId,
  context: z.object({ id: id.optional() }).optional().catch(undefined),
  type: z.string().min(1).max(100),
});
export const textBody = z.object({ text: z.object({ body: messageText }) });
export const buttonBody = z.object({ button: z.object({ payload: shortText, text: shortText }) });
export const buttonReplyBody = z.object({
  interactive: z.object({
    type: z.literal('button_reply'),
    button_reply: z.object({ id: z.string().max(256), title: shortText }),
  }),
});

/** `phone_number_quality_update` and `business_capability_update`: each has some of these. */
const limitText = z
  .union([shortText, z.int().min(-1).max(1_000_000_000)])
  .optional()
  .catch(undefined);
export const limitsUpdate = z.object({
  display_phone_number: shortText.optional(),
  event: shortText.optional(),
  current_limit: limitText,
  max_daily_conversation_per_phone: limitText,
  max_daily_conversations_per_business: limitText,
  quality_rating: shortText.optional(),
});

export const templateStatus = z.object({
  event: z.string().min(1).max(100),
  message_template_name: shortText.min(1),
  message_template_language: z.string().min(1).max(20),
  reason: shortText.nullish(),
});
