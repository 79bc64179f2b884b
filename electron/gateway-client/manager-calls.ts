import { z } from 'zod';
import { ALERTS_PATHS, alertListSchema, alertsWaitingSchema, digestSchema } from '../../shared/alerts.ts';
import { MANAGER_HEADER } from '../../shared/audit/timeline.ts';
import {
  CASES_PATHS,
  type CaseOpen,
  type CaseStep,
  caseDetailSchema,
  casePageSchema,
  type caseQuerySchema,
} from '../../shared/cases.ts';
import {
  FINDINGS_PATHS,
  type FindingFilter,
  type FindingSaid,
  findingDetailSchema,
  findingPageSchema,
} from '../../shared/findings-api.ts';
import { type CallContext, type CallSpec, call } from './call.ts';
import { type Limits, PATIENT, pathOf, textOf, UNHURRIED } from './limits.ts';

/** A busy store's month of events, ten times over. */
const EVIDENCE_BYTES_MAX = 64 * 1024 * 1024;
const EVIDENCE_TIMEOUT_MS = 60_000;

/** Calls that want the token of `auditAccess`. */
export function createManagerCalls(context: CallContext) {
  const ask = <T extends z.ZodType>(
    token: string,
    spec: Omit<CallSpec<T>, 'timeoutMs' | 'retries' | 'headers'> & Partial<Limits>,
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

    /** With the till's key alone. */
    alertsWaiting: () =>
      call(context, { method: 'GET', path: ALERTS_PATHS.waiting, answer: alertsWaitingSchema, ...PATIENT }),

    alerts: (token: string) =>
      ask(token, { method: 'GET', path: ALERTS_PATHS.list, answer: alertListSchema }),

    acknowledgeAlerts: (token: string, ids: readonly number[]) =>
      ask(token, {
        method: 'POST',
        path: ALERTS_PATHS.acknowledge,
        answer: alertListSchema,
        body: { ids },
      }),

    digest: (token: string, day: number | null) =>
      ask(token, {
        method: 'GET',
        path: ALERTS_PATHS.digest,
        answer: digestSchema,
        query: textOf({ day: day ?? undefined }),
      }),

    cases: (token: string, query: z.output<typeof caseQuerySchema>) =>
      ask(token, { method: 'GET', path: CASES_PATHS.list, answer: casePageSchema, query: textOf(query) }),

    case: (token: string, id: string) =>
      ask(token, { method: 'GET', path: pathOf(CASES_PATHS.one, id), answer: caseDetailSchema }),

    /** The same id again is the same case. */
    openCase: (token: string, body: CaseOpen) =>
      ask(token, { method: 'POST', path: CASES_PATHS.list, answer: caseDetailSchema, body }),

    stepInCase: (token: string, id: string, body: CaseStep) =>
      ask(token, {
        method: 'POST',
        path: pathOf(CASES_PATHS.entries, id),
        answer: caseDetailSchema,
        body,
      }),

    /** The lines of an evidence file. Never asked for twice by itself: each is a step in the case. */
    caseEvidence: (token: string, id: string) =>
      ask(token, {
        method: 'GET',
        path: pathOf(CASES_PATHS.evidence, id),
        answer: z.string().min(1),
        text: { bytesMax: EVIDENCE_BYTES_MAX },
        ...{ ...UNHURRIED, timeoutMs: EVIDENCE_TIMEOUT_MS },
      }),
  };
}
