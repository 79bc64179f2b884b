import { z } from 'zod';

/** Messages that somebody at a till or on a phone waits for; the others are notices. */
export const OVERDRAWN_KINDS = ['code', 'login_code', 'approval_request', 'approval_code'] as const;

/** Where the managers are warned: a part of the last top-up, or so many messages at the utility price. */
const thresholdSchema = z.union([
  z.strictObject({ percent: z.number().int().min(0).max(100) }),
  z.strictObject({ messages: z.number().int().min(0).max(1_000_000) }),
]);
export type CreditThreshold = z.infer<typeof thresholdSchema>;

/** How a store's prepaid message credit is gone by. */
export const messageCreditPolicySchema = z.object({
  /** Off: what is sent is counted and nothing is refused, for a shop that pays WhatsApp itself. */
  enforce: z.boolean(),
  warnAt: z.array(thresholdSchema).max(5),
  /** These kinds still go out when the credit is used up, until so many messages are owed. */
  overdraw: z.object({
    kinds: z.array(z.enum(OVERDRAWN_KINDS)).max(OVERDRAWN_KINDS.length),
    messages: z.number().int().min(0).max(100_000),
  }),
  /** What is given back: messages that WhatsApp refused, that failed on the way, that did not arrive in their time. */
  refundOn: z.array(z.enum(['refused', 'failed', 'lapsed'])).max(3),
});
export type MessageCreditPolicy = z.infer<typeof messageCreditPolicySchema>;

export const DEFAULT_MESSAGE_CREDIT: MessageCreditPolicy = {
  enforce: false,
  warnAt: [{ percent: 20 }, { percent: 5 }, { percent: 0 }],
  // About half a morning of a small shop: long enough to top up, and a bounded debt (Rp18,350 at Rp367).
  overdraw: { kinds: ['code', 'login_code', 'approval_request', 'approval_code'], messages: 50 },
  refundOn: ['refused', 'failed', 'lapsed'],
};

/** '20%' or '100': names a threshold in events and in the books. */
export function thresholdName(threshold: CreditThreshold): string {
  return 'percent' in threshold ? `${threshold.percent}%` : String(threshold.messages);
}
