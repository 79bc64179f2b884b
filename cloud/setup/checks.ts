/** What is asked of Meta, and of our own address, to know that a step of the set-up is done. */
import type { AxiosInstance } from 'axios';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { GATEWAY_PATHS } from '../../shared/gateway-api.ts';
import type { SetupStep } from '../../shared/setup-api.ts';
import { toSaksiError } from '../templates/service.ts';
import { createGraphAdmin, type GraphAdmin } from '../whatsapp/graph-admin.ts';
import type { Settings } from './settings.ts';

/** For one call, to the last byte. */
const TIMEOUT_MS = 10_000;
const CHALLENGE_BYTES = 16;
const ECHO_BYTES_MAX = 1024;
/** What the token must be allowed. */
export const SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'] as const;

/** What a check found out; kept beside its outcome. */
export type Facts = Record<string, unknown>;
export type CheckedStep = Exclude<SetupStep, 'templates' | 'message'>;

export interface CheckOptions {
  readonly effects: Effects;
  readonly graphUrl: string;
  readonly graphVersion: string;
  /** For the Graph API, and for our own address. */
  readonly http: AxiosInstance;
  readonly graphHttp?: AxiosInstance;
  /** Whether `http:` addresses are refused: nothing but a simulator takes them. */
  readonly needsHttps: boolean;
}

export interface Checks {
  /** Null: what the step needs is not there yet. @throws SaksiError why it is not done */
  run(step: CheckedStep, settings: Settings): Promise<Facts | null>;
  /** Calls the Graph API by this token. @throws SaksiError whatsapp_refused {code}, whatsapp_unreachable, whatsapp_not_set_up */
  graph<T>(settings: Settings, use: (graph: GraphAdmin) => Promise<T>): Promise<T>;
  /** The same by the app's own token. */
  asApp<T>(settings: Settings, use: (graph: GraphAdmin, appId: string) => Promise<T>): Promise<T>;
}

export function createChecks(options: CheckOptions): Checks {
  const { effects, http } = options;

  async function graph<T>(settings: Settings, use: (graph: GraphAdmin) => Promise<T>): Promise<T> {
    const { appSecret } = settings;
    const admin = createGraphAdmin({
      ...{ graphUrl: options.graphUrl, version: options.graphVersion, timeoutMs: TIMEOUT_MS },
      ...{ clock: effects.clock, accessToken: needed(settings, 'accessToken') },
      ...(appSecret === undefined ? {} : { appSecret }),
      ...(options.graphHttp === undefined ? {} : { http: options.graphHttp }),
    });
    try {
      return await use(admin);
    } catch (error) {
      throw toSaksiError(error);
    } finally {
      admin.close();
    }
  }

  function asApp<T>(settings: Settings, use: (graph: GraphAdmin, appId: string) => Promise<T>): Promise<T> {
    const appId = needed(settings, 'appId');
    const accessToken = `${appId}|${needed(settings, 'appSecret')}`;
    return graph({ ...settings, accessToken }, (admin) => use(admin, appId));
  }

  async function token(settings: Settings): Promise<Facts | null> {
    const { accessToken, appId, appSecret } = settings;
    if (accessToken === undefined || appId === undefined || appSecret === undefined) return null;
    const info = await graph(settings, (admin) => admin.debugToken(appId)).catch((error: unknown) => {
      // The token's own validity is in the answer: what is refused here is the app that asks.
      throw isRefusal(error) ? new SaksiError('setup_app_wrong', { cause: error }) : error;
    });
    if (!info.valid) throw new SaksiError('setup_token_invalid');
    if (info.appId !== null && info.appId !== appId) throw new SaksiError('setup_token_other_app');
    const missing = SCOPES.filter((scope) => !info.scopes.includes(scope));
    if (missing.length > 0) {
      throw new SaksiError('setup_token_scopes', { params: { missing: missing.join(', ') } });
    }
    return { expiresAt: info.expiresAt, scopes: info.scopes };
  }

  async function app(settings: Settings): Promise<Facts | null> {
    const { appId, appSecret, verifyToken } = settings;
    if (appId === undefined || appSecret === undefined || verifyToken === undefined) return null;
    await asApp(settings, (admin, id) => admin.debugToken(id)).catch((error: unknown) => {
      throw isRefusal(error) ? new SaksiError('setup_app_wrong', { cause: error }) : error;
    });
    return {};
  }

  /** We ask our own address as Meta will: names, certificates, proxies and the verify token are all on that way. */
  async function webhook({ publicUrl, verifyToken }: Settings): Promise<Facts | null> {
    if (publicUrl === undefined || verifyToken === undefined) return null;
    if (options.needsHttps && !publicUrl.startsWith('https:')) throw new SaksiError('setup_webhook_https');
    const challenge = Buffer.from(effects.random.bytes(CHALLENGE_BYTES)).toString('hex');
    const params = { 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken, 'hub.challenge': challenge };
    const deadline = new AbortController();
    const met = effects.clock.schedule(TIMEOUT_MS, () => deadline.abort());
    const answer = await http
      .get<unknown>(webhookUrl(publicUrl), {
        ...{ params, signal: deadline.signal, maxRedirects: 0, maxContentLength: ECHO_BYTES_MAX },
        ...{ responseType: 'text', transformResponse: (body: unknown) => body, validateStatus: () => true },
      })
      .catch((error: unknown) => {
        // The address holds the verify token, and the error the address: only its name travels on.
        const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
        throw new SaksiError('setup_webhook_unreachable', { params: { reason } });
      })
      .finally(met);
    if (answer.status !== 200 || answer.data !== challenge) {
      throw new SaksiError('setup_webhook_differs', { params: { status: answer.status } });
    }
    return {};
  }

  const withToken =
    (fields: readonly (keyof Settings)[], use: (graph: GraphAdmin, settings: Settings) => Promise<Facts>) =>
    async (settings: Settings): Promise<Facts | null> => {
      if ([...fields, 'accessToken' as const].some((field) => settings[field] === undefined)) return null;
      return graph(settings, (admin) => use(admin, settings));
    };

  const runs: Record<CheckedStep, (settings: Settings) => Promise<Facts | null>> = {
    account: withToken(['wabaId'], async (admin, settings) => {
      const numbers = await admin.phoneNumbers(needed(settings, 'wabaId'));
      return { numbers: numbers.length };
    }),
    number: withToken(['wabaId', 'phoneNumberId'], async (admin, settings) => {
      const numbers = await admin.phoneNumbers(needed(settings, 'wabaId'));
      const found = numbers.some(({ id }) => id === settings.phoneNumberId);
      if (!found) throw new SaksiError('setup_number_foreign');
      return {};
    }),
    token,
    app,
    webhook,
    subscription: withToken(['wabaId', 'appId'], async (admin, settings) => {
      const apps = await admin.subscribedApps(needed(settings, 'wabaId'));
      if (!apps.some(({ id }) => id === settings.appId)) throw new SaksiError('setup_not_subscribed');
      return {};
    }),
    registration: withToken(['phoneNumberId'], async (admin, settings) => {
      const { platformType } = await admin.phoneNumber(needed(settings, 'phoneNumberId'));
      if (platformType !== 'CLOUD_API') throw new SaksiError('setup_not_registered');
      return {};
    }),
    status: withToken(['phoneNumberId'], async (admin, settings) => {
      const phoneNumberId = needed(settings, 'phoneNumberId');
      const info = await admin.phoneNumber(phoneNumberId);
      // Asked apart: should Meta not know the field, nothing else is lost by it.
      const mode = await admin.accountMode(phoneNumberId).catch(() => null);
      const isTest = mode === null ? null : mode.toUpperCase() === 'SANDBOX';
      const { codeVerificationStatus: _, ...rest } = info;
      return { ...rest, isTest };
    }),
  };

  return { run: (step, settings) => runs[step](settings), graph, asApp };
}

/** Where Meta's webhooks come in. */
export function webhookUrl(publicUrl: string): string {
  return `${publicUrl}${GATEWAY_PATHS.whatsappWebhook}`;
}

/** @throws SaksiError whatsapp_not_set_up {at} */
export function needed(settings: Settings, at: keyof Settings): string {
  const value = settings[at];
  if (value === undefined) throw new SaksiError('whatsapp_not_set_up', { params: { at } });
  return value;
}

function isRefusal(error: unknown): boolean {
  return error instanceof SaksiError && error.code === 'whatsapp_refused';
}
