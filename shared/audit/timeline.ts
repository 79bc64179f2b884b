import { z } from 'zod';
import { roleSchema } from '../gateway-api.ts';
import { uuidSchema } from '../ids.ts';
import { currencySchema } from '../money.ts';
import { auditEventSchema, auditOutcomeSchema } from './event.ts';

/**
 * The audit list as managers read it: the events of their store, newest first, narrowed by what they look for. Every request
 * carries the till's key and, in the header below, the proof that a manager typed their PIN at that till.
 */
export const AUDIT_PATHS = {
  access: '/v1/audit/access',
  about: '/v1/audit/about',
  events: '/v1/audit/events',
  tail: '/v1/audit/tail',
  views: '/v1/audit/views',
  view: '/v1/audit/views/:id',
  charts: '/v1/audit/charts',
  evidence: '/v1/audit/evidence',
} as const;
export const MANAGER_HEADER = 'x-saksi-manager';
export const AUDIT_PAGE = 50;

/** POST: a manager's PIN, checked as for a change of policy. The token is worth something at this till only. */
export const auditAccessSchema = z.strictObject({ staffId: uuidSchema, pin: z.string().regex(/^\d{4,8}$/) });
export const auditAccessAnswerSchema = z.object({
  token: z.string().max(200),
  expiresInMs: z.number().int().nonnegative(),
});

/** GET: whose list it is, and who and what it can be narrowed to. Staff who left are in it: their events stay. */
export const auditAboutSchema = z.object({
  stores: z
    .array(
      z.object({
        id: uuidSchema,
        name: z.string(),
        currency: currencySchema,
        /** IANA: the clock that days and hours are told by. */
        timezone: z.string(),
      }),
    )
    .min(1),
  tills: z.array(z.object({ id: uuidSchema, name: z.string() })).max(1_000),
  staff: z
    .array(z.object({ id: uuidSchema, name: z.string(), role: roleSchema, active: z.boolean() }))
    .max(5_000),
});
export type AuditAbout = z.infer<typeof auditAboutSchema>;

/** What kinds belong together on a filter's button. A kind that stands in none is found by its name. */
export const AUDIT_GROUPS = {
  redemptions: [
    ...['redemption.requested', 'redemption.authorised', 'redemption.captured', 'redemption.released'],
    ...['redemption.expired', 'redemption.failed', 'redemption.cancelled', 'redemption.stranded'],
  ],
  codes: ['code.sent', 'code.wrong', 'code.unwanted'],
  approvals: [
    ...['approval.requested', 'approval.voted', 'approval.approved', 'approval.rejected', 'approval.expired'],
    ...['approval.cancelled', 'approval.tap_refused'],
  ],
  drawer: [
    ...['drawer.opened', 'drawer.unexplained_opening', 'drawer.open_long', 'drawer.closed', 'drawer.outcome'],
    ...['drawer.alerted', 'drawer.acknowledged', 'drawer.tested'],
  ],
  grants: ['grant.used', 'shift.granted', 'shift.used', 'shift.booked', 'shift.closed'],
  slips: ['slip.printed', 'slip.failed', 'slip.waits', 'slip.reprint'],
  offline: [
    'sealed.issued',
    'sealed.used',
    'sealed.wrong',
    'offline.spent',
    'offline.overdrawn',
    'line.lost',
    'line.back',
  ],
  cash: [
    'cash.opened',
    'cash.float_changed',
    'cash.paid_in',
    'cash.paid_out',
    'cash.counted',
    'cash.taken_over',
    'cash.difference_approved',
    'cash.closed',
    'cash.x_printed',
  ],
  wallets: [
    'wallet.topped_up',
    'wallet.earned',
    'customer.phone_changed',
    'customer.merged',
    'customer.erased',
  ],
  sessions: ['session.signed_in', 'session.signed_out', 'session.pin_wrong'],
  cases: [
    ...['finding.seen', 'finding.innocent', 'finding.open', 'case.opened', 'case.noted', 'case.collected'],
    ...['case.assigned', 'case.titled', 'case.moved', 'case.exported'],
  ],
  rules: [
    'policy.changed',
    'staff.changed',
    'till.paired',
    'till.revoked',
    'audit.refused',
    'audit.read',
    'audit.exported',
  ],
} as const satisfies Record<string, readonly string[]>;
export const auditGroupSchema = z.enum(Object.keys(AUDIT_GROUPS) as [keyof typeof AUDIT_GROUPS]);
export type AuditGroup = keyof typeof AUDIT_GROUPS;

const kindSchema = auditEventSchema.shape.kind.max(81);
const count = z.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const epochMs = z.number().int().nonnegative();
const hourSchema = z.number().int().min(0).max(23);

/** What is left out does not narrow the list. `from` ≤ at < `to`; amounts in minor units or points, both ends included. */
export const auditFilterSchema = z.strictObject({
  storeId: uuidSchema.optional(),
  tillId: uuidSchema.optional(),
  staffId: uuidSchema.optional(),
  approverId: uuidSchema.optional(),
  customerId: uuidSchema.optional(),
  /** All events of one redemption, approval or opening. */
  subjectId: uuidSchema.optional(),
  kinds: z.array(kindSchema).min(1).max(40).optional(),
  groups: z.array(auditGroupSchema).min(1).max(20).optional(),
  outcomes: z.array(auditOutcomeSchema).min(1).max(4).optional(),
  amountFrom: count.optional(),
  amountTo: count.optional(),
  from: epochMs.optional(),
  to: epochMs.optional(),
  /** Hour of the day by the store's clock. */
  hour: hourSchema.optional(),
  /** Words of a sale's reference and of the details, beginnings of names of staff; the last may be a beginning of any. All must be there. */
  q: z.string().trim().max(64).optional(),
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

const list = <T extends z.ZodType>(item: T) =>
  z.preprocess((text) => (typeof text === 'string' ? text.split(',') : text), z.array(item).min(1).max(40));
const number = z.coerce.number().int();

/** The filter as in a URL: lists with commas. */
export const auditFilterQuerySchema = auditFilterSchema.extend({
  kinds: list(kindSchema).optional(),
  groups: list(auditGroupSchema).optional(),
  outcomes: list(auditOutcomeSchema).optional(),
  amountFrom: number.pipe(count).optional(),
  amountTo: number.pipe(count).optional(),
  from: number.pipe(epochMs).optional(),
  to: number.pipe(epochMs).optional(),
  hour: number.pipe(hourSchema).optional(),
});
/** `after`: the `next` of the page before. */
export const auditQuerySchema = auditFilterQuerySchema.extend({
  after: z
    .string()
    .regex(/^\d{1,16}\.\d{1,16}$/)
    .optional(),
});

/** An event with the names that go with its ids today; null where there is no id, or nobody of it in this store. */
export const timelineEventSchema = auditEventSchema.extend({
  /** A till's own kinds need not be known here. */
  tillName: z.string().nullable(),
  staffName: z.string().nullable(),
  approverName: z.string().nullable(),
  customerName: z.string().nullable(),
  /** Its own, in its chain: SHA-256 in hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type TimelineEvent = z.infer<typeof timelineEventSchema>;
export const auditPageSchema = z.object({
  events: z.array(timelineEventSchema).max(AUDIT_PAGE),
  /** Null: there is no older one. */
  next: z.string().nullable(),
});
export type AuditPage = z.infer<typeof auditPageSchema>;

/** GET /v1/audit/tail: server-sent events, `id` the event's, `event: audit`, `data` a `TimelineEvent`; oldest first. */
export const AUDIT_TAIL_EVENT = 'audit';

/** The tail where it can only be asked for: oldest first. `after`: what to ask on with. */
export const AUDIT_NEWS_MAX = 100;
export const auditNewsSchema = z.object({
  events: z.array(timelineEventSchema).max(AUDIT_NEWS_MAX),
  after: z.number().int().nonnegative().nullable(),
});

export const VIEWS_MAX = 50;
/** PUT: a filter of one's own under a name; the same name replaces it. */
export const auditViewWishSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  filter: auditFilterSchema,
});
export const auditViewSchema = auditViewWishSchema.extend({ id: uuidSchema });
export type AuditView = z.infer<typeof auditViewSchema>;
export const auditViewsSchema = z.object({ views: z.array(auditViewSchema).max(VIEWS_MAX) });

/** `from` ≤ at < `to`, epoch ms. */
export const evidenceQuerySchema = z.strictObject({ from: number.pipe(epochMs), to: number.pipe(epochMs) });
