import type { z } from 'zod';
import { auditChartsSchema, type ChartsWish } from '../../shared/audit/charts.ts';
import {
  AUDIT_PATHS,
  AUDIT_TAIL_EVENT,
  type AuditFilter,
  auditAboutSchema,
  auditAccessAnswerSchema,
  auditPageSchema,
  auditViewsSchema,
  type auditViewWishSchema,
  MANAGER_HEADER,
  type TimelineEvent,
  timelineEventSchema,
} from '../../shared/audit/timeline.ts';
import { SaksiError } from '../../shared/errors.ts';
import { type CallContext, type CallSpec, call } from './call.ts';
import { followStream } from './event-stream.ts';
import { PATIENT, textOf } from './limits.ts';

/** A year is read for it. */
const CHARTS_TIMEOUT_MS = 20_000;

/** The audit list; all but `auditAccess` with its token. */
export function auditCalls(context: CallContext) {
  const ask = <T extends z.ZodType>(
    token: string,
    spec: Pick<CallSpec<T>, 'method' | 'path' | 'answer' | 'body' | 'query'> & { timeoutMs?: number },
  ) => call(context, { ...PATIENT, ...spec, headers: { [MANAGER_HEADER]: token } });

  return {
    auditAccess: (staffId: string, pin: string) =>
      call(context, {
        ...{ method: 'POST', path: AUDIT_PATHS.access, answer: auditAccessAnswerSchema, ...PATIENT },
        body: { staffId, pin },
      }),

    auditAbout: (token: string) =>
      ask(token, { method: 'GET', path: AUDIT_PATHS.about, answer: auditAboutSchema }),

    auditPage: (token: string, filter: AuditFilter, after: string | null) =>
      ask(token, {
        ...{ method: 'GET', path: AUDIT_PATHS.events, answer: auditPageSchema },
        query: textOf({ ...filter, after: after ?? undefined }),
      }),

    auditCharts: (token: string, span: ChartsWish) =>
      ask(token, {
        ...{ method: 'GET', path: AUDIT_PATHS.charts, answer: auditChartsSchema },
        ...{ query: textOf(span), timeoutMs: CHARTS_TIMEOUT_MS },
      }),

    auditViews: (token: string) =>
      ask(token, { method: 'GET', path: AUDIT_PATHS.views, answer: auditViewsSchema }),

    saveAuditView: (token: string, body: z.input<typeof auditViewWishSchema>) =>
      ask(token, { method: 'PUT', path: AUDIT_PATHS.views, answer: auditViewsSchema, body }),

    removeAuditView: (token: string, id: string) =>
      ask(token, {
        ...{ method: 'DELETE', answer: auditViewsSchema },
        path: AUDIT_PATHS.view.replace(':id', encodeURIComponent(id)),
      }),

    /** What is new, as it comes, until `signal` aborts or the line breaks; rejects as `followStream` does. */
    auditTail: (
      token: string,
      filter: AuditFilter,
      after: number | null,
      take: (event: TimelineEvent) => void,
      signal: AbortSignal,
    ): Promise<never> =>
      followStream(
        context,
        {
          ...{ path: AUDIT_PATHS.tail, query: textOf(filter), headers: { [MANAGER_HEADER]: token } },
          lastEventId: after === null ? null : String(after),
        },
        {
          message(event, _id, data) {
            if (event !== AUDIT_TAIL_EVENT) return;
            const read = timelineEventSchema.safeParse(parsed(data));
            if (!read.success) throw new SaksiError('gateway_bad_answer', { params: { reason: 'event' } });
            take(read.data);
          },
        },
        signal,
      ),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
