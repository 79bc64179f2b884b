/** What we read of Meta's webhooks, and nothing else of them: unknown fields are let through unseen. */
import { z } from 'zod';
import { plainText } from './plain-text.ts';

const id = plainText(512).min(1);
// What is only good to have and comes in a strange form counts as absent: the status or tap itself is not lost.
/** As messages are sent to it: what we could not answer is nobody's number. */
const phone = z
  .string()
  .regex(/^[1-9]\d{6,14}$/)
  .optional()
  .catch(undefined);
const userId = z
  .string()
  .regex(/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/)
  .optional()
  .catch(undefined);
const shortText = plainText(512);
/** Sealed as it is, so that it may hold anything. */
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
export const entry = z.object({
  id: shortText.optional().catch(undefined),
  /** Seconds since 1970; messages come without it. */
  time: seconds.optional().catch(undefined),
  changes: z.array(z.unknown()),
});
export const change = z.object({ field: z.string().min(1).max(100), value: z.unknown() });
export const messagesValue = z.object({
  metadata: z.object({ phone_number_id: id.optional() }).optional().catch(undefined),
  contacts: z.unknown().optional(),
  statuses: z.unknown().optional(),
  messages: z.unknown().optional(),
  errors: z.unknown().optional(),
});

export const error = z.object({
  code: z.int32(),
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
  biz_opaque_callback_data: shortText.optional().catch(undefined),
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
/** `wa_id` (older: `new_wa_id`), `user_id`: what holds from now on. */
export const systemBody = z.object({
  system: z.object({ type: shortText, wa_id: phone, new_wa_id: phone, user_id: userId }),
});
export const buttonBody = z.object({ button: z.object({ payload: shortText, text: shortText }) });
export const buttonReplyBody = z.object({
  interactive: z.object({
    type: z.literal('button_reply'),
    button_reply: z.object({ id: z.string().max(256), title: shortText }),
  }),
});
