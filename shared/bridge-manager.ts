import { z } from 'zod';
import { alertListSchema, alertsSeenSchema, alertsWaitingSchema, digestSchema } from './alerts.ts';
import {
  caseDetailSchema,
  caseOpenSchema,
  casePageSchema,
  caseStatusSchema,
  caseStepSchema,
} from './cases.ts';
import {
  findingDetailSchema,
  findingFilterSchema,
  findingPageSchema,
  findingRefSchema,
  findingSaidSchema,
} from './findings-api.ts';
import { uuidSchema } from './ids.ts';

const none = z.strictObject({});
const byCase = z.strictObject({ id: uuidSchema });

/**
 * What a manager does on the screen after `audit.unlock`. Each call throws `role_not_allowed`, `manager_proof_missing` until the
 * PIN was typed, and while the line is down `gateway_unreachable`.
 */
export const MANAGER_BRIDGE = {
  /** `after`: the `next` of the page before; null: the newest. */
  'findings.list': {
    input: z.strictObject({ filter: findingFilterSchema, after: z.number().int().positive().nullable() }),
    output: findingPageSchema,
  },
  'findings.get': { input: findingRefSchema, output: findingDetailSchema },
  'findings.say': {
    input: findingRefSchema.extend({ said: findingSaidSchema }),
    output: findingDetailSchema,
  },
  /** How many alerts wait, with no names; asked without the PIN. */
  'alerts.waiting': { input: none, output: alertsWaitingSchema },
  'alerts.list': { input: none, output: alertListSchema },
  'alerts.acknowledge': { input: alertsSeenSchema, output: alertListSchema },
  /** `day`: epoch day of the store's calendar; null: yesterday. */
  'digest.get': {
    input: z.strictObject({ day: z.number().int().min(0).max(100_000).nullable() }),
    output: digestSchema,
  },
  'cases.list': {
    input: z.strictObject({
      status: caseStatusSchema.optional(),
      after: z.number().int().positive().optional(),
    }),
    output: casePageSchema,
  },
  'cases.get': { input: byCase, output: caseDetailSchema },
  /** `id`: a fresh one, kept for another try. */
  'cases.open': { input: caseOpenSchema, output: caseDetailSchema },
  'cases.step': { input: byCase.extend({ step: caseStepSchema }), output: caseDetailSchema },
  /** The evidence for `npm run verify`, and the same on paper as a PDF in base64; null: it is made at a till only. */
  'cases.export': {
    input: byCase,
    output: z.strictObject({
      evidence: z.string().max(70_000_000),
      pdf: z.base64().max(40_000_000).nullable(),
    }),
  },
} as const;
