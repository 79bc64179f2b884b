/**
 * The Graph API for setting an account up and watching it: the number, its registration, webhook subscriptions, tokens and
 * templates. Each call is proved to be the app's own by `appsecret_proof`, where the app's secret is known. Neither retries
 * nor logs.
 *
 * Source: Meta, "WhatsApp Business Account > Phone number", "Subscribed apps", "Registration", "Debug token", "Embedded
 * Signup", "Securing Graph API requests"; docs/whatsapp.md says what of it was confirmed.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance } from 'axios';
import { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import { proofOf } from './app-secret-proof.ts';
import { graphBase, isLoopback, refusalOf, toNetworkError } from './client.ts';
import { WhatsAppNetworkError } from './errors.ts';

/** A page of a hundred templates with all their words stays well below it. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const PAGE_SIZE = 100;
/** Meta allows an account 6,000 names at the most; a list that goes on for longer goes round in a circle. */
const PAGES_MAX = 200;

export interface PhoneInfo {
  readonly displayPhoneNumber: string | null;
  readonly verifiedName: string | null;
  readonly nameStatus: string | null;
  readonly codeVerificationStatus: string | null;
  /** GREEN, YELLOW, RED or UNKNOWN. */
  readonly qualityRating: string | null;
  /** As Meta writes it: `TIER_250` … `TIER_UNLIMITED`. Counted for the whole business portfolio. */
  readonly messagingLimit: string | null;
  /** `CLOUD_API`, `ON_PREMISE` or `NOT_APPLICABLE`. */
  readonly platformType: string | null;
}

export interface TokenInfo {
  readonly valid: boolean;
  readonly appId: string | null;
  readonly type: string | null;
  /** Epoch ms; null: it does not end. */
  readonly expiresAt: number | null;
  readonly scopes: readonly string[];
}

export interface ListedTemplate {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly status: string;
  readonly category: string;
  readonly quality: string | null;
  readonly rejectedReason: string | null;
  /** The text of its body; null where there is none. */
  readonly bodyText: string | null;
  readonly buttonCount: number;
}

/** Each call throws WhatsAppError when Meta refused it, WhatsAppNetworkError when there was no usable answer. */
export interface GraphAdmin {
  phoneNumber(phoneNumberId: string): Promise<PhoneInfo>;
  /** Makes the number usable with the Cloud API. @param pin 6 digits: set when there was none, else the one that was set */
  register(phoneNumberId: string, pin: string): Promise<void>;
  deregister(phoneNumberId: string): Promise<void>;
  /** The numbers of an account. */
  phoneNumbers(wabaId: string): Promise<{ id: string; displayPhoneNumber: string | null }[]>;
  /** SANDBOX: a test number of Meta's; LIVE: one of the business's own; null: Meta does not say. */
  accountMode(phoneNumberId: string): Promise<string | null>;
  /** Apps that get the account's webhooks. */
  subscribedApps(wabaId: string): Promise<{ id: string; name: string }[]>;
  subscribe(wabaId: string): Promise<void>;
  unsubscribe(wabaId: string): Promise<void>;
  /**
   * Where the app's webhooks go, for all accounts that it is subscribed to. Meta asks that address with a challenge before it
   * answers. Needs the app's id and secret.
   */
  setCallback(
    appId: string,
    callback: { url: string; verifyToken: string; fields: readonly string[] },
  ): Promise<void>;
  /** About our own token. Needs the app's id and secret. */
  debugToken(appId: string): Promise<TokenInfo>;
  /** A code that Embedded Signup gave to the browser, for the business's own token. */
  exchangeCode(appId: string, code: string): Promise<{ accessToken: string }>;
  listTemplates(wabaId: string): Promise<ListedTemplate[]>;
  /** @param definition the JSON as Meta takes it */
  createTemplate(
    wabaId: string,
    definition: object,
  ): Promise<{ id: string; status: string; category: string }>;
  /** A solution partner's credit line pays for the account from now on; the token is the partner's. */
  shareCreditLine(creditLineId: string, wabaId: string, currency: string): Promise<void>;
  close(): void;
}

export interface GraphAdminOptions {
  readonly graphUrl: string;
  readonly version: string;
  readonly accessToken: string;
  readonly appSecret?: string;
  /** For each call, to the last byte. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'schedule'>;
  readonly http?: AxiosInstance;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Left out: the account's. Null: the call is about secrets that it carries itself. */
  readonly token?: string | null;
}

/** @throws TypeError for a URL, version or token that cannot be right */
export function createGraphAdmin(options: GraphAdminOptions): GraphAdmin {
  const { accessToken, appSecret, timeoutMs, clock, version } = options;
  const base = graphBase(options);
  if (accessToken.length === 0) throw new TypeError('WhatsApp access token is empty');
  const httpAgent = new HttpAgent({ keepAlive: true });
  const httpsAgent = new HttpsAgent({ keepAlive: true });
  const http = options.http ?? axios.create();

  async function call<T>(schema: z.ZodType<T>, wanted: Call): Promise<T> {
    const body = wanted.method === 'POST' ? (wanted.body ?? {}) : undefined;
    const token = wanted.token === undefined ? accessToken : wanted.token;
    const deadline = new AbortController();
    const met = clock.schedule(timeoutMs, () => deadline.abort());
    const answer = await http
      .request<unknown>({
        method: wanted.method,
        url: `${base.origin}${base.path}/${version}/${wanted.path}`,
        params: { ...wanted.query, ...proofOf(token, appSecret) },
        ...(body === undefined ? {} : { data: body }),
        headers: {
          ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        signal: deadline.signal,
        httpAgent,
        httpsAgent,
        maxRedirects: 0,
        maxContentLength: ANSWER_BYTES_MAX,
        validateStatus: () => true,
        ...(isLoopback(base.hostname) ? { proxy: false as const } : {}),
      })
      .catch((error: unknown) => {
        // The axios error holds tokens and secrets in its `config`: nothing of it may travel on.
        throw toNetworkError(error, deadline.signal.aborted);
      })
      .finally(met);
    if (answer.status < 200 || answer.status >= 300) throw refusalOf(answer);
    const parsed = schema.safeParse(answer.data);
    if (parsed.success) return parsed.data;
    throw new WhatsAppNetworkError({ fault: 'bad_answer', outcome: 'unknown', httpStatus: answer.status });
  }

  async function listTemplates(wabaId: string): Promise<ListedTemplate[]> {
    const templates: ListedTemplate[] = [];
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query = { fields: TEMPLATE_FIELDS, limit: String(PAGE_SIZE), ...(after && { after }) };
      const path = `${id(wabaId)}/message_templates`;
      const { data, paging } = await call(templatePage, { method: 'GET', path, query });
      templates.push(...data);
      after = paging?.next === undefined ? undefined : paging.cursors?.after;
      if (after === undefined) return templates;
    }
    throw new WhatsAppNetworkError({ fault: 'bad_answer', outcome: 'unknown' });
  }

  const succeeded = async (wanted: Call): Promise<void> => void (await call(success, wanted));

  return {
    phoneNumber: (phoneNumberId) =>
      call(phoneInfo, { method: 'GET', path: id(phoneNumberId), query: { fields: PHONE_FIELDS } }),
    register(phoneNumberId, pin) {
      if (!/^\d{6}$/.test(pin)) throw new RangeError('the PIN has 6 digits');
      const body = { messaging_product: 'whatsapp', pin };
      return succeeded({ method: 'POST', path: `${id(phoneNumberId)}/register`, body });
    },
    deregister: (phoneNumberId) => succeeded({ method: 'POST', path: `${id(phoneNumberId)}/deregister` }),
    phoneNumbers: (wabaId) =>
      call(phoneNumberList, {
        ...{ method: 'GET', path: `${id(wabaId)}/phone_numbers` },
        query: { fields: 'id,display_phone_number', limit: String(PAGE_SIZE) },
      }).then(({ data }) => data),
    accountMode: (phoneNumberId) =>
      call(accountMode, { method: 'GET', path: id(phoneNumberId), query: { fields: 'account_mode' } }),
    subscribedApps: (wabaId) =>
      call(subscribed, { method: 'GET', path: `${id(wabaId)}/subscribed_apps` }).then(({ data }) => data),
    subscribe: (wabaId) => succeeded({ method: 'POST', path: `${id(wabaId)}/subscribed_apps` }),
    unsubscribe: (wabaId) => succeeded({ method: 'DELETE', path: `${id(wabaId)}/subscribed_apps` }),
    setCallback(appId, { url, verifyToken, fields }) {
      const body = {
        ...{ object: 'whatsapp_business_account', callback_url: url, verify_token: verifyToken },
        fields: fields.join(','),
      };
      const token = `${id(appId)}|${needed(appSecret)}`;
      return succeeded({ method: 'POST', path: `${id(appId)}/subscriptions`, body, token });
    },
    shareCreditLine(creditLineId, wabaId, currency) {
      const path = `${id(creditLineId)}/whatsapp_credit_sharing_and_attach`;
      const query = { waba_id: id(wabaId), waba_currency: currency };
      return call(shared, { method: 'POST', path, query }).then(() => undefined);
    },
    debugToken(appId) {
      const token = `${id(appId)}|${needed(appSecret)}`;
      const query = { input_token: accessToken };
      return call(tokenInfo, { method: 'GET', path: 'debug_token', query, token });
    },
    exchangeCode(appId, code) {
      const query = { client_id: id(appId), client_secret: needed(appSecret), code };
      return call(exchanged, { method: 'GET', path: 'oauth/access_token', query, token: null });
    },
    listTemplates,
    createTemplate: (wabaId, body) =>
      call(created, { method: 'POST', path: `${id(wabaId)}/message_templates`, body }),
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** @throws TypeError for what would leave the path */
function id(text: string): string {
  if (!/^\d{1,32}$/.test(text)) throw new TypeError('an id of the Graph API has digits only');
  return text;
}

function needed(appSecret: string | undefined): string {
  if (appSecret === undefined) throw new TypeError("the app's secret is needed");
  return appSecret;
}

const text = z.string().max(2000).nullish().catch(undefined);
const success = z.object({ success: z.literal(true) });

const PHONE_FIELDS =
  'display_phone_number,verified_name,name_status,code_verification_status,quality_rating,whatsapp_business_manager_messaging_limit,platform_type';
const phoneInfo = z
  .object({
    display_phone_number: text,
    verified_name: text,
    name_status: text,
    code_verification_status: text,
    quality_rating: text,
    whatsapp_business_manager_messaging_limit: text,
    platform_type: text,
  })
  .transform(
    (it): PhoneInfo => ({
      displayPhoneNumber: it.display_phone_number ?? null,
      verifiedName: it.verified_name ?? null,
      nameStatus: it.name_status ?? null,
      codeVerificationStatus: it.code_verification_status ?? null,
      qualityRating: it.quality_rating ?? null,
      messagingLimit: it.whatsapp_business_manager_messaging_limit ?? null,
      platformType: it.platform_type ?? null,
    }),
  );

const phoneNumberList = z.object({
  data: z.array(
    z
      .object({ id: z.string(), display_phone_number: text })
      .transform((it) => ({ id: it.id, displayPhoneNumber: it.display_phone_number ?? null })),
  ),
});

const accountMode = z.object({ account_mode: text }).transform((it) => it.account_mode ?? null);

const shared = z.object({ allocation_config_id: z.string() });

const subscribed = z.object({
  data: z.array(
    z
      .object({ whatsapp_business_api_data: z.object({ id: z.string(), name: z.string().default('') }) })
      .transform(({ whatsapp_business_api_data: { id: appId, name } }) => ({ id: appId, name })),
  ),
});

const tokenInfo = z
  .object({
    data: z.object({
      is_valid: z.boolean(),
      app_id: text,
      type: text,
      expires_at: z.int().nonnegative().nullish().catch(undefined),
      scopes: z.array(z.string()).default([]),
    }),
  })
  .transform(({ data }): TokenInfo => {
    // 0: it does not end.
    const expiresAt = data.expires_at ? data.expires_at * 1000 : null;
    const { is_valid: valid, app_id: appId, type, scopes } = data;
    return { valid, appId: appId ?? null, type: type ?? null, expiresAt, scopes };
  });

const exchanged = z
  .object({ access_token: z.string().min(1) })
  .transform(({ access_token: accessToken }) => ({ accessToken }));

const created = z.object({ id: z.string(), status: z.string(), category: z.string() });

const TEMPLATE_FIELDS = 'id,name,language,status,category,quality_score,rejected_reason,components';
const listed = z
  .object({
    id: z.string(),
    name: z.string(),
    language: z.string(),
    status: z.string(),
    category: z.string(),
    quality_score: z.object({ score: z.string() }).nullish().catch(undefined),
    rejected_reason: text,
    components: z
      .array(
        z.object({ type: z.string(), text: z.string().optional(), buttons: z.array(z.unknown()).optional() }),
      )
      .optional()
      .catch(undefined),
  })
  .transform(
    (it): ListedTemplate => ({
      ...{ id: it.id, name: it.name, language: it.language, status: it.status, category: it.category },
      quality: it.quality_score?.score ?? null,
      rejectedReason: it.rejected_reason ?? null,
      bodyText: it.components?.find(({ type }) => type.toUpperCase() === 'BODY')?.text ?? null,
      buttonCount: it.components?.find(({ type }) => type.toUpperCase() === 'BUTTONS')?.buttons?.length ?? 0,
    }),
  );
const templatePage = z.object({
  data: z.array(listed),
  paging: z
    .object({ next: z.string().optional(), cursors: z.object({ after: z.string().optional() }).optional() })
    .optional(),
});
