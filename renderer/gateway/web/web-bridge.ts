/** What a manager's screens ask of the till's bridge, answered by the gateway itself: the same screens run in both places. */
import { createParser } from 'eventsource-parser';
import type { z } from 'zod';
import { ALERTS_PATHS, alertListSchema, alertsWaitingSchema, digestSchema } from '../../../shared/alerts.ts';
import { auditChartsSchema } from '../../../shared/audit/charts.ts';
import {
  AUDIT_PATHS,
  AUDIT_TAIL_EVENT,
  auditAboutSchema,
  auditPageSchema,
  auditViewsSchema,
  type TimelineEvent,
  timelineEventSchema,
} from '../../../shared/audit/timeline.ts';
import type { BridgeInput, BridgeMethod, BridgeResult, SaksiBridge } from '../../../shared/bridge.ts';
import { CASES_PATHS, caseDetailSchema, casePageSchema } from '../../../shared/cases.ts';
import type { Clock } from '../../../shared/effects.ts';
import { SaksiError, type WireError, wireErrorSchema } from '../../../shared/errors.ts';
import { FINDINGS_PATHS, findingDetailSchema, findingPageSchema } from '../../../shared/findings-api.ts';
import { webStorePath } from '../../../shared/web-api.ts';

/** As the till does it: no longer than an answer may take, so that whoever left is noticed. */
const TAIL_MS = 25_000;
/** What came with the first new event is taken along. */
const TOGETHER_MS = 50;

/** What the bridge can be asked here. */
export type WebMethod = Extract<
  BridgeMethod,
  | 'audit.about'
  | 'audit.list'
  | 'audit.tail'
  | 'audit.charts'
  | 'audit.views'
  | 'audit.saveView'
  | 'audit.removeView'
  | 'findings.list'
  | 'findings.get'
  | 'findings.say'
  | 'alerts.waiting'
  | 'alerts.list'
  | 'alerts.acknowledge'
  | 'digest.get'
  | 'cases.list'
  | 'cases.get'
  | 'cases.open'
  | 'cases.step'
  | 'cases.export'
>;
type Calls = { [M in WebMethod]: (input: BridgeInput<M>) => Promise<BridgeResult<M>> };

export interface WebBridgeOptions {
  readonly send: typeof fetch;
  readonly clock: Clock;
  readonly storeId: string;
  /** The session is over: whoever is at the screen signs in again. */
  readonly onEnded: (error: WireError) => void;
}

interface Ask<T> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As a till asks it. */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: object;
  readonly answer: z.ZodType<T>;
}

export function createWebBridge({ send, clock, storeId, onEnded }: WebBridgeOptions): SaksiBridge {
  const refusedBy = (error: WireError) => {
    if (error.code === 'web_session_ended') onEnded(error);
    return { ok: false as const, error };
  };

  /** @returns the answer of the gateway, or why there is none */
  async function fetchIt(
    { method = 'GET', path, query = {}, body }: Omit<Ask<unknown>, 'answer'>,
    more: RequestInit = {},
  ): Promise<{ ok: true; value: Response } | { ok: false; error: WireError }> {
    let answered: Response;
    try {
      answered = await send(`${webStorePath(storeId, path)}${queryOf(query)}`, {
        ...{ method, credentials: 'same-origin', cache: 'no-store', ...more },
        // What changes something is JSON from our own page, also where it says nothing.
        ...(method === 'GET'
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }),
      });
    } catch {
      return { ok: false, error: new SaksiError('gateway_unreachable').toWire() };
    }
    if (answered.ok) return { ok: true, value: answered };
    const refusal = wireErrorSchema.safeParse(await answered.json().catch(() => null)).data;
    return refusedBy(refusal?.error ?? new SaksiError('gateway_bad_answer').toWire());
  }

  async function ask<T>(wish: Ask<T>): Promise<{ ok: true; value: T } | { ok: false; error: WireError }> {
    const answered = await fetchIt(wish);
    if (!answered.ok) return answered;
    const parsed = wish.answer.safeParse(await answered.value.json().catch(() => null));
    if (parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, error: new SaksiError('gateway_bad_answer').toWire() };
  }

  async function tail({ filter, after }: BridgeInput<'audit.tail'>): Promise<BridgeResult<'audit.tail'>> {
    const stop = new AbortController();
    const headers = after === null ? {} : { 'last-event-id': String(after) };
    const answered = await fetchIt(
      { path: AUDIT_PATHS.tail, query: filter },
      { headers, signal: stop.signal },
    );
    if (!answered.ok) return answered;
    const events = await newsIn(answered.value, stop);
    return { ok: true, value: { events, after: events.at(-1)?.id ?? after } };
  }

  /** The first new events; none, when none came within the time. */
  async function newsIn({ body }: Response, stop: AbortController): Promise<TimelineEvent[]> {
    const events: TimelineEvent[] = [];
    let cancel = clock.schedule(TAIL_MS, () => stop.abort());
    const parser = createParser({
      onEvent({ event, data }) {
        const read = event === AUDIT_TAIL_EVENT ? timelineEventSchema.safeParse(JSON.parse(data)) : null;
        if (!read?.success) return;
        if (events.length === 0) {
          cancel();
          cancel = clock.schedule(TOGETHER_MS, () => stop.abort());
        }
        events.push(read.data);
      },
    });
    const text = new TextDecoder();
    try {
      if (body !== null) {
        for await (const chunk of body as unknown as AsyncIterable<Uint8Array>)
          parser.feed(text.decode(chunk, { stream: true }));
      }
    } catch {
      // Ended by us, or the line broke: what came is good, and is asked on from.
    } finally {
      cancel();
    }
    return events;
  }

  const views = (wish: Omit<Ask<unknown>, 'answer'>) => ask({ ...wish, answer: auditViewsSchema });
  const calls: Calls = {
    'audit.about': () => ask({ path: AUDIT_PATHS.about, answer: auditAboutSchema }),
    'audit.list': ({ filter, after }) =>
      ask({ path: AUDIT_PATHS.events, query: { ...filter, after }, answer: auditPageSchema }),
    'audit.tail': tail,
    'audit.charts': (span) => ask({ path: AUDIT_PATHS.charts, query: span, answer: auditChartsSchema }),
    'audit.views': () => views({ path: AUDIT_PATHS.views }),
    'audit.saveView': (view) => views({ method: 'PUT', path: AUDIT_PATHS.views, body: view }),
    'audit.removeView': ({ id }) => views({ method: 'DELETE', path: of(AUDIT_PATHS.view, id) }),
    'findings.list': ({ filter, after }) =>
      ask({ path: FINDINGS_PATHS.list, query: { ...filter, after }, answer: findingPageSchema }),
    'findings.get': ({ id }) => ask({ path: of(FINDINGS_PATHS.one, id), answer: findingDetailSchema }),
    'findings.say': ({ id, said }) =>
      ask({
        ...{ method: 'POST', path: of(FINDINGS_PATHS.words, id), body: said },
        answer: findingDetailSchema,
      }),
    'alerts.waiting': () => ask({ path: ALERTS_PATHS.waiting, answer: alertsWaitingSchema }),
    'alerts.list': () => ask({ path: ALERTS_PATHS.list, answer: alertListSchema }),
    'alerts.acknowledge': (seen) =>
      ask({ method: 'POST', path: ALERTS_PATHS.acknowledge, body: seen, answer: alertListSchema }),
    'digest.get': ({ day }) => ask({ path: ALERTS_PATHS.digest, query: { day }, answer: digestSchema }),
    'cases.list': (query) => ask({ path: CASES_PATHS.list, query, answer: casePageSchema }),
    'cases.get': ({ id }) => ask({ path: of(CASES_PATHS.one, id), answer: caseDetailSchema }),
    'cases.open': (wish) =>
      ask({ method: 'POST', path: CASES_PATHS.list, body: wish, answer: caseDetailSchema }),
    'cases.step': ({ id, step }) =>
      ask({ method: 'POST', path: of(CASES_PATHS.entries, id), body: step, answer: caseDetailSchema }),
    async 'cases.export'({ id }) {
      const answered = await fetchIt({ path: of(CASES_PATHS.evidence, id) });
      if (!answered.ok) return answered;
      try {
        return { ok: true, value: { evidence: await answered.value.text(), pdf: null } };
      } catch {
        // It broke off: half of the evidence is none.
        return { ok: false, error: new SaksiError('gateway_unreachable').toWire() };
      }
    },
  };

  return {
    async invoke<M extends BridgeMethod>(method: M, input: BridgeInput<M>): Promise<BridgeResult<M>> {
      if (!(method in calls)) throw new Error(`${method} is asked at a till only`);
      const call = calls[method as WebMethod] as unknown as (of: BridgeInput<M>) => Promise<BridgeResult<M>>;
      return call(input);
    },
    // There is no till to view.
    subscribe: () => () => {},
  };
}

const of = (path: string, id: string | number) => path.replace(':id', encodeURIComponent(String(id)));

/** Lists have commas; what is null or absent is left out. */
function queryOf(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined
      ? []
      : [[name, Array.isArray(value) ? value.join(',') : String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs as [string, string][])}`;
}
