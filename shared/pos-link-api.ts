import { z } from 'zod';
import { approvalKindKeySchema, basisPointsSchema } from './approval-policy.ts';
import { approvalReasonSchema } from './approvals.ts';
import { cashCountSchema, cashReasonSchema } from './cash-shift.ts';
import { deliverySchema } from './delivery.ts';
import { wireErrorSchema } from './errors.ts';
import { customerRefSchema } from './gateway-api.ts';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { amountSchema, assetSchema, balanceSchema, currencySchema } from './money.ts';

/**
 * The POS link: what a cashier terminal's own program calls on loopback. Bearer: the POS link token from the till's
 * settings. Requests with an `Origin`, or a `Host` other than loopback, are refused: no web page may call it.
 * POSTs carry `Idempotency-Key`.
 */
export const posRedemptionCreateSchema = z.strictObject({
  customer: customerRefSchema,
  asset: assetSchema,
  amount: amountSchema,
  saleRef: saleRefSchema,
  /** Money goes back to the customer: ask for the drawer. */
  drawer: z.boolean().default(false),
  /** `auto`: the till captures once the slip is done; `manual`: the terminal calls capture after its sale. */
  capture: z.enum(['auto', 'manual']).default('auto'),
});
export type PosRedemptionCreate = z.infer<typeof posRedemptionCreateSchema>;

/**
 * `requesting` → `awaiting_code` → `authorised` (devices act) → `captured`, or `cancelled`, `expired`, `failed`.
 * With the line down it is `awaiting_sealed` in place of `awaiting_code`: a supervisor says a code at the till's screen, and
 * a start that is not possible without a line is refused with `offline_not_allowed`, `offline_balance_unknown`,
 * `offline_limit` or `sealed_expired`. It may be cancelled then and started anew when the line is back.
 * With the line down `capturing` lasts until the gateway has confirmed; the money is safe from then on.
 */
export const posRedemptionStatusSchema = z.enum([
  'requesting',
  'awaiting_code',
  'awaiting_sealed',
  'authorised',
  'capturing',
  'captured',
  'cancelling',
  'cancelled',
  'expired',
  'failed',
]);
export type PosRedemptionStatus = z.infer<typeof posRedemptionStatusSchema>;

export const posRedemptionSchema = z.object({
  id: uuidSchema,
  status: posRedemptionStatusSchema,
  saleRef: z.string(),
  asset: assetSchema,
  amount: amountSchema,
  currency: currencySchema,
  customer: z
    .object({ name: z.string(), memberNo: z.string().nullable(), phoneMasked: z.string().nullable() })
    .nullable(),
  availableAfter: balanceSchema.nullable(),
  triesLeft: z.number().int().nullable(),
  codeExpiresInMs: z.number().int().nullable(),
  delivery: deliverySchema.nullable(),
  drawer: z.enum(['not_needed', 'waiting', 'opened', 'unconfirmed', 'failed']),
  slip: z.enum(['waiting', 'printing', 'printed', 'failed']),
  error: wireErrorSchema.shape.error.nullable(),
});
export type PosRedemption = z.infer<typeof posRedemptionSchema>;

export const posApprovalCreateSchema = z.strictObject({
  kind: approvalKindKeySchema,
  amount: amountSchema.nullable().default(null),
  basisPoints: basisPointsSchema.nullable().default(null),
  reason: approvalReasonSchema,
  note: z.string().trim().max(280).default(''),
  saleRef: saleRefSchema.nullable().default(null),
});
export type PosApprovalCreate = z.infer<typeof posApprovalCreateSchema>;

/** Who asks is who is signed in at the till; with nobody signed in a request is refused with `not_signed_in`. */
export const posApprovalSchema = z.object({
  id: uuidSchema,
  status: z.enum([
    'requesting',
    'pending',
    'acting',
    'approved',
    'rejected',
    'expired',
    'cancelled',
    'failed',
  ]),
  kind: approvalKindKeySchema,
  amount: amountSchema.nullable(),
  basisPoints: basisPointsSchema.nullable(),
  currency: currencySchema,
  saleRef: z.string().nullable(),
  requestedBy: z.string(),
  /** Names of those who said yes, in order. */
  approvedBy: z.array(z.string()),
  rejection: z.object({ name: z.string(), reason: z.string().nullable() }).nullable(),
  expiresInMs: z.number().int().nullable(),
  drawer: posRedemptionSchema.shape.drawer,
  error: wireErrorSchema.shape.error.nullable(),
});
export type PosApproval = z.infer<typeof posApprovalSchema>;
export const POS_APPROVAL_FINAL: readonly PosApproval['status'][] = [
  'approved',
  'rejected',
  'expired',
  'cancelled',
  'failed',
];

export const posCashSaleCreateSchema = z.strictObject({
  saleRef: saleRefSchema,
  /** Whole minor units of the store's currency. */
  amount: amountSchema,
});
export type PosCashSaleCreate = z.infer<typeof posCashSaleCreateSchema>;

/**
 * An ordinary cash sale: the drawer opens at once, on the openings that whoever is signed in was granted. One opening a sale:
 * the same `saleRef` within a day answers with the first one, unless its `drawer` is `failed` (it surely stayed shut): then a
 * new key tries again. `unconfirmed`: the drawer may have opened; look at it.
 */
export const posCashSaleSchema = z.object({
  id: uuidSchema,
  saleRef: z.string(),
  amount: amountSchema,
  currency: currencySchema,
  drawer: z.enum(['opened', 'unconfirmed', 'failed']),
  /** Openings left at this till for whoever is signed in. */
  left: z.number().int().nonnegative(),
  error: wireErrorSchema.shape.error.nullable(),
});
export type PosCashSale = z.infer<typeof posCashSaleSchema>;

export const posShiftOpenSchema = z.strictObject({
  /** The float as it was counted. */
  count: cashCountSchema,
});
export type PosShiftOpen = z.infer<typeof posShiftOpenSchema>;

export const posShiftCloseSchema = z.strictObject({
  count: cashCountSchema,
  /** Stays in the drawer for the next shift, minor units; left out: all that was counted. */
  left: z.number().int().nonnegative().nullable().default(null),
  /** Why the count is off, where it is by more than policy lets pass. */
  reason: cashReasonSchema.nullable().default(null),
});
export type PosShiftClose = z.infer<typeof posShiftCloseSchema>;

/** The cashier's shift: the open one, and the last closed one; null: there is none. Times by the till's clock. */
export const posShiftSchema = z.object({
  open: z
    .object({
      id: uuidSchema,
      cashier: z.string(),
      openedAt: z.number().int(),
      currency: currencySchema,
      float: z.number().int(),
      counted: z.number().int().nullable(),
    })
    .nullable(),
  last: z
    .object({
      id: uuidSchema,
      zNo: z.number().int().positive(),
      closedAt: z.number().int(),
      left: z.number().int(),
    })
    .nullable(),
});
export type PosShift = z.infer<typeof posShiftSchema>;

export const POS_PATHS = {
  /** GET `posShiftSchema`; POST `posShiftOpenSchema`: opens one. */
  shift: '/v1/shift',
  /** POST `posShiftCloseSchema`: answers with the Z report (`cashReportSchema`). */
  shiftClose: '/v1/shift/close',
  shiftX: '/v1/shift/x',
  shiftZ: '/v1/shift/z',
  /** POST `posCashSaleCreateSchema`: opens the drawer. */
  cashSales: '/v1/cash-sales',
  approvals: '/v1/approvals',
  approval: '/v1/approvals/:id',
  /** SSE: `event: approval`, data: posApprovalSchema; ends after a final status. */
  approvalEvents: '/v1/approvals/:id/events',
  approvalCancel: '/v1/approvals/:id/cancel',
  redemptions: '/v1/redemptions',
  redemption: '/v1/redemptions/:id',
  /** SSE: `event: redemption`, data: posRedemptionSchema; ends after a final status. */
  events: '/v1/redemptions/:id/events',
  capture: '/v1/redemptions/:id/capture',
  cancel: '/v1/redemptions/:id/cancel',
  status: '/v1/status',
  openapi: '/openapi.json',
} as const;

export const posStatusSchema = z.object({
  till: z.object({ name: z.string(), store: z.string() }).nullable(),
  gateway: z.enum(['connecting', 'online', 'degraded', 'offline', 'refused']),
  busy: z.boolean(),
});
export type PosStatus = z.infer<typeof posStatusSchema>;
export const POS_FINAL: readonly PosRedemptionStatus[] = ['captured', 'cancelled', 'expired', 'failed'];
