import { z } from 'zod';
import { approvalAnswerSchema, approvalSchema } from './approvals.ts';
import { deliverySchema } from './delivery.ts';
import { gatewayKeySchema } from './grants.ts';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { amountSchema, assetSchema, balanceSchema, currencySchema } from './money.ts';
import { pairingSecretSchema } from './pairing.ts';
import { policySchema } from './policy.ts';
import { redemptionStatusSchema } from './redemption.ts';

/**
 * The gateway's API for tills, version 1. Bearer: the till key given at pairing. Every answer carries the
 * header `saksi-time` (epoch ms of the gateway's clock), from which a till measures its skew. Requests that
 * change something carry `Idempotency-Key`; the same key with the same body gives the same outcome, with another
 * body `idempotency_key_reused`. Refusals have the body of `wireErrorSchema`.
 */
export const TIME_HEADER = 'saksi-time';
export const IDEMPOTENCY_HEADER = 'idempotency-key';

export const languageSchema = z.enum(['id', 'en', 'tr']);
const epochMs = z.number().int().nonnegative();
/** How long from the moment of the answer, by the gateway's clock; below zero: past. */
const remainingMs = z.number().int();

// --- Store, till, staff -------------------------------------------------------------------------------------
export const roleSchema = z.enum(['cashier', 'supervisor', 'manager']);
export type Role = z.infer<typeof roleSchema>;

/** scrypt (RFC 7914) of a PIN: salt and hash in base64url, cost parameters beside them. */
export const pinHashSchema = z.object({
  algorithm: z.literal('scrypt'),
  salt: z.string(),
  hash: z.string(),
  n: z.number().int(),
  r: z.number().int(),
  p: z.number().int(),
});
export type PinHash = z.infer<typeof pinHashSchema>;

export const staffSchema = z.object({
  id: uuidSchema,
  name: z.string(),
  role: roleSchema,
  pin: pinHashSchema,
  /** Tills remembered for this person before then are so no more (`rememberedLoginSchema`, login.ts). */
  loginsFrom: z.number().int().nonnegative().optional(),
});
export type Staff = z.infer<typeof staffSchema>;

export const storeSchema = z.object({
  id: uuidSchema,
  name: z.string(),
  address: z.string(),
  footer: z.string(),
  country: z.enum(['ID', 'TR', 'US']),
  currency: currencySchema,
  language: languageSchema,
  timezone: z.string(),
});
export type Store = z.infer<typeof storeSchema>;

export const pairRequestSchema = z.object({
  secret: pairingSecretSchema,
  appVersion: z.string().max(32),
});
export const pairAnswerSchema = z.object({
  gatewayId: uuidSchema,
  gatewayKey: gatewayKeySchema,
  tillId: uuidSchema,
  tillName: z.string(),
  tillKey: z.string(),
  store: storeSchema,
});
export type PairAnswer = z.infer<typeof pairAnswerSchema>;

/** What a till needs to know of its place: read at start, and again at an event `till.changed`. */
export const tillContextSchema = z.object({
  tillId: uuidSchema,
  tillName: z.string(),
  store: storeSchema,
  policy: policySchema,
  /** The same policy as the gateway signed it (`signedPolicySchema`): what a till goes by. */
  signedPolicy: z.string().max(200_000).optional(),
  staff: z.array(staffSchema).max(1000),
  /** Key of `phoneTag`s (offline.ts), base64url; the store's. */
  cacheTagKey: z.string().length(43).optional(),
  /** Messages waiting in the gateway's queue for this store. */
  messageQueue: z.object({ waiting: z.number().int().nonnegative() }),
  /** The highest Z number that this till's shifts had: a till whose disk is new goes on from it. */
  lastZ: z.number().int().nonnegative().optional(),
});
export type TillContext = z.infer<typeof tillContextSchema>;

// --- Customers ----------------------------------------------------------------------------------------------
export const walletBalanceSchema = z.object({
  asset: assetSchema,
  available: balanceSchema,
  reserved: balanceSchema,
});

export const customerSchema = z.object({
  id: uuidSchema,
  name: z.string(),
  memberNo: z.string().nullable(),
  /** Masked: a till never gets the full number. */
  phoneMasked: z.string().nullable(),
  language: languageSchema,
  canReceiveCode: z.boolean(),
  balances: z.array(walletBalanceSchema),
});
export type Customer = z.infer<typeof customerSchema>;

export const customerSearchSchema = z.object({
  /** Phone in national or international form, a member number, or the start of a name (3 letters or more). */
  q: z.string().trim().min(2).max(64),
});
export const customerListSchema = z.object({ customers: z.array(customerSchema).max(20) });

/** How a redemption names its customer. */
export const customerRefSchema = z.union([
  z.strictObject({ id: uuidSchema }),
  z.strictObject({ phone: z.string().max(32) }),
  z.strictObject({ memberNo: z.string().min(1).max(32) }),
]);
export type CustomerRef = z.infer<typeof customerRefSchema>;

// --- Redemptions --------------------------------------------------------------------------------------------
export const redemptionCreateSchema = z.strictObject({
  customer: customerRefSchema,
  asset: assetSchema,
  amount: amountSchema,
  saleRef: saleRefSchema,
  /** Money goes back to the customer, so the drawer is wanted; policy decides. */
  drawer: z.boolean(),
  /** Who is signed in at the till; null when the cashier terminal started it with nobody signed in. */
  staffId: uuidSchema.nullable(),
  /** How a code begins; the other channels come after it, by policy. */
  channel: z.enum(['whatsapp']).default('whatsapp'),
});
export type RedemptionCreate = z.infer<typeof redemptionCreateSchema>;

export const redemptionSchema = z.object({
  id: uuidSchema,
  tillId: uuidSchema,
  status: redemptionStatusSchema,
  customer: customerSchema.omit({ balances: true }),
  asset: assetSchema,
  amount: amountSchema,
  currency: currencySchema,
  saleRef: z.string(),
  /** Whether the grant lets the drawer open: asked for, and allowed by policy. */
  drawer: z.boolean(),
  createdAt: epochMs,
  /** The customer's available balance of this asset with this reservation taken off. */
  availableAfter: balanceSchema,
  /** Null when policy asks no code for this amount. */
  code: z
    .object({
      digits: z.number().int(),
      expiresInMs: remainingMs,
      triesLeft: z.number().int().nonnegative(),
      sends: z.number().int().nonnegative(),
      sendsLeft: z.number().int().nonnegative(),
      resendInMs: remainingMs,
      delivery: deliverySchema,
    })
    .nullable(),
});
export type Redemption = z.infer<typeof redemptionSchema>;

/** `grant` is there exactly while the redemption is authorised; asked for again it keeps its id (jti). */
export const redemptionAnswerSchema = z.object({
  redemption: redemptionSchema,
  grant: z.string().nullable(),
});
export type RedemptionAnswer = z.infer<typeof redemptionAnswerSchema>;

export const verifyRequestSchema = z.strictObject({ code: z.string().regex(/^\d{4,8}$/) });
export const captureRequestSchema = z.strictObject({
  /** When the till settled, by its own clock; for the books only. */
  settledAt: epochMs,
  slip: z.enum(['printed', 'pending']),
});
export const cancelRequestSchema = z.strictObject({
  reason: z.enum(['cashier', 'customer', 'terminal', 'till_recovery']),
});

// --- Approvals: create is POST `approvalCreateSchema`, all answers are `approvalAnswerSchema` (approvals.ts) -------------
export const approvalListSchema = z.object({ approvals: z.array(approvalAnswerSchema).max(100) });
export const approvalCodeSchema = z.strictObject({ code: z.string().regex(/^\d{4,8}$/) });

// --- Policy -------------------------------------------------------------------------------------------------
export const policyAnswerSchema = z.object({ policy: policySchema, signedPolicy: z.string() });
/** `baseVersion`: the version it was made from; another one meanwhile: `policy_conflict`. The gateway numbers the new one. */
export const policyChangeSchema = z.strictObject({
  staffId: uuidSchema,
  pin: z.string().regex(/^\d{4,8}$/),
  baseVersion: z.number().int().min(1),
  policy: policySchema.omit({ version: true }),
  /** Another manager or a supervisor, who agrees: see `policy_needs_second`. */
  second: z.strictObject({ staffId: uuidSchema, pin: z.string().regex(/^\d{4,8}$/) }).optional(),
});

/** A code that nobody asked for, by the word of whoever got it. `id`: of its message. */
export const codeAlarmSchema = z.object({
  id: uuidSchema,
  about: z.enum(['redemption', 'login', 'approval']),
  saleRef: z.string().nullable(),
  at: epochMs,
});
export type CodeAlarm = z.infer<typeof codeAlarmSchema>;

// --- Events (SSE, GET /v1/events) ---------------------------------------------------------------------------
/**
 * Server-sent events to one till (WHATWG HTML, section 9.2): `id` is the till's own sequence, without gaps and
 * rising in commit order; `event` the type; `data` this object as JSON. With `Last-Event-ID` the stream goes on after
 * that id; without it, from now. A `ping` without id comes at least every 5 s, so that a dead line is noticed.
 */
export const tillEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('redemption.changed'), redemption: redemptionSchema }),
  /** How far the message with the redemption's newest code came; `sends`: which of its codes that is, as in `redemptionSchema`. */
  z.object({
    type: z.literal('code.delivery'),
    redemptionId: uuidSchema,
    sends: z.number().int().positive(),
    delivery: deliverySchema,
  }),
  /** `grant` is there when it was just approved. */
  z.object({ type: z.literal('approval.changed'), approval: approvalSchema, grant: z.string().nullable() }),
  z.object({ type: z.literal('till.changed') }),
  /** A new bundle of sealed codes waits for this till. */
  z.object({ type: z.literal('sealed.changed') }),
  /** The store's message credit fell to a threshold of its policy (`thresholdName`); once until it is topped up. */
  z.object({
    type: z.literal('credit.low'),
    threshold: z.string(),
    balance: balanceSchema,
    currency: currencySchema,
  }),
  /** Whoever got a code of this till says that they asked for none: perhaps somebody wants to spend what is theirs. */
  z.object({ type: z.literal('code.unrequested'), alarm: codeAlarmSchema }),
  z.object({ type: z.literal('till.revoked') }),
]);
export type TillEvent = z.infer<typeof tillEventSchema>;
export const pingSchema = z.object({
  type: z.literal('ping'),
  time: epochMs,
  messageQueue: z.object({ waiting: z.number().int().nonnegative() }),
  /** The store's newest wallet change (`walletPageSchema`); beyond the till's cursor: there is something to read. */
  walletCursor: z.number().int().nonnegative().optional(),
});
export const EVENT_PING_MS = 5000;

// --- Routes -------------------------------------------------------------------------------------------------
export const GATEWAY_PATHS = {
  pair: '/v1/pairings/redeem',
  till: '/v1/till',
  customers: '/v1/customers',
  redemptions: '/v1/redemptions',
  /** GET; open ones of this till (awaiting_code and authorised): `redemptionListSchema`. */
  redemptionsOpen: '/v1/redemptions/open',
  redemption: '/v1/redemptions/:id',
  verify: '/v1/redemptions/:id/verify',
  resend: '/v1/redemptions/:id/resend',
  capture: '/v1/redemptions/:id/capture',
  cancel: '/v1/redemptions/:id/cancel',
  approvals: '/v1/approvals',
  /** GET: pending ones of this till, and approved ones whose grant may still be used: `approvalListSchema`. */
  approvalsOpen: '/v1/approvals/open',
  approval: '/v1/approvals/:id',
  approvalCancel: '/v1/approvals/:id/cancel',
  /** POST `approvalCodeSchema`: the code that a supervisor said, where policy asks for codes. */
  approvalCode: '/v1/approvals/:id/code',
  /** GET: `policyAnswerSchema`; PUT `policyChangeSchema`: a manager changes it. */
  policy: '/v1/policy',
  events: '/v1/events',
  whatsappWebhook: '/webhooks/whatsapp',
} as const;
export const redemptionListSchema = z.object({ redemptions: z.array(redemptionAnswerSchema).max(100) });
