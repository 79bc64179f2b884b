import { z } from 'zod';
import { chainNameSchema } from './audit/proofs.ts';
import { timelineEventSchema } from './audit/timeline.ts';
import { shownFindingSchema } from './findings-api.ts';
import { uuidSchema } from './ids.ts';

/**
 * Cases: what managers look into, with the findings and events that they collected, and all that was done. Every request carries
 * the till's key and the proof that a manager typed their PIN at that till (`MANAGER_HEADER`). Every step is an audit event.
 */
export const CASES_PATHS = {
  list: '/v1/cases',
  one: '/v1/cases/:id',
  entries: '/v1/cases/:id/entries',
  evidence: '/v1/cases/:id/evidence',
} as const;
export const CASES_PAGE = 50;
export const CASE_EVENTS_MAX = 1_000;

export const caseStatusSchema = z.enum(['open', 'watching', 'closed']);
export type CaseStatus = z.infer<typeof caseStatusSchema>;
/** What a closed one came to. `unfounded`: nobody did anything; `unclear`: it could not be found out. */
export const caseOutcomeSchema = z.enum(['fraud', 'mistake', 'unfounded', 'unclear']);
export type CaseOutcome = z.infer<typeof caseOutcomeSchema>;

const number = z.coerce.number().int().pipe(z.number().int().positive());
/** `after`: the `next` of the page before, a case's number. */
export const caseQuerySchema = z.strictObject({
  status: caseStatusSchema.optional(),
  after: number.optional(),
});
export const caseParamsSchema = z.object({ id: uuidSchema });

const staff = z.object({ id: uuidSchema, name: z.string() });
export const caseSummarySchema = z.object({
  id: uuidSchema,
  /** From 1, without gaps, in its store. */
  number: z.number().int().positive(),
  title: z.string(),
  status: caseStatusSchema,
  outcome: caseOutcomeSchema.nullable(),
  assignee: staff.nullable(),
  openedBy: z.string(),
  openedAt: z.number().int(),
  changedAt: z.number().int(),
});
export type CaseSummary = z.infer<typeof caseSummarySchema>;
export const casePageSchema = z.object({
  cases: z.array(caseSummarySchema).max(CASES_PAGE),
  next: z.number().int().positive().nullable(),
});
export type CasePage = z.infer<typeof casePageSchema>;

export const CASE_ENTRY_KINDS = [
  ...(['opened', 'noted', 'collected', 'assigned', 'titled', 'moved', 'exported'] as const),
] as const;
export const caseEntrySchema = z.object({
  id: uuidSchema,
  no: z.number().int().positive(),
  kind: z.enum(CASE_ENTRY_KINDS),
  at: z.number().int(),
  staffName: z.string(),
  /** A note, a title, or why it was closed. */
  text: z.string(),
  findings: z.number().int(),
  events: z.number().int(),
  status: caseStatusSchema.nullable(),
  outcome: caseOutcomeSchema.nullable(),
  assigneeName: z.string().nullable(),
});
export type CaseEntry = z.infer<typeof caseEntrySchema>;

/** With its place in a chain, so that it can be found in the evidence. */
export const caseEventSchema = timelineEventSchema.extend({
  chain: chainNameSchema,
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type CaseEvent = z.infer<typeof caseEventSchema>;

export const caseDetailSchema = z.object({
  case: caseSummarySchema,
  /** Oldest first. */
  entries: z.array(caseEntrySchema).max(2_000),
  findings: z.array(shownFindingSchema).max(200),
  /** Those collected and those of its findings, oldest first. */
  events: z.array(caseEventSchema).max(CASE_EVENTS_MAX),
  /** Whom it may be given to. */
  staff: z.array(staff).max(200),
});
export type CaseDetail = z.infer<typeof caseDetailSchema>;

const title = z.string().trim().min(1).max(120);
const text = z.string().trim().max(4_000);
const collected = {
  findingIds: z.array(z.number().int().positive()).max(50).default([]),
  eventIds: z.array(z.number().int().positive()).max(200).default([]),
};

/** POST: `id` comes from whoever opens it: the same again is the same case. */
export const caseOpenSchema = z.strictObject({ id: uuidSchema, title, ...collected });
export type CaseOpen = z.infer<typeof caseOpenSchema>;

/** POST: a step in a case. `id` as above. */
export const caseStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('noted'), id: uuidSchema, text: text.min(1) }),
  z.strictObject({ kind: z.literal('collected'), id: uuidSchema, ...collected }),
  z.strictObject({ kind: z.literal('assigned'), id: uuidSchema, assigneeId: uuidSchema.nullable() }),
  z.strictObject({ kind: z.literal('titled'), id: uuidSchema, title }),
  z.strictObject({
    ...{ kind: z.literal('moved'), id: uuidSchema, status: z.enum(['open', 'watching']) },
    text: text.default(''),
  }),
  z.strictObject({
    ...{ kind: z.literal('closed'), id: uuidSchema, outcome: caseOutcomeSchema, text: text.default('') },
  }),
]);
export type CaseStep = z.infer<typeof caseStepSchema>;
