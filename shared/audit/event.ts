import { z } from 'zod';
import { uuidSchema } from '../ids.ts';

/**
 * One event of a store's timeline, as the gateway keeps it of its own doing and of what tills tell it. The chained bytes
 * are `detail` in canonical JSON with `kind`, `at`, `seq` and the hash before; the columns beside it are read from them, so
 * that they can be filtered, and are worth no more than they are.
 */
export const auditAssetSchema = z.enum(['deposit', 'points', 'cash']);

/** How what an event tells of went: as wanted, refused by a rule or a person, lapsed, or broken on the way. */
export const auditOutcomeSchema = z.enum(['ok', 'refused', 'lapsed', 'failed']);
export type AuditOutcome = z.infer<typeof auditOutcomeSchema>;

export const auditEventSchema = z.object({
  /** Place in the gateway's list: grows with each event, never used twice. */
  id: z.number().int().positive(),
  /** Null: of the gateway itself. */
  storeId: uuidSchema.nullable(),
  tillId: uuidSchema.nullable(),
  /** Who wrote it down: a till's chain or the gateway's. */
  source: z.enum(['till', 'gateway']),
  /** Place in its chain, from 1. */
  seq: z.number().int().positive(),
  /** Epoch ms by the clock of whoever wrote it down. */
  at: z.number().int().nonnegative(),
  kind: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
  /** Staff member who did it or asked for it. */
  staffId: uuidSchema.nullable(),
  /** Staff member who allowed or refused it. */
  approverId: uuidSchema.nullable(),
  customerId: uuidSchema.nullable(),
  saleRef: z.string().nullable(),
  /** Redemption, approval, opening, shift or message that the event is of: all events of one thing share it. */
  subjectId: uuidSchema.nullable(),
  asset: auditAssetSchema.nullable(),
  /** Minor units, or points. Negative: taken away (a cash difference, a correction). */
  amount: z.number().int().nullable(),
  outcome: auditOutcomeSchema.nullable(),
  /** The rest, by kind; never a code, a token or a full phone number. */
  detail: z.record(z.string(), z.json()),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

/**
 * Kinds of the timeline. Those of a till's chain are written by `electron/store` and `electron/till`; `(gw)` by the gateway.
 * In brackets what `detail` holds beyond the columns. Further kinds may appear: a reader shows what it does not know by its
 * name.
 */
export const AUDIT_KINDS = {
  // `phoneTag`: keyed tag of the phone number, never the number. It stands in no chain, for it has to go when a customer is
  // erased: who reads for signals adds it to code.sent, redemption.requested and redemption.authorised. Today's tags are of one
  // store each; in the made year they are the same in all.
  // Redemptions
  'redemption.requested': '(gw) reserved and a code asked for',
  'redemption.authorised': '(gw) the right code, or none asked by policy [ms: since the code was sent]',
  'redemption.captured': '(gw) spent [slip, offline: boolean]',
  'redemption.released': '(gw) cancelled [reason]',
  'redemption.expired': '(gw) lapsed without its code',
  'redemption.failed': '(gw) tries used up',
  'code.sent': '(gw) [serial, channel, phoneTag]',
  'code.wrong': '(gw) [triesLeft, why: wrong | expired | reused]',
  'code.unwanted': '(gw) the customer said that they did not ask for it',
  'offline.spent': '(gw) booked after the line came back [sealedCodeId, lineWasUp: boolean]',
  'offline.overdrawn': '(gw) went to the offline loss [loss]',
  'wallet.topped_up': '(gw) credited [by, package]',
  'wallet.earned': '(gw) points earned by a sale',
  'sealed.issued': '(gw) sealed codes given to a till [serial]',
  // Approvals: detail.action is the kind asked for (void, line_void, refund, discount, price_override, no_sale, cash_out, …)
  'approval.requested': '(gw) [action, basisPoints, reasonKey]',
  'approval.approved': '(gw) [action, basisPoints, ms: since it was asked, via: tap | code | free]',
  'approval.rejected': '(gw) [action, ms, via]',
  'approval.expired': '(gw) [action]',
  'approval.cancelled': '(gw) [action]',
  'approval.voted':
    '(gw) one person’s word, where more are needed too [action, decision, ms: since they were asked, via]',
  'approval.tap_refused': '(gw) [why]',
  // The till and its devices
  'drawer.opened': 'on a grant [jti]',
  'drawer.unexplained_opening': 'without a command',
  'drawer.open_long': '[openMs]',
  'drawer.closed': '[openMs]',
  'drawer.alerted': '(gw) managers were told of a drawer [openMs, openedAt, what: unexplained | open_long]',
  'grant.used': '[jti, actions]',
  'shift.used': "a cash sale's opening on the shift grant [jti]",
  'shift.booked': '(gw) that opening, as its till told it [flags, jti, openedAt, useNo]',
  'sealed.used': '[sealedCodeId, supervisorId, bundleSerial]',
  'sealed.wrong': 'a sealed code that is none',
  'slip.printed': '[on]',
  'slip.failed': '[error]',
  'slip.reprint': '[copy, reason]',
  'session.signed_in': '',
  'session.signed_out': '',
  'session.pin_wrong': '[triesLeft]',
  'line.lost': 'the till went offline',
  'line.back': '[ms: how long]',
  // Cash
  'cash.opened': '(gw) shift opened; amount: the float',
  'cash.float_changed': '(gw) amount: the new float [before, afterCount: boolean]',
  'cash.paid_in': '(gw)',
  'cash.paid_out': '(gw)',
  'cash.counted':
    '(gw) blind count at close; amount: the difference to what should be there [counted, expected, reason]',
  'cash.taken_over': '(gw) another cashier goes on with the shift [from, counted, expected]',
  'cash.difference_approved': '(gw) amount: the difference that a supervisor let pass',
  'cash.closed': '(gw) amount: the difference [zNo, counted, expected, left, reason, allowed]',
  'cash.x_printed': 'X report [shiftId]',
  // People and rules
  'customer.phone_changed': '(gw) [by]',
  'customer.merged': '(gw) [from]',
  'customer.erased': '(gw)',
  'policy.changed': '(gw) [version, paths]',
  'staff.changed': '(gw) [what]',
  'till.paired': '(gw)',
  'till.revoked': '(gw)',
  'credit.topped_up': '(gw) message credit',
  'web.did': "(gw) on the gateway's own pages [what]",
  // `finding`: its id; `sha256`: of what was written, which may name people
  'finding.seen': '(gw) a manager looked at a fraud signal [finding, signal]',
  'finding.innocent': '(gw) they dismissed it [finding, signal]',
  'finding.open': '(gw) they took it up again [finding, signal]',
  'case.opened': '(gw) [assignee, case, events, findings, outcome, sha256, status]; so are all of a case',
  'case.noted': '(gw)',
  'case.collected': '(gw)',
  'case.assigned': '(gw)',
  'case.titled': '(gw)',
  'case.moved': '(gw) to another status',
  'case.exported': '(gw) its evidence was made',
  'audit.read': '(gw) a manager opened the audit list',
  'audit.exported': '(gw) evidence was made [entries, from, to]',
  'audit.refused': "(gw) a till's chain that is an old or another one [why]",
} as const;
export type AuditKind = keyof typeof AUDIT_KINDS;
