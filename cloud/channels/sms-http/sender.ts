/** SMS over a provider's HTTP interface, whatever its form. */
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import type { Clock } from '../../../shared/effects.ts';
import { isLoopback, toNetworkError } from '../../whatsapp/client.ts';
import { accepted, type Channel, type OutgoingText, refused, type SendOutcome } from '../channel.ts';
import { toSeptets } from '../gsm/alphabet.ts';
import { at, fill, fillDeep, type SmsForm, type Variables } from './form.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 65_536;
/** Providers refuse shorter ones. */
const VALID_SECONDS_MIN = 60;

export interface HttpSmsOptions {
  readonly form: SmsForm;
  /** The store's: keys, sender. */
  readonly values: Variables;
  /** Where a provider reports about a text; null: nowhere. */
  readonly callbackOf: ((messageId: string) => string) | null;
  readonly clock: Pick<Clock, 'schedule'>;
  readonly http?: AxiosInstance;
}

/** @throws TypeError for a form that names values it is not given, or a URL that is neither https nor on loopback */
export function createHttpSms(options: HttpSmsOptions): Channel {
  const { form, clock } = options;
  const http = options.http ?? axios.create();
  const probe = { messageId: 'probe', to: '+10000000000', subject: '', text: 'probe', validSeconds: 60 };
  requestOf(probe, options);

  async function send(message: OutgoingText): Promise<SendOutcome> {
    const deadline = new AbortController();
    const met = clock.schedule(TIMEOUT_MS, () => deadline.abort());
    try {
      const { status, data } = await http.request<unknown>({
        ...requestOf(message, options),
        signal: deadline.signal,
        maxRedirects: 0,
        maxContentLength: ANSWER_BYTES_MAX,
        validateStatus: () => true,
      });
      return outcomeOf(form.answer, status, data);
    } catch (error) {
      // The axios error holds the keys and the text in its `config`: nothing of it may travel on.
      const { fault } = toNetworkError(error, deadline.signal.aborted);
      return refused('channel_down', fault, true);
    } finally {
      met();
    }
  }

  return {
    kind: 'sms',
    reports: form.report !== undefined && options.callbackOf !== null,
    send,
    close: async () => {},
  };
}

function requestOf(message: OutgoingText, { form, values, callbackOf }: HttpSmsOptions): AxiosRequestConfig {
  const variables = { ...values, ...variablesOf(message, callbackOf) };
  const { method, headers, basicAuth, form: fields, json } = form.request;
  // Within the address a value may not begin another path or query.
  const url = new URL(fill(form.request.url, mapValues(variables, encodeURIComponent)));
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new TypeError('an SMS provider is reached by https, or by http on loopback');
  }
  const filled = fields === undefined ? undefined : new URLSearchParams(nonEmpty(fields, variables));
  const auth = basicAuth && {
    username: fill(basicAuth.user, variables),
    password: fill(basicAuth.password, variables),
  };
  return {
    ...{ method, url: url.href, headers: mapValues(headers, (value) => fill(value, variables)) },
    ...(auth === undefined ? {} : { auth }),
    ...(filled === undefined ? {} : method === 'GET' ? { params: filled } : { data: filled }),
    ...(json === undefined ? {} : { data: fillDeep(json, variables) }),
    ...(isLoopback(url.hostname) ? { proxy: false as const } : {}),
  };
}

/** The names that templates may use beside the store's values. */
function variablesOf(message: OutgoingText, callbackOf: HttpSmsOptions['callbackOf']): Variables {
  const { messageId, to, text } = message;
  const validSeconds = Math.max(VALID_SECONDS_MIN, Math.floor(message.validSeconds));
  return {
    ...{ messageId, to, text, toDigits: to.replace('+', '') },
    textType: toSeptets(text) === null ? 'unicode' : 'text',
    validSeconds: String(validSeconds),
    validMs: String(validSeconds * 1000),
    callback: callbackOf?.(messageId) ?? '',
  };
}

function nonEmpty(fields: Readonly<Record<string, string>>, variables: Variables): [string, string][] {
  return Object.entries(fields)
    .map(([name, value]) => [name, fill(value, variables)] as [string, string])
    .filter(([, value]) => value !== '');
}

function mapValues(record: Readonly<Record<string, string>>, change: (value: string) => string) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function outcomeOf(answer: SmsForm['answer'], status: number, data: unknown): SendOutcome {
  const ok = status >= 200 && status < 300;
  const isSuccess = answer.success.every(({ path, equals }) => {
    const found = at(data, path);
    return equals === undefined ? found !== null : found === equals;
  });
  if (ok && isSuccess) return accepted(at(data, answer.providerId));
  const code = at(data, answer.code);
  const rule = code === null ? undefined : answer.refusals[code];
  const label = code === null ? `http ${status}` : `http ${status}, code ${code.slice(0, 16)}`;
  if (rule !== undefined) return refused(rule.reason, label, rule.retry);
  if (status === 429) return refused('wait_moment', label, true);
  if (status >= 500) return refused('channel_down', label, true);
  return refused('channel_refused', label);
}
