import { z } from 'zod';
import { deliveryReasonSchema, deliveryStateSchema } from './delivery.ts';
import { wireErrorSchema } from './errors.ts';
import { uuidSchema } from './ids.ts';

/**
 * What the gateway's own pages ask of it. The caller is a signed-in operator (a cookie); whatever changes something is a POST
 * of JSON from a page of the gateway itself. No answer holds a secret: of those it only says that they are known.
 */
export const SETUP_PATHS = {
  pages: '/setup/',
  signupPage: '/setup/signup',
  customersPage: '/setup/customers',
  session: '/setup/api/session',
  signIn: '/setup/api/sign-in',
  signOut: '/setup/api/sign-out',
  state: '/setup/api/state',
  settings: '/setup/api/settings',
  check: '/setup/api/check',
  connectWebhook: '/setup/api/connect-webhook',
  subscribe: '/setup/api/subscribe',
  register: '/setup/api/register',
  submitTemplates: '/setup/api/submit-templates',
  testMessage: '/setup/api/test-message',
  forgetToken: '/setup/api/forget-token',
  signup: '/setup/api/signup',
  shareCredit: '/setup/api/share-credit',
  accounts: '/setup/api/accounts',
  assign: '/setup/api/assign',
} as const;

/** In the order in which they are done. */
export const SETUP_STEPS = [
  'account',
  'number',
  'token',
  'app',
  'webhook',
  'subscription',
  'registration',
  'status',
  'templates',
  'message',
] as const;
export const setupStepSchema = z.enum(SETUP_STEPS);
export type SetupStep = z.infer<typeof setupStepSchema>;

/** `saved`: filled in, and to be checked once what it needs is there. */
export const stepStateSchema = z.enum(['todo', 'saved', 'done', 'failed']);
export type StepState = z.infer<typeof stepStateSchema>;

const epochMs = z.number().int().nonnegative();
const graphId = z
  .string()
  .trim()
  .regex(/^\d{1,32}$/);
const secret = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,1024}$/);

export const SETTING_FIELDS = [
  'wabaId',
  'phoneNumberId',
  'accessToken',
  'appId',
  'appSecret',
  'verifyToken',
  'configId',
  'publicUrl',
] as const;
export type SettingField = (typeof SETTING_FIELDS)[number];

/** The address under which Meta reaches the gateway: an origin, without a path. */
const publicUrlSchema = z
  .string()
  .trim()
  .max(200)
  .transform((text) => text.replace(/\/+$/, ''))
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === text.toLowerCase();
  });

/** What is left out stays as it is. */
export const setupSettingsSchema = z
  .strictObject({
    wabaId: graphId,
    phoneNumberId: graphId,
    accessToken: secret,
    appId: graphId,
    appSecret: secret,
    verifyToken: secret,
    configId: graphId,
    publicUrl: publicUrlSchema,
  })
  .partial();
export type SetupSettings = z.infer<typeof setupSettingsSchema>;

export const stepViewSchema = z.object({
  step: setupStepSchema,
  state: stepStateSchema,
  error: wireErrorSchema.shape.error.nullable(),
  checkedAt: epochMs.nullable(),
});
export type StepView = z.infer<typeof stepViewSchema>;

const text = z.string().nullable();
export const numberViewSchema = z.object({
  displayPhoneNumber: text,
  verifiedName: text,
  nameStatus: text,
  qualityRating: text,
  messagingLimit: text,
  platformType: text,
  /** A test number of Meta's writes to an allow-list of at most five people. Null: Meta does not say. */
  isTest: z.boolean().nullable(),
});

/** Everybody's who was assigned to no other. Its app is the gateway's: every account's webhooks come from that one. */
export const DEFAULT_ACCOUNT = 'default';
export const accountIdSchema = z.union([z.literal(DEFAULT_ACCOUNT), uuidSchema]);
/** Which account a call is about. */
export const accountQuerySchema = z.object({ account: accountIdSchema.default(DEFAULT_ACCOUNT) });

export const setupStateSchema = z.object({
  /** The account that all this is about. */
  account: accountIdSchema,
  /** All of them, the default one (which may have no name) first. */
  accounts: z.array(z.object({ id: accountIdSchema, name: z.string() })).min(1),
  /** `account`: whose number a shop's messages come from. */
  shops: z.array(z.object({ id: uuidSchema, name: z.string(), account: accountIdSchema })),
  settings: z.object({
    wabaId: text,
    phoneNumberId: text,
    appId: text,
    configId: text,
    publicUrl: text,
    accessToken: z.boolean(),
    appSecret: z.boolean(),
    verifyToken: z.boolean(),
  }),
  /** Given by the server's environment: not to be changed here. */
  fixed: z.array(z.enum(SETTING_FIELDS)),
  steps: z.array(stepViewSchema),
  number: numberViewSchema.nullable(),
  /** What Meta told about the account that stands in the way; null before the account is known. */
  standing: z
    .object({
      flagged: z.boolean(),
      ban: z.enum(['none', 'scheduled', 'disabled', 'deleted']),
      restrictions: z.number().int().nonnegative(),
    })
    .nullable(),
  token: z.object({ expiresAt: epochMs.nullable(), scopes: z.array(z.string()) }).nullable(),
  webhook: z.object({
    /** What Meta is to be told; null until the address is known. */
    url: text,
    /** Of the last thing that Meta told us, signed with the app's secret; null: nothing yet. */
    heardAt: epochMs.nullable(),
  }),
  templates: z.array(
    z.object({ name: z.string(), language: z.string(), status: z.string(), reason: z.string().nullable() }),
  ),
  message: z
    .object({
      id: uuidSchema,
      to: z.string(),
      state: deliveryStateSchema,
      reason: deliveryReasonSchema.nullable(),
      at: epochMs,
    })
    .nullable(),
  /** For Embedded Signup: the SDK's address, and the Graph API's version that it is started with. */
  sdk: z.object({ url: z.string(), version: z.string() }),
});
export type SetupState = z.infer<typeof setupStateSchema>;

export const webSessionSchema = z.object({ role: z.enum(['operator', 'staff']), expiresAt: epochMs });
export type WebSessionView = z.infer<typeof webSessionSchema>;

export const signInSchema = z.strictObject({ token: z.string().regex(/^[\w-]{43}$/) });
export const checkSchema = z.strictObject({ step: setupStepSchema });
/** Two-step verification: set by this if there was none, else the one that was set. */
export const registerSchema = z.strictObject({ pin: z.string().regex(/^\d{6}$/) });
export const testMessageSchema = z.strictObject({
  to: z.string().trim().min(5).max(32),
  language: z.enum(['id', 'en', 'tr']),
});
/** What Embedded Signup gave to the browser. */
export const signupSchema = z.strictObject({
  code: secret,
  wabaId: graphId,
  phoneNumberId: graphId,
});
/** Solution partners only. The token is the partner's own; it is used once and not kept. */
export const shareCreditSchema = z.strictObject({
  creditLineId: graphId,
  currency: z.string().regex(/^[A-Z]{3}$/),
  partnerToken: secret,
});
export const nothingSchema = z.strictObject({});
export const newAccountSchema = z.strictObject({ name: z.string().trim().min(1).max(80) });
export const newAccountAnswerSchema = z.object({ account: accountIdSchema });
/** A shop's messages come from this account's number from now on. */
export const assignSchema = z.strictObject({ storeId: uuidSchema, account: accountIdSchema });
