import { z } from 'zod';
import { timelineEventSchema } from './audit/timeline.ts';
import {
  acknowledgementStateSchema,
  findingPersonSchema,
  keptFindingSchema,
  severitySchema,
} from './findings.ts';
import { uuidSchema } from './ids.ts';
import { signalPolicySchema } from './signal-policy.ts';

/**
 * Findings as managers read them. Every request carries the till's key and the proof that a manager typed their PIN at that
 * till (`MANAGER_HEADER`), as for the audit list.
 */
export const FINDINGS_PATHS = {
  list: '/v1/findings',
  one: '/v1/findings/:id',
  words: '/v1/findings/:id/words',
} as const;
export const FINDINGS_PAGE = 50;

/** `new`: nobody has looked, somebody took their word back, or it is more severe than when they looked. */
export const findingStateSchema = z.enum(['new', 'seen', 'dismissed', 'in_case']);
export type FindingState = z.infer<typeof findingStateSchema>;

const epochMs = z.number().int().nonnegative();
const score = z.number().int().min(0).max(100);

/** What is left out does not narrow the list. `from` ≤ found < `to`; `severity`: this or more. */
export const findingFilterSchema = z.strictObject({
  signal: signalPolicySchema.keyof().optional(),
  personId: findingPersonSchema.shape.id.optional(),
  severity: severitySchema.optional(),
  scoreFrom: score.optional(),
  from: epochMs.optional(),
  to: epochMs.optional(),
  state: findingStateSchema.optional(),
});
export type FindingFilter = z.infer<typeof findingFilterSchema>;

const number = z.coerce.number().int();
const findingId = number.pipe(z.number().int().positive());
/** As in a URL. `after`: the `next` of the page before. */
export const findingQuerySchema = findingFilterSchema.extend({
  scoreFrom: number.pipe(score).optional(),
  from: number.pipe(epochMs).optional(),
  to: number.pipe(epochMs).optional(),
  after: findingId.optional(),
});
export const findingParamsSchema = z.object({ id: findingId });

export const shownFindingSchema = keptFindingSchema.extend({
  state: findingStateSchema,
  /** Null: a phone, or nobody of this store. */
  personName: z.string().nullable(),
  tillName: z.string().nullable(),
});
export type ShownFinding = z.infer<typeof shownFindingSchema>;

/** How many findings are new and how many there are, by signal and by person, whatever the list is narrowed to. */
const counts = { fresh: z.number().int(), all: z.number().int() };
export const findingSummarySchema = z.object({
  signals: z.array(z.object({ signal: signalPolicySchema.keyof(), ...counts })),
  people: z.array(z.object({ person: findingPersonSchema, name: z.string().nullable(), ...counts })).max(200),
});
export type FindingSummary = z.infer<typeof findingSummarySchema>;

export const findingPageSchema = z.object({
  findings: z.array(shownFindingSchema).max(FINDINGS_PAGE),
  next: z.number().int().positive().nullable(),
  /** With the first page only. */
  summary: findingSummarySchema.nullable(),
});
export type FindingPage = z.infer<typeof findingPageSchema>;

/** Who said what of a finding and when, oldest first. */
export const findingWordSchema = z.object({
  at: z.number().int(),
  state: acknowledgementStateSchema,
  staffName: z.string(),
  note: z.string(),
});
export const findingDetailSchema = z.object({
  finding: shownFindingSchema,
  /** Those behind it that are still in the list of this store, oldest first. */
  events: z.array(timelineEventSchema).max(200),
  words: z.array(findingWordSchema).max(500),
});
export type FindingDetail = z.infer<typeof findingDetailSchema>;

export const FINDING_REASON_MIN = 3;
const note = z.string().trim().max(1000);
/** POST: what a manager makes of it. Only a dismissal needs a reason. A case is another way (`cases.ts`). */
export const findingSaidSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('seen'), note: note.default('') }),
  z.strictObject({ state: z.literal('innocent'), note: note.min(FINDING_REASON_MIN) }),
  z.strictObject({ state: z.literal('open'), note: note.default('') }),
]);
export type FindingSaid = z.infer<typeof findingSaidSchema>;

/** For the bridge: a finding of the signed-in manager's store. */
export const findingRefSchema = z.strictObject({ id: z.number().int().positive() });
export const staffRefSchema = z.object({ id: uuidSchema, name: z.string() });
