import { z } from 'zod';
import { smtpSettingsSchema } from './email/mailer.ts';
import { presetSchema, smsFormSchema } from './sms-http/form.ts';

/** How a gateway reaches people beside WhatsApp. Secrets are in here: kept sealed, never shown again. */
const modemSchema = z.strictObject({
  via: z.literal('modem'),
  /** `/dev/ttyUSB0`, `COM4`. The machine's: of several gateways, only the one that has it sends. */
  path: z.string().min(1).max(255),
  baudRate: z.number().int().min(1200).max(921_600).default(115_200),
  /** Of the SIM card. */
  pin: z
    .string()
    .regex(/^\d{4,8}$/)
    .optional(),
});

const httpSchema = z
  .strictObject({
    via: z.literal('http'),
    preset: presetSchema.optional(),
    form: smsFormSchema.optional(),
    values: z.record(z.string(), z.string().min(1).max(1024)),
    /** Where this gateway is reached from outside, for delivery reports; left out: none are asked for. */
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .max(200)
      .optional(),
  })
  .refine(
    ({ preset, form }) => (preset === undefined) !== (form === undefined),
    'a preset, or a form of your own',
  );

export const smsSettingsSchema = z.discriminatedUnion('via', [modemSchema, httpSchema]);
export type SmsSettings = z.infer<typeof smsSettingsSchema>;

export const CHANNEL_SETTINGS = { sms: smsSettingsSchema, email: smtpSettingsSchema } as const;
