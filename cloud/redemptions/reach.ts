import type { RedemptionPolicy, RedemptionRecord } from './record.ts';

/** Where a customer's code begins its way. */
export type CodeReach = { readonly phoneE164: string } | { readonly email: string };

/**
 * By WhatsApp to their number. Meta takes codes to numbers alone, so whoever is known by a username only gets it by e-mail, where
 * the store's policy has codes go that way and the customer takes them so. Null: no code can be sent.
 */
export function codeReach(
  customer: RedemptionRecord['customer'],
  policy: RedemptionPolicy,
): CodeReach | null {
  const { phone_e164: phone, email = null, code_channels: channels = null } = customer;
  if (phone !== null) return { phoneE164: phone };
  // A document from before other channels has none.
  const fallback = policy.channels?.fallback;
  const isAllowed = fallback?.enabled === true && fallback.order.includes('email');
  if (email === null || !isAllowed || channels?.includes('email') === false) return null;
  return { email };
}
