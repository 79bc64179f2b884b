import { z } from 'zod';
import {
  approvalKindKeySchema,
  approvalKindPolicySchema,
  basisPointsSchema,
  localisedSchema,
} from './approval-policy.ts';
import { approvalAskedSchema, approvalReasonSchema } from './approvals.ts';
import { deliverySchema } from './delivery.ts';
import { deviceConfigSchema, discoveredSchema } from './device-config.ts';
import { wireErrorSchema } from './errors.ts';
import {
  customerListSchema,
  customerSearchSchema,
  languageSchema,
  policyChangeSchema,
  roleSchema,
} from './gateway-api.ts';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { amountSchema, assetSchema, balanceSchema, currencySchema } from './money.ts';
import { reconciliationAnswerSchema, sideSchema } from './offline.ts';
import { policySchema } from './policy.ts';
import { slipPreviewSchema, slipPreviewWishSchema } from './slip-preview.ts';

/**
 * The bridge between the till and its screen. The screen is not trusted (invariant 9): each call's input is checked
 * against its schema on arrival, and its sender is checked by the host. State flows one way: the till pushes the
 * whole `TillView` whenever it changed; the screen renders it and keeps only what is being typed.
 */

const wireError = wireErrorSchema.shape.error;
/** Milliseconds left, counted from the moment the view was made; the screen counts down with its own monotonic clock. */
const leftMs = z.number().int();

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

export const tillViewSchema = z.object({
  host: z.enum(['electron', 'browser']),
  appVersion: z.string(),
  settings: z.object({ language: languageSchema, theme: z.enum(['light', 'dark', 'auto']) }),
  /** Null until the till is paired: the screen shows the first-run pairing form. */
  till: z
    .object({
      name: z.string(),
      storeName: z.string(),
      currency: currencySchema,
      country: z.enum(['ID', 'TR', 'US']),
      drawerPolicy: z.enum(['on_request', 'always', 'never']),
    })
    .nullable(),
  staff: z.array(
    z.object({ id: uuidSchema, name: z.string(), role: roleSchema, lockedForMs: leftMs.nullable() }),
  ),
  session: z.object({ staffId: uuidSchema, name: z.string(), role: roleSchema }).nullable(),
  status: z.object({
    gateway: z.object({
      state: gatewayStateSchema,
      skewMs: z.number().int().nullable(),
      error: wireError.nullable(),
    }),
    printer: z.object({ state: printerStateSchema, label: z.string() }),
    drawer: z.object({ state: drawerStateSchema }),
    /** Messages waiting at the gateway; null while it is unknown. */
    messages: z.object({ waiting: z.number().int() }).nullable(),
    /** What this till still has to tell the gateway, and what was refused and needs a person. */
    outbox: z.object({
      pending: z.number().int(),
      attention: z.number().int(),
      /** While a backlog is being sent: of how many, and how many a second. */
      draining: z
        .object({ sent: z.number().int(), of: z.number().int(), perSecond: z.number().int() })
        .nullable(),
    }),
    /** Sealed codes: null where policy has none. */
    sealed: z.object({ codesLeft: z.number().int(), expiresInMs: leftMs }).nullable(),
    /** Customers in the cache, and how long ago it was last in step with the gateway; null: never. */
    cache: z.object({ customers: z.number().int(), ageMs: z.number().int().nonnegative().nullable() }),
  }),
  /** What is the matter with this till's own disk or clock. With `stopsMoney` nothing is redeemed until it is mended. */
  trouble: z.array(troubleSchema).max(8),
  /** What is to be said of the drawer, over every screen. */
  drawerWatch: z.object({
    /** Openings that nothing explains, until a manager acknowledges each. */
    unexplained: z
      .array(
        z.object({
          id: uuidSchema,
          seen: z.enum(['watched', 'at_start', 'after_gap']),
          staffName: z.string().nullable(),
          /** By the till's clock. */
          openedAt: z.number().int(),
          /** Null: it stands open. */
          openMs: z.number().int().nonnegative().nullable(),
        }),
      )
      .max(5),
    openLong: z.boolean(),
    /** The switch chatters, or reads the wrong way round. */
    fault: z.enum(['faulty', 'inverted']).nullable(),
  }),
  /** Somebody wants to close the program while something is unsent: the screen asks, and answers by `app.quit` or `app.stay`. */
  quitAsked: z.boolean(),
  /** The redemption on screen, until it is dismissed. */
  redemption: redemptionViewSchema.nullable(),
  /** Open approvals of this till and finished ones not yet dismissed, newest first: serving customers goes on beside them. */
  approvals: z.array(approvalViewSchema).max(20),
  /** What may be asked for here, by policy. */
  approvalKinds: z
    .array(
      approvalKindPolicySchema.pick({
        key: true,
        name: true,
        amount: true,
        percent: true,
        reasons: true,
        freeReason: true,
        actions: true,
      }),
    )
    .max(40),
  /** The last finished ones of this till, newest first, for reprints. */
  recent: z
    .array(
      redemptionViewSchema
        .pick({
          id: true,
          stage: true,
          saleRef: true,
          asset: true,
          amount: true,
          currency: true,
          customer: true,
          slip: true,
          settlement: true,
        })
        .extend({
          /** Begun without a line, on a supervisor's sealed code. */
          offline: z.boolean(),
          at: z.number().int(),
        }),
    )
    .max(20),
});
export type TillView = z.infer<typeof tillViewSchema>;

/** Why somebody wants a slip again. */
export const COPY_REASONS = ['unreadable', 'lost', 'customer_asked', 'bookkeeping', 'other'] as const;
export const copyReasonSchema = z.enum(COPY_REASONS);
export type CopyReason = z.infer<typeof copyReasonSchema>;

const none = z.strictObject({});
const byId = z.strictObject({ redemptionId: uuidSchema });
const byItem = z.strictObject({ itemId: uuidSchema });
const byApproval = z.strictObject({ approvalId: uuidSchema });

/** Every call the screen may make: its input and its answer. */
export const BRIDGE = {
  'pairing.pair': {
    input: z.strictObject({ gatewayUrl: z.url().max(256), pairingCode: z.string().max(64) }),
    output: none,
  },
  'session.signIn': {
    input: z.strictObject({ staffId: uuidSchema, pin: z.string().regex(/^\d{4,8}$/) }),
    output: none,
  },
  'session.signOut': { input: none, output: none },
  'customers.search': {
    input: customerSearchSchema,
    /** `ageMs` null: fresh from the gateway; else from the till's cache, so old. */
    output: customerListSchema.extend({ ageMs: z.number().int().nullable() }),
  },
  'redemption.start': {
    input: z.strictObject({
      customerId: uuidSchema,
      asset: assetSchema,
      amount: amountSchema,
      /** Left out: the till makes one. */
      saleRef: saleRefSchema.optional(),
      drawer: z.boolean(),
    }),
    output: z.strictObject({ redemptionId: uuidSchema }),
  },
  'redemption.submitCode': { input: byId.extend({ code: z.string().regex(/^\d{4,8}$/) }), output: none },
  /** The line is down: a supervisor says a sealed code for this till, once. */
  'redemption.submitSealed': {
    input: byId.extend({ supervisorId: uuidSchema, code: z.string().min(1).max(32) }),
    output: none,
  },
  'redemption.resend': { input: byId, output: none },
  'redemption.cancel': { input: byId, output: none },
  /** Takes a finished redemption off the screen. */
  'redemption.dismiss': { input: byId, output: none },
  /** Prints the slip again, marked as a copy; or for the first time where nothing of the first print left. */
  'redemption.reprint': { input: byId.extend({ reason: copyReasonSchema.optional() }), output: none },
  'approval.start': {
    input: z.strictObject({
      kind: approvalKindKeySchema,
      amount: amountSchema.nullable(),
      basisPoints: basisPointsSchema.nullable(),
      reason: approvalReasonSchema,
      note: z.string().trim().max(280),
      saleRef: saleRefSchema.nullable(),
    }),
    output: z.strictObject({ approvalId: uuidSchema }),
  },
  'approval.cancel': { input: byApproval, output: none },
  /** The code that a supervisor said, where policy asks for codes. */
  'approval.submitCode': { input: byApproval.extend({ code: z.string().regex(/^\d{4,8}$/) }), output: none },
  /** Takes a finished approval off the screen. */
  'approval.dismiss': { input: byApproval, output: none },
  'approval.reprint': { input: byApproval.extend({ reason: copyReasonSchema.optional() }), output: none },
  /** For managers only; the gateway checks the PIN once more before it takes a change. */
  'policy.get': { input: none, output: z.strictObject({ policy: policySchema }) },
  'policy.save': {
    input: policyChangeSchema.omit({ staffId: true }),
    output: z.strictObject({ policy: policySchema }),
  },
  /** For managers only: how a slip would look, by the layout that prints it. Nothing is printed. */
  'slips.preview': { input: slipPreviewWishSchema, output: slipPreviewSchema },
  /** What waits and what was refused, refused first. */
  'outbox.list': { input: none, output: z.strictObject({ items: z.array(outboxItemViewSchema).max(200) }) },
  'outbox.retry': { input: byItem, output: none },
  /** Names another customer in an offline redemption that was refused because of the first, and tries again. */
  'outbox.editCustomer': { input: byItem.extend({ customerId: uuidSchema }), output: none },
  /** `staffId`, a manager, takes it on, whoever is signed in: off the list, kept with the note on both sides. */
  'outbox.handOver': {
    input: byItem.extend({
      staffId: uuidSchema,
      pin: z.string().regex(/^\d{4,8}$/),
      note: z.string().trim().min(3).max(280),
    }),
    output: none,
  },
  /** For managers only. Times by the till's clock. */
  'report.reconcile': {
    input: z.strictObject({ from: z.number().int(), to: z.number().int() }),
    output: z.strictObject({ report: reconciliationViewSchema }),
  },
  /** A manager, signed in or not, has looked into an opening that nothing explains. */
  'drawer.acknowledge': {
    input: z.strictObject({
      openingId: uuidSchema,
      staffId: uuidSchema,
      pin: z.string().regex(/^\d{4,8}$/),
      reason: z.string().trim().min(3).max(280),
    }),
    output: none,
  },
  /** Somebody has read the notice `recovered` or `clock_back`. */
  'trouble.seen': { input: z.strictObject({ kind: troubleSchema.shape.kind }), output: none },
  /** The answers to `quitAsked`: close all the same, or go on. */
  'app.quit': { input: none, output: none },
  'app.stay': { input: none, output: none },
  'settings.set': {
    input: z.strictObject({
      language: languageSchema.optional(),
      theme: z.enum(['light', 'dark', 'auto']).optional(),
    }),
    output: none,
  },
  /** Printer and drawer of this machine: for a manager, or while the till belongs to no shop yet. */
  'devices.get': { input: none, output: z.strictObject({ config: deviceConfigSchema }) },
  'devices.find': { input: none, output: discoveredSchema },
  /** Keeps the configuration and opens its devices in place of those before. */
  'devices.save': { input: z.strictObject({ config: deviceConfigSchema }), output: none },
  /** Answers once the printer said that it printed the page. */
  'devices.testPrint': { input: none, output: none },
  /** Only while the till belongs to no shop: afterwards a drawer opens on a grant alone. */
  'devices.testDrawer': { input: none, output: z.strictObject({ confirmed: z.boolean() }) },
} as const;

export type BridgeMethod = keyof typeof BRIDGE;
export type BridgeInput<M extends BridgeMethod> = z.input<(typeof BRIDGE)[M]['input']>;
export type BridgeOutput<M extends BridgeMethod> = z.output<(typeof BRIDGE)[M]['output']>;
export const BRIDGE_METHODS = Object.keys(BRIDGE) as BridgeMethod[];

/** What crosses the bridge back: errors as values, never thrown through a host. */
export type BridgeResult<M extends BridgeMethod> =
  | { ok: true; value: BridgeOutput<M> }
  | { ok: false; error: z.infer<typeof wireError> };

/** What `preload.ts` exposes as `window.saksi`, and what the browser host's client rebuilds over HTTP. */
export interface SaksiBridge {
  invoke<M extends BridgeMethod>(method: M, input: BridgeInput<M>): Promise<BridgeResult<M>>;
  /** Calls back with the present view at once and at every change, and with null when the host itself is lost. */
  subscribe(listener: (view: TillView | null) => void): () => void;
}

export { BROWSER_HOST_PATHS, BROWSER_TOKEN_HEADER, IPC } from './bridge-channels.ts';
