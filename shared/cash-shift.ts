import { z } from 'zod';
import { approvalKindKeySchema, localisedSchema } from './approval-policy.ts';
import { saleRefSchema, uuidSchema } from './ids.ts';
import { amountSchema, balanceSchema, currencySchema } from './money.ts';

/**
 * A cashier's shift as till and gateway speak of it: a list of entries, numbered from 1, that only grows. What should be in
 * the drawer, and all else that is shown of a shift, follows from them and from the cash sales (cash-shift-rules.ts).
 */
const minor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const epochMs = z.number().int().nonnegative();
const tally = z.object({ count: z.number().int().nonnegative(), sum: minor });

/** Cash as it was counted. `pieces`: how many of each note and coin; null: as one sum. */
export const cashCountSchema = z.strictObject({
  sum: minor,
  pieces: z
    .array(z.strictObject({ value: z.number().int().positive(), count: z.number().int().min(0).max(1e6) }))
    .max(30)
    .nullable(),
});
export type CashCount = z.infer<typeof cashCountSchema>;

export const cashReasonSchema = z.string().trim().min(3).max(140);

/** What let a shift close with its difference: small enough, a reason, or a person other than its cashier. */
export const differenceAllowedSchema = z.enum([
  'within',
  'reason',
  /** A supervisor approved it. */
  'approved',
  /** A supervisor or manager closed it themselves. */
  'attended',
  /** Nobody could be asked, the line was down: to be looked at. */
  'offline',
]);
export type DifferenceAllowed = z.infer<typeof differenceAllowedSchema>;

/** Openings of the drawer by what explains them. */
const openingsSchema = z.object({
  redemption: z.number().int(),
  approval: z.number().int(),
  cashSale: z.number().int(),
  unexplained: z.number().int(),
});

/** What X and Z say of a shift. Null where whoever reads it may not know it before the count. */
export const cashReportSchema = z.object({
  kind: z.enum(['x', 'z']),
  shiftId: uuidSchema,
  /** Counts a till's closed shifts, without gaps; null: an X report. */
  zNo: z.number().int().positive().nullable(),
  cashier: z.string(),
  from: epochMs,
  to: epochMs,
  currency: currencySchema,
  float: minor,
  /** What the close before left in the drawer; null: there was none. */
  lastLeft: minor.nullable(),
  floatChanges: z.number().int().nonnegative(),
  floatAfterCount: z.boolean(),
  takenOver: z.number().int().nonnegative(),
  sales: z.object({ count: z.number().int().nonnegative(), sum: minor.nullable() }),
  /** Cash in and out by the kind of approval; `kind` null: without one. */
  moves: z
    .array(
      tally.extend({
        kind: approvalKindKeySchema.nullable(),
        name: localisedSchema.nullable(),
        way: z.enum(['in', 'out']),
      }),
    )
    .max(60),
  redemptions: z.object({ deposit: tally, points: tally }),
  /** What supervisors approved, cash or not. */
  approvals: z.array(tally.extend({ kind: approvalKindKeySchema, name: localisedSchema })).max(60),
  openings: openingsSchema,
  noSale: z.number().int().nonnegative(),
  reprints: z.number().int().nonnegative(),
  slipsFailed: z.number().int().nonnegative(),
  counts: z.array(z.object({ counted: minor, expected: balanceSchema, at: epochMs })).max(50),
  expected: balanceSchema.nullable(),
  counted: minor.nullable(),
  difference: balanceSchema.nullable(),
  reason: z.string().nullable(),
  allowed: differenceAllowedSchema.nullable(),
  /** Stays in the drawer for the next shift. */
  left: minor.nullable(),
});
export type CashReport = z.infer<typeof cashReportSchema>;

const entry = {
  /** The till's id of it (UUIDv7). */
  id: uuidSchema,
  shiftId: uuidSchema,
  /** Place in the shift, from 1. */
  no: z.number().int().positive(),
  /** Who did it. */
  staffId: uuidSchema,
  /** By the till's clock; for the books only. */
  at: epochMs,
};
/** Cash in or out. `approvalId` null: policy let it go without one. */
const move = {
  approvalId: uuidSchema.nullable(),
  approvalKind: approvalKindKeySchema.nullable(),
  amount: amountSchema,
  reason: z.string().max(300),
  saleRef: saleRefSchema.nullable(),
};

export const cashEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...entry,
    kind: z.literal('opened'),
    currency: currencySchema,
    float: minor,
    count: cashCountSchema,
    lastLeft: minor.nullable(),
  }),
  z.strictObject({
    ...entry,
    kind: z.literal('float_changed'),
    float: minor,
    before: minor,
    afterCount: z.boolean(),
    approvalId: uuidSchema,
  }),
  z.strictObject({ ...entry, kind: z.literal('paid_in'), ...move }),
  z.strictObject({ ...entry, kind: z.literal('paid_out'), ...move }),
  z.strictObject({
    ...entry,
    kind: z.literal('counted'),
    count: cashCountSchema,
    expected: balanceSchema,
    /** What had come in less what had gone out by then, the float apart: the count stands until this changes. */
    moved: balanceSchema,
  }),
  z.strictObject({
    ...entry,
    kind: z.literal('taken_over'),
    from: uuidSchema,
    count: cashCountSchema.nullable(),
    /** What should have been there; null: nothing was counted. */
    expected: balanceSchema.nullable(),
  }),
  z.strictObject({
    ...entry,
    kind: z.literal('difference_approved'),
    /** Counted less expected, as it was asked about. */
    difference: balanceSchema,
    approvalId: uuidSchema,
  }),
  z.strictObject({ ...entry, kind: z.literal('closed'), report: cashReportSchema }),
]);
export type CashEntry = z.infer<typeof cashEntrySchema>;
export type CashEntryKind = CashEntry['kind'];

// --- The list for managers ----------------------------------------------------------------------------------
export const CASH_SHIFTS_PATH = '/v1/cash-shifts';
export const CASH_SHIFTS_PAGE = 50;

/** What the gateway found odd about a shift. */
export const cashShiftFlagSchema = z.enum([
  /** Two closed shifts of one till have this number: two copies of one disk. */
  'z_repeated',
  /** A number before it never came. */
  'z_gap',
  /** Float, in and out do not add up to what was expected, or the difference is another. */
  'sum_wrong',
  'staff_unknown',
  /** An approval that it names was never given for this till. */
  'approval_unknown',
  /** Closed with a difference that a supervisor had to approve and nobody did. */
  'unapproved',
  'float_after_count',
  /** Opened with another float than the close before left. */
  'float_differs',
]);
export type CashShiftFlag = z.infer<typeof cashShiftFlagSchema>;

export const cashShiftSummarySchema = z.object({
  id: uuidSchema,
  tillId: uuidSchema,
  tillName: z.string(),
  cashierId: uuidSchema,
  cashier: z.string().nullable(),
  openedAt: epochMs,
  currency: currencySchema,
  float: minor,
  lastLeft: minor.nullable(),
  /** Null: it is open. */
  closed: z
    .object({
      at: epochMs,
      zNo: z.number().int().positive(),
      expected: balanceSchema,
      counted: minor,
      difference: balanceSchema,
      counts: z.number().int().nonnegative(),
      reason: z.string().nullable(),
      allowed: differenceAllowedSchema,
    })
    .nullable(),
  flags: z.array(cashShiftFlagSchema),
});
export type CashShiftSummary = z.infer<typeof cashShiftSummarySchema>;

/** GET. By the time a shift was opened, newest first: from ≤ time < to. */
export const cashShiftQuerySchema = z.strictObject({
  from: z.coerce.number().int().nonnegative().optional(),
  to: z.coerce.number().int().nonnegative().optional(),
  tillId: uuidSchema.optional(),
  cashierId: uuidSchema.optional(),
  /** `differing`: a difference other than nothing, or a flag. */
  only: z.enum(['open', 'differing']).optional(),
  /** The `next` of the page before. */
  after: z
    .string()
    .regex(/^\d{1,16}\.[0-9a-f-]{36}$/)
    .optional(),
});

/** Closed shifts in the time asked about, per cashier and till. */
export const cashDifferencesSchema = z.object({
  cashierId: uuidSchema,
  cashier: z.string().nullable(),
  tillId: uuidSchema,
  tillName: z.string(),
  shifts: z.number().int().nonnegative(),
  /** Shifts that were short, and over. */
  short: z.number().int().nonnegative(),
  over: z.number().int().nonnegative(),
  /** Sums of what was missing (below zero) and too much (above). */
  missing: balanceSchema,
  surplus: balanceSchema,
});
export const cashShiftPageSchema = z.object({
  shifts: z.array(cashShiftSummarySchema).max(CASH_SHIFTS_PAGE),
  next: z.string().nullable(),
  /** Of all shifts that fit, not of this page alone. On the first page; null on the next ones. */
  differences: z.array(cashDifferencesSchema).max(500).nullable(),
});
export type CashShiftPage = z.infer<typeof cashShiftPageSchema>;
