import { z } from 'zod';
import { approvalKindKeySchema, basisPointsSchema } from './approval-policy.ts';
import { approvalReasonSchema } from './approvals.ts';
import { auditChartsSchema, chartsWishSchema } from './audit/charts.ts';
import {
  auditAboutSchema,
  auditFilterSchema,
  auditNewsSchema,
  auditPageSchema,
  auditQuerySchema,
  auditViewsSchema,
  auditViewWishSchema,
} from './audit/timeline.ts';
import { MANAGER_BRIDGE } from './bridge-manager.ts';
import {
  outboxItemViewSchema,
  reconciliationViewSchema,
  troubleSchema,
  type wireError,
} from './bridge-views.ts';
import {
  cashCountSchema,
  cashReasonSchema,
  cashReportSchema,
  cashShiftPageSchema,
  cashShiftQuerySchema,
} from './cash-shift.ts';
import { deviceConfigSchema, discoveredSchema } from './device-config.ts';
import { wireErrorSchema } from './errors.ts';
import {
  customerListSchema,
  customerSearchSchema,
  languageSchema,
  policyChangeSchema,
} from './gateway-api.ts';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { messageFilterSchema, messagePageSchema, messageQuerySchema } from './message-log.ts';
import { amountSchema, assetSchema } from './money.ts';
import { policySchema } from './policy.ts';
import { slipPreviewSchema, slipPreviewWishSchema } from './slip-preview.ts';
import type { TillView } from './till-view.ts';

export * from './bridge-views.ts';
export * from './till-view.ts';

/**
 * The bridge between the till and its screen. The screen is not trusted (invariant 9): each call's input is checked
 * against its schema on arrival, and its sender is checked by the host. State flows one way: the till pushes the
 * whole `TillView` whenever it changed; the screen renders it and keeps only what is being typed.
 */

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
  /** The code that was sent to whoever gave the right PIN (`TillView.login`). */
  'session.submitCode': {
    input: z.strictObject({ code: z.string().regex(/^\d{4,8}$/), remember: z.boolean() }),
    output: none,
  },
  'session.resendCode': { input: none, output: none },
  /** Back to the PIN; the code that was sent stays good. */
  'session.cancelLogin': { input: none, output: none },
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
  /** Opens the drawer for a cash sale, where policy allows it from the screen. Answers when the drawer did. */
  'cashSale.open': {
    input: z.strictObject({ saleRef: saleRefSchema, amount: amountSchema }),
    output: z.strictObject({
      drawer: z.enum(['opened', 'unconfirmed', 'failed']),
      error: wireErrorSchema.shape.error.nullable(),
    }),
  },
  /** Opens a shift with the float that was counted. */
  'cashShift.open': { input: z.strictObject({ count: cashCountSchema }), output: none },
  /** Cash in or out that policy lets go without an approval; the drawer stays shut. */
  'cashShift.pay': {
    input: z.strictObject({ way: z.enum(['in', 'out']), amount: amountSchema, reason: cashReasonSchema }),
    output: none,
  },
  /** The blind count. */
  'cashShift.count': { input: z.strictObject({ count: cashCountSchema }), output: none },
  /** Asks a supervisor to let the difference of the last count pass. */
  'cashShift.askDifference': {
    input: z.strictObject({ reason: cashReasonSchema }),
    output: z.strictObject({ approvalId: uuidSchema }),
  },
  /** The Z. `left`: what stays in the drawer, minor units. */
  'cashShift.close': {
    input: z.strictObject({ left: z.number().int().nonnegative(), reason: cashReasonSchema.nullable() }),
    output: z.strictObject({ report: cashReportSchema }),
  },
  'cashShift.takeOver': { input: z.strictObject({ count: cashCountSchema.nullable() }), output: none },
  /** The X as whoever is signed in may see it. */
  'cashShift.report': { input: none, output: z.strictObject({ report: cashReportSchema }) },
  'cashShift.printX': { input: none, output: none },
  /** The Z of a closed shift again, marked as a copy. */
  'cashShift.reprint': {
    input: z.strictObject({ shiftId: uuidSchema, reason: copyReasonSchema.optional() }),
    output: none,
  },
  /** For managers only: the store's shifts as the gateway has them. */
  'cashShift.list': { input: z.strictObject(cashShiftQuerySchema.shape), output: cashShiftPageSchema },
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
  /** For managers only. `after`: the `next` of the page before; null: the newest. */
  'messages.list': {
    input: z.strictObject({
      filter: z.strictObject(messageFilterSchema.shape),
      after: messageQuerySchema.shape.after.unwrap().nullable(),
    }),
    output: messagePageSchema,
  },
  /** For managers only: all that fit the filter, up to 5,000, as a PDF in base64. */
  'messages.pdf': {
    input: z.strictObject({ filter: z.strictObject(messageFilterSchema.shape) }),
    output: z.strictObject({ pdf: z.base64().max(40_000_000) }),
  },
  /** A manager's PIN once more, for the audit list: the gateway asks for it. For as long as the answer says, or until they leave. */
  'audit.unlock': {
    input: z.strictObject({ pin: z.string().regex(/^\d{4,8}$/) }),
    output: z.strictObject({ expiresInMs: z.number().int().nonnegative() }),
  },
  /** `after`: the `next` of the page before; null: the newest. */
  'audit.list': {
    input: z.strictObject({
      filter: auditFilterSchema,
      after: auditQuerySchema.shape.after.unwrap().nullable(),
    }),
    output: auditPageSchema,
  },
  'audit.about': { input: none, output: auditAboutSchema },
  /** What is new after event `after` (null: from now), at once or within a while; none: ask again. Nobody at the screen counts for it. */
  'audit.tail': {
    input: z.strictObject({
      filter: auditFilterSchema,
      after: z.number().int().nonnegative().nullable(),
    }),
    output: auditNewsSchema,
  },
  'audit.charts': { input: chartsWishSchema, output: auditChartsSchema },
  'audit.views': { input: none, output: auditViewsSchema },
  'audit.saveView': { input: auditViewWishSchema, output: auditViewsSchema },
  'audit.removeView': { input: z.strictObject({ id: uuidSchema }), output: auditViewsSchema },
  ...MANAGER_BRIDGE,
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
  /** A supervisor or a manager has seen that a code was sent that nobody asked for. */
  'alarm.seen': { input: z.strictObject({ alarmId: uuidSchema }), output: none },
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
