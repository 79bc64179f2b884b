import { z } from 'zod';
import { approvalKindKeySchema, basisPointsSchema, localisedSchema } from './approval-policy.ts';
import { approvalAskedSchema } from './approvals.ts';
import { deliverySchema } from './delivery.ts';
import { wireErrorSchema } from './errors.ts';
import { uuidSchema } from './ids.ts';
import { amountSchema, assetSchema, balanceSchema, currencySchema } from './money.ts';
import { reconciliationAnswerSchema, sideSchema } from './offline.ts';
import { cashSalesBookedSchema, cashSalesSideSchema } from './shift.ts';

/** What the screen is shown of one thing; the whole is `TillView`. */

export const wireError = wireErrorSchema.shape.error;
/** Milliseconds left, counted from the moment the view was made; the screen counts down with its own monotonic clock. */
export const leftMs = z.number().int();

export const gatewayStateSchema = z.enum([
  'connecting',
  'online',
  /** The stream is up, but calls are slow or some fail. */
  'degraded',
  'offline',
  /** The gateway does not take this till (revoked), or not with this clock. */
  'refused',
]);
export type GatewayState = z.infer<typeof gatewayStateSchema>;

export const printerStateSchema = z.enum([
  'none',
  'absent',
  'ready',
  'printing',
  'paper_near_end',
  'paper_out',
  'cover_open',
  'error',
  /** A print queue: it takes slips and tells nothing of the printer. */
  'no_status',
]);
export type PrinterState = z.infer<typeof printerStateSchema>;

export const drawerStateSchema = z.enum(['none', 'absent', 'closed', 'open']);
export type DrawerState = z.infer<typeof drawerStateSchema>;

export const redemptionStageSchema = z.enum([
  'requesting',
  'awaiting_code',
  /** The line is down: a supervisor's sealed code is asked for instead of the customer's. */
  'awaiting_sealed',
  'checking',
  /** Verified: the devices are at work. */
  'acting',
  /** The devices are done; a terminal that asked for manual capture has not captured yet. */
  'awaiting_capture',
  'done',
  'cancelled',
  'expired',
  'failed',
]);
export type RedemptionStage = z.infer<typeof redemptionStageSchema>;

export const redemptionViewSchema = z.object({
  id: uuidSchema,
  stage: redemptionStageSchema,
  startedBy: z.enum(['cashier', 'terminal']),
  saleRef: z.string(),
  asset: assetSchema,
  amount: amountSchema,
  currency: currencySchema,
  customer: z
    .object({ name: z.string(), memberNo: z.string().nullable(), phoneMasked: z.string().nullable() })
    .nullable(),
  availableAfter: balanceSchema.nullable(),
  code: z
    .object({
      digits: z.number().int(),
      expiresInMs: leftMs,
      triesLeft: z.number().int(),
      sends: z.number().int(),
      sendsLeft: z.number().int(),
      resendInMs: leftMs,
      delivery: deliverySchema,
    })
    .nullable(),
  /** Spent without a line, or about to be; null: an ordinary one. */
  sealed: z
    .object({
      /** Those who hold unused codes for this till. */
      supervisors: z
        .array(z.object({ id: uuidSchema, name: z.string(), codesLeft: z.number().int() }))
        .max(200),
      triesLeft: z.number().int(),
      lockedForMs: leftMs.nullable(),
      /** The cached balance that it is spent from, less what this till has spent since, and how old it is. */
      available: balanceSchema,
      ageMs: z.number().int().nonnegative(),
      /** What the limits leave of this asset before this one is spent: for this customer, and at this till. */
      left: z.object({ customer: balanceSchema, till: balanceSchema }),
    })
    .nullable(),
  drawer: z.object({
    state: z.enum(['not_needed', 'waiting', 'opened', 'unconfirmed', 'failed']),
    error: wireError.nullable(),
  }),
  slip: z.object({
    state: z.enum(['waiting', 'printing', 'printed', 'failed']),
    /** Why it failed, or why it still waits. */
    error: wireError.nullable(),
    copiesLeft: z.number().int().nonnegative(),
    /** Waiting: whether it prints by itself once the printer is back; else a person has to ask for it. */
    goesOn: z.boolean().optional(),
    /** The second printer has it. */
    onFallback: z.boolean().optional(),
    /** Whether the next print is a copy of which policy asks the reason. */
    reasonNeeded: z.boolean().optional(),
  }),
  /** The capture or cancellation on its way to the gateway. */
  settlement: z.enum(['none', 'queued', 'confirmed', 'refused']),
  /** Why the last try or the whole redemption failed. */
  error: wireError.nullable(),
});
export type RedemptionView = z.infer<typeof redemptionViewSchema>;

export const approvalStageSchema = z.enum([
  'requesting',
  'pending',
  /** Approved: the devices are at work. */
  'acting',
  'approved',
  'rejected',
  'expired',
  'cancelled',
  /** The gateway did not take it, or its grant could not be used: see `error`. */
  'failed',
]);
export type ApprovalStage = z.infer<typeof approvalStageSchema>;

export const approvalViewSchema = z.object({
  id: uuidSchema,
  stage: approvalStageSchema,
  startedBy: z.enum(['cashier', 'terminal']),
  kind: approvalKindKeySchema,
  kindName: localisedSchema,
  amount: amountSchema.nullable(),
  basisPoints: basisPointsSchema.nullable(),
  currency: currencySchema,
  reason: z.string(),
  note: z.string(),
  saleRef: z.string().nullable(),
  requestedBy: z.string(),
  expiresInMs: leftMs.nullable(),
  nextStepInMs: leftMs.nullable(),
  needed: z.number().int(),
  asked: z.array(approvalAskedSchema).max(100),
  free: z.boolean(),
  rejection: z.object({ name: z.string(), reason: z.string().nullable() }).nullable(),
  code: z.object({ digits: z.number().int(), triesLeft: z.number().int() }).nullable(),
  drawer: redemptionViewSchema.shape.drawer,
  slip: redemptionViewSchema.shape.slip.extend({
    state: z.enum(['not_needed', 'waiting', 'printing', 'printed', 'failed']),
  }),
  error: wireError.nullable(),
});
export type ApprovalView = z.infer<typeof approvalViewSchema>;

export const troubleSchema = z.object({
  kind: z.enum([
    'disk_full',
    'disk_failed',
    'database_locked',
    /** A page of the database cannot be read; a backup may be taken instead. */
    'database_corrupt',
    /** A backup was taken in place of a broken database. */
    'recovered',
    /** This disk is an old copy: the gateway has countersigned more than it holds. */
    'old_copy',
    /** The audit chain does not fit together. */
    'chain_broken',
    'clock_back',
  ]),
  error: wireError,
  stopsMoney: z.boolean(),
  /** By the till's clock. */
  since: z.number().int(),
});
export type Trouble = z.infer<typeof troubleSchema>;

/** One item of the outbox as a person sees it. */
export const outboxItemViewSchema = z.object({
  id: uuidSchema,
  kind: z.enum([
    'capture',
    'cancel',
    'approval_cancel',
    'offline_redemption',
    'handed_over',
    'drawer_alert',
    'cash_sale_opened',
    'cash_entry',
    'stranded',
  ]),
  state: z.enum(['pending', 'refused']),
  saleRef: z.string().nullable(),
  customerName: z.string().nullable(),
  asset: assetSchema.nullable(),
  amount: amountSchema.nullable(),
  attempts: z.number().int(),
  at: z.number().int(),
  nextTryInMs: leftMs.nullable(),
  reason: wireError.nullable(),
  /** What may be done with it. `editCustomer`: the customer it names is gone; another may be named. */
  actions: z.array(z.enum(['retry', 'editCustomer', 'handOver'])),
});
export type OutboxItemView = z.infer<typeof outboxItemViewSchema>;

/** Till and gateway side by side, for a manager. `missing…`: sale references that only the other side knows. */
export const reconciliationViewSchema = z.object({
  from: z.number().int(),
  to: z.number().int(),
  till: sideSchema,
  gateway: sideSchema,
  /** Openings of the drawer for cash sales. */
  cashSales: z.object({ till: cashSalesSideSchema, gateway: cashSalesBookedSchema }),
  agrees: z.boolean(),
  /** Not yet sent: counted at the till and not at the gateway, and no difference. */
  unsent: z.number().int(),
  missingAtGateway: z.array(z.string()).max(100),
  missingAtTill: z.array(z.string()).max(100),
  losses: reconciliationAnswerSchema.shape.losses,
  chain: z.object({
    length: z.number().int(),
    ok: z.boolean(),
    countersignedSeq: z.number().int().nullable(),
    countersignedAt: z.number().int().nullable(),
  }),
});
export type ReconciliationView = z.infer<typeof reconciliationViewSchema>;
