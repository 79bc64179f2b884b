import { z } from 'zod';

/**
 * How far a message is known to have come. `accepted` means that WhatsApp took it, nothing more: it is never
 * shown as arrived.
 */
export const deliveryStateSchema = z.enum(['queued', 'accepted', 'sent', 'delivered', 'read', 'failed']);
export type DeliveryState = z.infer<typeof deliveryStateSchema>;

/** Why a message failed and so what a person can do; the key of a sentence in the locales (`delivery.reason.*`). */
export const deliveryReasonSchema = z.enum([
  'not_connected',
  'wait_moment',
  'wait_person_limit',
  'other_channel',
  'not_on_whatsapp',
  'test_number_not_registered',
  'account_locked',
  'payment_problem',
  'number_not_registered',
  'template_missing',
  'template_paused',
  'wrong_number',
  'our_fault',
  'lapsed',
  'channel_down',
  'channel_refused',
  'not_reachable',
  'wrong_address',
  'daily_limit',
  'credit_empty',
  'unknown',
]);
export type DeliveryReason = z.infer<typeof deliveryReasonSchema>;

export const channelSchema = z.enum(['whatsapp', 'sms', 'email']);
export type Channel = z.infer<typeof channelSchema>;

export const deliverySchema = z.object({
  channel: channelSchema,
  state: deliveryStateSchema,
  reason: deliveryReasonSchema.nullable(),
  /** Of a queued message that waits: when it is tried again, epoch ms by the gateway's clock. */
  retryAt: z.number().int().nonnegative().optional(),
});
export type Delivery = z.infer<typeof deliverySchema>;
