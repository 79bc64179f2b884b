import { z } from 'zod';
import { approvalKindKeySchema, basisPointsSchema } from './approval-policy.ts';
import { uuidSchema } from './ids.ts';
import { amountSchema, assetSchema, currencySchema } from './money.ts';
import { SHIFT_USES_MAX } from './shift-policy.ts';

/**
 * A grant: the gateway's signed word that a device may move. Compact JWS (RFC 7515 section 3.1), alg EdDSA
 * over Ed25519 (RFC 8037), header `typ` as below, `kid` the gateway key's id. Times are NumericDate seconds
 * (RFC 7519 section 2) of the gateway's clock.
 */
export const GRANT_TYP = 'saksi-grant+jwt';
export const GRANT_ALG = 'EdDSA';

export const grantActionSchema = z.enum(['drawer.open', 'slip.print']);
export type GrantAction = z.infer<typeof grantActionSchema>;

export const grantClaimsSchema = z.object({
  /** Gateway's id. */
  iss: uuidSchema,
  /** The till that may use it, and no other. */
  aud: uuidSchema,
  /** The grant's id: used once, ever. A grant signed again for the same redemption keeps its id. */
  jti: uuidSchema,
  iat: z.number().int(),
  exp: z.number().int(),
  kind: z.enum(['redemption']),
  actions: z.array(grantActionSchema).min(1),
  redemptionId: uuidSchema,
  customerId: uuidSchema,
  saleRef: z.string(),
  asset: assetSchema,
  amount: amountSchema,
  currency: currencySchema,
});
export type GrantClaims = z.infer<typeof grantClaimsSchema>;

/**
 * The gateway's word that enough of the right people approved. Bound to the request it answers; `actions` may be empty,
 * where all that was asked for is the answer itself. Its use is recorded all the same.
 */
export const approvalGrantSchema = z.object({
  iss: uuidSchema,
  aud: uuidSchema,
  jti: uuidSchema,
  iat: z.number().int(),
  exp: z.number().int(),
  kind: z.literal('approval'),
  actions: z.array(grantActionSchema),
  approvalId: uuidSchema,
  approvalKind: approvalKindKeySchema,
  saleRef: z.string().nullable(),
  amount: amountSchema.nullable(),
  basisPoints: basisPointsSchema.nullable(),
  currency: currencySchema,
  requestedBy: uuidSchema,
  /** Who said yes, in order; empty where policy asks nobody. */
  deciders: z.array(uuidSchema).max(5),
});
export type ApprovalGrantClaims = z.infer<typeof approvalGrantSchema>;

/**
 * Leave to open the drawer for ordinary cash sales, `uses` times until `exp`. For one person at one till; a spare
 * (`staffId` null) for whoever signs in there while the line is down. Signed again it is the same, to the byte.
 */
export const shiftGrantSchema = z.object({
  iss: uuidSchema,
  aud: uuidSchema,
  jti: uuidSchema,
  iat: z.number().int(),
  exp: z.number().int(),
  kind: z.literal('shift'),
  actions: z.array(z.literal('drawer.open')).length(1),
  uses: z.number().int().min(1).max(SHIFT_USES_MAX),
  staffId: uuidSchema.nullable(),
  currency: currencySchema,
  /** The most that one sale may come to; null: any amount. */
  amountMax: amountSchema.nullable(),
});
export type ShiftGrantClaims = z.infer<typeof shiftGrantSchema>;

/** Ed25519 public key as JWK (RFC 8037 section 2), as pinned by a till when it was paired. */
export const gatewayKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().min(1).max(64),
});
export type GatewayKey = z.infer<typeof gatewayKeySchema>;
