import { z } from 'zod';
import { shownFindingSchema } from './findings-api.ts';
import { currencySchema } from './money.ts';

/** Alerts and the daily digest as managers read them: with the proof of their PIN (`MANAGER_HEADER`), but for the bare number. */
export const ALERTS_PATHS = {
  list: '/v1/alerts',
  /** With the till's key alone: a number names nobody. */
  waiting: '/v1/alerts/waiting',
  acknowledge: '/v1/alerts/acknowledge',
  digest: '/v1/digest',
} as const;
export const ALERTS_MAX = 200;

const alertId = z.number().int().positive();
export const alertSchema = z.object({
  id: alertId,
  at: z.number().int(),
  /** Epoch ms; null: not sent, or not yet. */
  sentAt: z.number().int().nullable(),
  finding: shownFindingSchema,
});
export type Alert = z.infer<typeof alertSchema>;
/** Those that nobody has acknowledged, newest first. */
export const alertListSchema = z.object({ alerts: z.array(alertSchema).max(ALERTS_MAX) });
export const alertsWaitingSchema = z.object({ count: z.number().int().nonnegative() });
export const alertsSeenSchema = z.strictObject({ ids: z.array(alertId).min(1).max(ALERTS_MAX) });

export const DIGEST_FIGURES = [
  ...([
    'redemptions',
    'voids',
    'discounts',
    'openings',
    'unexplained',
    'offline',
    'findings',
    'messages',
  ] as const),
] as const;
export type DigestFigureName = (typeof DIGEST_FIGURES)[number];
export const digestFigureSchema = z.object({
  count: z.number().int().nonnegative(),
  /** Minor units; null: it has no amount. */
  amount: z.number().int().nullable(),
  points: z.number().int().nullable(),
});
export type DigestFigure = z.infer<typeof digestFigureSchema>;

/** What of the audit list a figure counts, so that the list shows the same: a filter within the day. */
export const DIGEST_FILTERS = {
  redemptions: { kinds: ['redemption.captured'] },
  voids: { kinds: ['approval.approved'], q: 'void' },
  discounts: { kinds: ['approval.approved'], q: 'discount' },
  openings: { kinds: ['drawer.opened'] },
  unexplained: { kinds: ['drawer.unexplained_opening'] },
  offline: { kinds: ['offline.spent'] },
} as const satisfies Partial<Record<DigestFigureName, { kinds: readonly string[]; q?: string }>>;
export type DigestFilterName = keyof typeof DIGEST_FILTERS;

/** `day`: epoch day of the store's calendar; left out: yesterday. */
export const digestQuerySchema = z.strictObject({
  day: z.coerce.number().int().min(0).max(100_000).optional(),
});
export const digestSchema = z.object({
  day: z.number().int(),
  /** Epoch ms, `from` ≤ at < `to`. */
  from: z.number().int(),
  to: z.number().int(),
  currency: currencySchema,
  figures: z.record(z.enum(DIGEST_FIGURES), digestFigureSchema),
});
export type Digest = z.infer<typeof digestSchema>;
