import { z } from 'zod';
import { uuidSchema } from '../ids.ts';
import { currencySchema } from '../money.ts';
import type { AuditFilter } from './timeline.ts';

/**
 * Pictures of the audit list: GET /v1/audit/charts, for whoever may read the list. Each number is the count of the events that a
 * filter of the list gives, so that it can be opened: `CHART_MEASURES` with the span, and the day, hour, person or till of its
 * place. Days and hours are those of the store's clock.
 */
export const CHART_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

/** What is counted, as the filter that gives its events. */
export const CHART_MEASURES = {
  events: {},
  redemptions: { kinds: ['redemption.captured', 'offline.spent'] },
  voids: { kinds: ['approval.approved'], q: 'void' },
  discounts: { kinds: ['approval.approved'], q: 'discount' },
  openings: { kinds: ['drawer.opened', 'drawer.unexplained_opening'] },
  unexplained: { kinds: ['drawer.unexplained_opening'] },
  wrong: { kinds: ['code.wrong', 'session.pin_wrong'] },
} as const satisfies Record<
  string,
  Readonly<Pick<AuditFilter, 'q'>> & { readonly kinds?: readonly string[] }
>;
export type ChartMeasure = keyof typeof CHART_MEASURES;
export const CHART_MEASURE_NAMES = Object.keys(CHART_MEASURES) as ChartMeasure[];

/** How redemptions ended; `offline`: without a line, booked later. */
export const REDEMPTION_ENDS = {
  captured: 'redemption.captured',
  released: 'redemption.released',
  expired: 'redemption.expired',
  failed: 'redemption.failed',
  offline: 'offline.spent',
} as const;
export const redemptionEndSchema = z.enum(Object.keys(REDEMPTION_ENDS) as [keyof typeof REDEMPTION_ENDS]);
export type RedemptionEnd = keyof typeof REDEMPTION_ENDS;

/** Somebody's word on an approval: one, whether it decided or was one of several. */
export const CHART_VOTES = 'approval.voted';
/** What messages went out for. */
export const CHART_MESSAGES = ['code.sent', 'approval.requested'] as const;

const epochMs = z.number().int().nonnegative();
const number = z.coerce.number().int();
/** A year, and the hour that a change of the clock may add. */
const SPAN_MAX_MS = CHART_DAYS_MAX * DAY_MS + 3_600_000;
const isSpan = ({ from, to }: { from: number; to: number }) => from < to && to - from <= SPAN_MAX_MS;

/** Epoch ms, `from` ≤ at < `to`. */
export const chartsWishSchema = z
  .strictObject({ from: epochMs, to: epochMs })
  .refine(isSpan, { path: ['to'] });
/** The same in a URL. */
export const chartsQuerySchema = z
  .strictObject({ from: number.pipe(epochMs), to: number.pipe(epochMs) })
  .refine(isSpan, { path: ['to'] });
export type ChartsWish = z.infer<typeof chartsWishSchema>;

const count = z.number().int().nonnegative();
const countsSchema = z.object({
  events: count,
  redemptions: count,
  voids: count,
  discounts: count,
  openings: count,
  unexplained: count,
  wrong: count,
} satisfies Record<ChartMeasure, typeof count>);
export type ChartCounts = z.infer<typeof countsSchema>;

const speedSchema = z.object({
  approved: count,
  rejected: count,
  /** Ms from being asked to the word; null: nobody was asked. */
  medianMs: count.nullable(),
  p90Ms: count.nullable(),
});

export const auditChartsSchema = z.object({
  from: epochMs,
  to: epochMs,
  currency: currencySchema,
  /** Every day of the span. `spent`: what its messages cost, minor units; held or spent. */
  days: z
    .array(countsSchema.extend({ from: epochMs, to: epochMs, messages: count, spent: count }))
    .max(CHART_DAYS_MAX + 1),
  /** Place is the hour. */
  hours: z.array(countsSchema).length(24),
  /** Who did the most first. `hours`: events by hour; place is the hour. */
  cashiers: z.array(
    z.object({
      staffId: uuidSchema,
      name: z.string().nullable(),
      counts: countsSchema,
      hours: z.array(count).length(24),
    }),
  ),
  /** Null: events of no till. */
  tills: z.array(
    z.object({ tillId: uuidSchema.nullable(), name: z.string().nullable(), counts: countsSchema }),
  ),
  total: countsSchema,
  approvals: z.object({
    total: speedSchema,
    /** Who said the most first. */
    approvers: z.array(speedSchema.extend({ staffId: uuidSchema, name: z.string().nullable() })),
  }),
  redemptions: z.record(redemptionEndSchema, count),
});
export type AuditCharts = z.infer<typeof auditChartsSchema>;
