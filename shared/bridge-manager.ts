import { z } from 'zod';
import {
  findingDetailSchema,
  findingFilterSchema,
  findingPageSchema,
  findingRefSchema,
  findingSaidSchema,
} from './findings-api.ts';

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
} as const;
