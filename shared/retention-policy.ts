import { z } from 'zod';

const days = z.number().int().min(30).max(3_650);

/** How long what names a person is kept where nothing needs it any more. The books themselves are kept. */
export const retentionPolicySchema = z.object({
  /** Messages: their words, and whom they went to; that there was one, its state and its cost stay. */
  messageDays: days,
  /** Numbers and accounts of those who left, or that were replaced by others. */
  identityDays: days,
});
export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;

/** Two years of messages answer most disputes; a number that is nobody's any more is of no use after one. */
export const DEFAULT_RETENTION: RetentionPolicy = { messageDays: 730, identityDays: 365 };
