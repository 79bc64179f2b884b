import { z } from 'zod';
import { uuidSchema } from './ids.ts';
import { signalPolicySchema } from './signal-policy.ts';

/** Whom a finding points to. `phone` is the keyed tag of a number, never the number. */
export const findingPersonSchema = z.object({
  kind: z.enum(['cashier', 'approver', 'customer', 'phone', 'till']),
  id: z.string().min(1).max(100),
});
export type FindingPerson = z.infer<typeof findingPersonSchema>;

export const severitySchema = z.enum(['low', 'medium', 'high']);
export type Severity = z.infer<typeof severitySchema>;

/** The figures that explain a finding. Rates are per `exposure` unit (a sale, an hour, a code, …: docs/signals.md). */
export const findingFiguresSchema = z.object({
  /** Occurrences (weighted where the signal weighs them). */
  count: z.number(),
  /** What peers of the same hours, outlet and till would have had. */
  expected: z.number(),
  /** How often it could have happened. */
  exposure: z.number(),
  /** count / exposure. */
  value: z.number(),
  /** Of the peers' values. */
  median: z.number(),
  mad: z.number(),
  /** Robust z-score. */
  z: z.number(),
});

export const findingSchema = z.object({
  signal: signalPolicySchema.keyof(),
  storeId: uuidSchema,
  person: findingPersonSchema,
  /** Where most of it happened. */
  tillId: uuidSchema.nullable(),
  /** The window, in the store's own days: epoch days, `to` not included. */
  window: z.object({ from: z.number().int(), to: z.number().int() }),
  severity: severitySchema,
  /** 0 to 100: how sure, to sort by. */
  score: z.number().int().min(0).max(100),
  figures: findingFiguresSchema,
  /** Events behind it, oldest first; the newest where there are more than can be shown. */
  eventIds: z.array(z.number().int().positive()).max(200),
});
export type Finding = z.infer<typeof findingSchema>;

/** What a person made of a finding. `case`: it is looked into in a case; `open`: they took it back. */
export const acknowledgementStateSchema = z.enum(['seen', 'innocent', 'fraud', 'case', 'open']);
export type AcknowledgementState = z.infer<typeof acknowledgementStateSchema>;

/** A finding as it is kept, at its newest revision. */
export const keptFindingSchema = findingSchema.extend({
  id: z.number().int().positive(),
  revision: z.number().int().positive(),
  /** Epoch ms: of this revision. */
  foundAt: z.number().int(),
  /** The newest word on it; null: nobody has looked yet, or it has become more severe since. */
  acknowledged: z
    .object({
      state: acknowledgementStateSchema,
      staffId: uuidSchema,
      note: z.string().max(1000),
      at: z.number().int(),
    })
    .nullable(),
});
export type KeptFinding = z.infer<typeof keptFindingSchema>;
