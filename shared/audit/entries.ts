import { z } from 'zod';

/**
 * How a till's entries come to the gateway. POST /v1/audit-entries, idempotent by what it says: entries that the gateway has are
 * compared and passed over, and the answer is where it stands, from where the till goes on. A body may be gzip
 * (`content-encoding: gzip`). Refused with `audit_head_forked` where an entry is another than the one that the gateway has, or
 * than a head that it countersigned.
 */
export const AUDIT_ENTRIES_PATH = '/v1/audit-entries';
export const AUDIT_ENTRIES_MAX = 500;
/** A body of an entry is small; longer ones are refused. */
export const ENTRY_BODY_MAX = 16_384;

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
const placeSchema = z.strictObject({ seq: z.number().int().nonnegative(), hash: sha256Hex });

/** `body`: canonical JSON as it lies on the till's disk. The hash before is the one of the entry before. */
export const sentEntrySchema = z.strictObject({
  at: z.number().int().nonnegative(),
  kind: z.string().regex(/^[a-z_]{1,40}\.[a-z_]{1,40}$/),
  body: z.string().min(2).max(ENTRY_BODY_MAX),
  hash: sha256Hex,
});
export type SentEntry = z.infer<typeof sentEntrySchema>;

/** Entries that follow each other after `after`; none: the till only asks where the gateway stands. */
export const sentEntriesSchema = z.strictObject({
  after: placeSchema,
  entries: z.array(sentEntrySchema).max(AUDIT_ENTRIES_MAX),
});
export type SentEntries = z.infer<typeof sentEntriesSchema>;

/** The newest entry of this till's chain that the gateway has; seq 0: none. */
export const entriesAnswerSchema = z.object({ newest: placeSchema });
export type EntriesAnswer = z.infer<typeof entriesAnswerSchema>;
