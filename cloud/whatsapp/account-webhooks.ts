/**
 * What Meta's webhooks say about the account, its number and its templates: one schema a field, of what we use of it.
 * Unknown fields are let through unseen, a strange value of a field that is only good to have counts as absent.
 *
 * Source: Meta, webhook references of each field; docs/whatsapp.md says what of it was confirmed.
 */
import { z } from 'zod';
import { plainText } from './plain-text.ts';

const word = plainText(100);
const optionalWord = word.nullish().catch(undefined);
const optionalText = plainText(1024).nullish().catch(undefined);
/** Meta's ids come as numbers in webhooks and as text elsewhere. */
const objectId = z
  .union([z.string().regex(/^\d{1,32}$/), z.int().positive()])
  .transform(String)
  .nullish()
  .catch(undefined);
const template = {
  message_template_id: objectId,
  message_template_name: plainText(512),
  message_template_language: plainText(20),
};
const quality = word.transform((text) => text.toUpperCase());

export const ACCOUNT_FIELDS = {
  message_template_status_update: z.object({
    ...template,
    event: quality,
    reason: optionalText,
    message_template_category: optionalWord,
  }),
  message_template_quality_update: z.object({
    ...template,
    new_quality_score: quality,
    previous_quality_score: optionalWord,
  }),
  template_category_update: z.object({ ...template, new_category: quality, previous_category: optionalWord }),
  phone_number_quality_update: z.object({
    event: quality,
    current_limit: optionalWord,
    max_daily_conversations_per_business: optionalWord,
  }),
  phone_number_name_update: z.object({
    decision: quality,
    requested_verified_name: optionalText,
    rejection_reason: optionalText,
  }),
  account_update: z.object({
    event: quality,
    ban_info: z.object({ waba_ban_state: quality }).nullish().catch(undefined),
    restriction_info: z
      .array(z.object({ restriction_type: quality, expiration: z.unknown().optional() }))
      .max(20)
      .nullish()
      .catch(undefined),
    violation_info: z.object({ violation_type: optionalWord }).nullish().catch(undefined),
  }),
  account_alerts: z.object({
    entity_type: optionalWord,
    alert_info: z
      .object({
        alert_severity: optionalWord,
        alert_status: optionalWord,
        alert_type: optionalWord,
        alert_description: optionalText,
      })
      .nullish()
      .catch(undefined),
    alert_severity: optionalWord,
    alert_status: optionalWord,
    alert_type: optionalWord,
    alert_description: optionalText,
  }),
  business_capability_update: z.object({
    max_daily_conversation_per_phone: z.int().nullish().catch(undefined),
    max_daily_conversations_per_business: z
      .union([word, z.int()])
      .transform(String)
      .nullish()
      .catch(undefined),
  }),
  security: z.object({ event: quality }),
} as const;

export type AccountField = keyof typeof ACCOUNT_FIELDS;
export type AccountFacts<F extends AccountField> = z.infer<(typeof ACCOUNT_FIELDS)[F]>;

export function isAccountField(field: string): field is AccountField {
  return Object.hasOwn(ACCOUNT_FIELDS, field);
}
