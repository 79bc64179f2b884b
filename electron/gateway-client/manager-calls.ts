import type { z } from 'zod';
import { MANAGER_HEADER } from '../../shared/audit/timeline.ts';
import {
  FINDINGS_PATHS,
  type FindingFilter,
  type FindingSaid,
  findingDetailSchema,
  findingPageSchema,
} from '../../shared/findings-api.ts';
import { type CallContext, type CallSpec, call } from './call.ts';
import { PATIENT, pathOf, textOf } from './limits.ts';

/** Calls that want the token of `auditAccess`. */
export function createManagerCalls(context: CallContext) {
  const ask = <T extends z.ZodType>(
    token: string,
    spec: Omit<CallSpec<T>, 'timeoutMs' | 'retries' | 'headers'>,
  ) => call(context, { ...PATIENT, ...spec, headers: { [MANAGER_HEADER]: token } });

  return {
    findings: (token: string, filter: FindingFilter, after: number | null) =>
      ask(token, {
        method: 'GET',
        path: FINDINGS_PATHS.list,
        answer: findingPageSchema,
        query: textOf({ ...filter, after: after ?? undefined }),
      }),

    finding: (token: string, id: number) =>
      ask(token, { method: 'GET', path: pathOf(FINDINGS_PATHS.one, id), answer: findingDetailSchema }),

    sayOfFinding: (token: string, id: number, said: FindingSaid) =>
      ask(token, {
        method: 'POST',
        path: pathOf(FINDINGS_PATHS.words, id),
        answer: findingDetailSchema,
        body: said,
      }),
  };
}
