import { z } from 'zod';

export const otherChannelSchema = z.enum(['sms', 'email']);
export type OtherChannel = z.infer<typeof otherChannelSchema>;

/** Ways of a code beside WhatsApp, and notices. */
export const channelPolicySchema = z.object({
  fallback: z.object({
    /** Off until a shop asks for it: every text costs money, and an SMS or an e-mail is easier to read along. */
    enabled: z.boolean(),
    /** Tried one after another, those that the gateway has and the customer has an address for. */
    order: z
      .array(otherChannelSchema)
      .min(1)
      .max(2)
      .refine((order) => new Set(order).size === order.length, 'each channel once'),
    /** A code that is not on the phone so long after it was queued goes the next way; one that failed goes at once. */
    afterSeconds: z.number().int().min(15).max(300),
  }),
  /** What is told beside codes. Customers are told only what they agreed to be told. */
  notices: z
    .object({
      /** To the customer: what was redeemed. */
      redemption: z.boolean(),
      /** To the customer: what was put into their wallet. */
      topup: z.boolean(),
      /** To managers: a redemption of deposit from this amount on, whole minor units; 0: none. */
      largeFrom: z.number().int().min(0),
    })
    .default({ redemption: false, topup: false, largeFrom: 0 }),
});
export type ChannelPolicy = z.infer<typeof channelPolicySchema>;

export const DEFAULT_CHANNELS: ChannelPolicy = {
  fallback: { enabled: false, order: ['sms', 'email'], afterSeconds: 45 },
  notices: { redemption: false, topup: false, largeFrom: 0 },
};
