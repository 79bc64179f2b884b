import { z } from 'zod';
import { severitySchema } from './findings.ts';

const minuteOfDay = z.number().int().min(0).max(1439);

/** What managers hear of findings, and of each day. Minutes are those of the day in the store's time zone. */
export const alertPolicySchema = z.object({
  /** Findings of this severity or more are told, over WhatsApp and on the screen. */
  from: z.enum(['off', ...severitySchema.options]),
  /** Nothing is sent from the one until the other; what was held back goes as one message afterwards. The same: never quiet. */
  quiet: z.object({ from: minuteOfDay, to: minuteOfDay }),
  /** Minutes between two messages; what comes in between is one. */
  groupMinutes: z.number().int().min(0).max(1440),
  /** Yesterday's figures, each day at that minute. */
  digest: z.object({ on: z.boolean(), minute: minuteOfDay }),
});
export type AlertPolicy = z.infer<typeof alertPolicySchema>;

export const DEFAULT_ALERTS: AlertPolicy = {
  from: 'high',
  quiet: { from: 1320, to: 420 },
  groupMinutes: 60,
  digest: { on: false, minute: 480 },
};

/** Whether nothing is sent at that minute of the day. */
export function isQuiet({ quiet: { from, to } }: AlertPolicy, minute: number): boolean {
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}
