/** What a provider reports by webhook: whether it is to be believed, and what it says. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DeliveryReport } from '../channel.ts';
import { at, type SmsForm, type Variables } from './form.ts';

export interface ReportRequest {
  /** As the provider was given it, with the query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body's fields, or the query's of a GET. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Whether the provider signed it; true of a form without signatures, where the URL's own token is all there is. */
export function isSigned(form: SmsForm, values: Variables, request: ReportRequest): boolean {
  const rule = form.report?.signature;
  if (rule === undefined) return true;
  const given = request.headers[rule.header];
  const key = values[rule.key];
  if (typeof given !== 'string' || key === undefined) return false;
  const fields = Object.entries(request.fields).filter(([, value]) => typeof value === 'string');
  const signed = fields.sort(([one], [other]) => (one < other ? -1 : 1)).flat();
  const wanted = createHmac('sha1', key)
    .update([request.url, ...signed].join(''))
    .digest();
  const offered = Buffer.from(given, 'base64');
  return offered.length === wanted.length && timingSafeEqual(offered, wanted);
}

/** @returns null for a state that the form does not name: nothing is made of it */
export function readReport(
  form: SmsForm,
  fields: ReportRequest['fields'],
  messageId: string,
): DeliveryReport | null {
  const { report } = form;
  if (report === undefined) return null;
  const said = at(fields, report.state);
  const state = said === null ? undefined : report.states[said];
  if (state === undefined) return null;
  const code = at(fields, report.code);
  const reason =
    state !== 'failed' ? null : ((code === null ? undefined : report.reasons[code]) ?? 'not_reachable');
  return { messageId, state, reason };
}
