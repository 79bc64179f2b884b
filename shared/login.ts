import { z } from 'zod';
import { redemptionSchema } from './gateway-api.ts';
import { uuidSchema } from './ids.ts';

/**
 * Codes at sign-in, between a till and the gateway. The till has checked the PIN; the gateway sends the code to the
 * person's WhatsApp and checks what they type. POSTs carry an idempotency key.
 */
export const LOGIN_PATHS = {
  /** POST `loginRequestSchema`: sends a code, or goes on with the one that this person was sent for this till. */
  logins: '/v1/logins',
  /** GET: how far the message has come. */
  login: '/v1/logins/:id',
  /** POST `loginVerifySchema`. */
  verify: '/v1/logins/:id/verify',
  resend: '/v1/logins/:id/resend',
} as const;

export const loginRequestSchema = z.strictObject({ staffId: uuidSchema });
export const loginVerifySchema = z.strictObject({
  code: z.string().regex(/^\d{4,8}$/),
  /** The person wants this till to be remembered; policy says for how long. */
  remember: z.boolean(),
});
export type LoginVerify = z.infer<typeof loginVerifySchema>;

export const loginSchema = z.object({
  id: uuidSchema,
  staffId: uuidSchema,
  status: z.enum(['awaiting_code', 'passed', 'failed', 'expired']),
  /** Where the code went. */
  phoneMasked: z.string().nullable(),
  code: redemptionSchema.shape.code.unwrap(),
});
export type Login = z.infer<typeof loginSchema>;

export const loginAnswerSchema = z.object({
  login: loginSchema,
  /** Compact JWS of `rememberedLoginSchema`; null: not asked for, not allowed, or not passed yet. */
  remembered: z.string().max(2_048).nullable(),
});
export type LoginAnswer = z.infer<typeof loginAnswerSchema>;

/**
 * The gateway's word that this person proved themselves at this till by a code: until `exp` the till asks them for none.
 * Signed like a grant, by the key pinned at pairing; asked for again it is the same.
 */
export const REMEMBERED_TYP = 'saksi-remembered+jwt';
export const rememberedLoginSchema = z.object({
  iss: uuidSchema,
  aud: uuidSchema,
  /** The login that it came from. */
  jti: uuidSchema,
  iat: z.number().int(),
  exp: z.number().int(),
  staffId: uuidSchema,
});
export type RememberedLogin = z.infer<typeof rememberedLoginSchema>;
