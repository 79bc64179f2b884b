/**
 * Meta's dialogue for Embedded Signup, by Meta's JavaScript SDK. Two answers come by two ways: the code by the SDK's callback, and
 * which account and number were chosen by a message of Meta's window. Not run against Meta yet; the rules stand in
 * docs/whatsapp.md.
 */
import { z } from 'zod';

export interface SignupSdk {
  readonly url: string;
  /** Of the Graph API, `v25.0`. */
  readonly version: string;
  readonly appId: string;
  readonly configId: string;
}

export type SignupOutcome =
  | {
      readonly outcome: 'finished';
      readonly code: string;
      readonly wabaId: string;
      readonly phoneNumberId: string;
    }
  | { readonly outcome: 'cancelled' };

/** @returns a function that opens the dialogue; it must be called in a tap, or the browser blocks the window */
export type OpenSignup = (sdk: SignupSdk) => Promise<() => Promise<SignupOutcome>>;

interface FacebookSdk {
  init(options: { appId: string; version: string; autoLogAppEvents: boolean; xfbml: boolean }): void;
  login(callback: (response: unknown) => void, options: object): void;
}

declare global {
  interface Window {
    FB?: FacebookSdk;
  }
}

const loginAnswer = z.object({ authResponse: z.object({ code: z.string().min(1) }).nullish() });
const graphId = z.string().regex(/^\d{1,32}$/);
const finished = z.object({
  type: z.literal('WA_EMBEDDED_SIGNUP'),
  event: z.literal('FINISH'),
  data: z.object({ phone_number_id: graphId, waba_id: graphId }),
});

/** Loads the SDK; resolves when the dialogue can be opened. Rejects when the SDK does not come. */
export async function openEmbeddedSignup(
  page: Window,
  { url, version, appId, configId }: SignupSdk,
): Promise<() => Promise<SignupOutcome>> {
  const facebook = page.FB ?? (await loadSdk(page, url));
  facebook.init({ appId, version, autoLogAppEvents: false, xfbml: false });

  return () =>
    new Promise((resolve) => {
      let chosen: z.infer<typeof finished>['data'] | null = null;
      const onMessage = ({ origin, data }: MessageEvent) => {
        if (isOfMeta(origin, url)) chosen = readChoice(data) ?? chosen;
      };
      page.addEventListener('message', onMessage);
      const options = {
        config_id: configId,
        response_type: 'code',
        override_default_response_type: true,
        extras: { setup: {}, featureType: '', sessionInfoVersion: '3' },
      };
      facebook.login((response) => {
        page.removeEventListener('message', onMessage);
        const code = loginAnswer.safeParse(response).data?.authResponse?.code;
        resolve(
          code === undefined || chosen === null
            ? { outcome: 'cancelled' }
            : {
                ...{ outcome: 'finished', code },
                ...{ wabaId: chosen.waba_id, phoneNumberId: chosen.phone_number_id },
              },
        );
      }, options);
    });
}

function loadSdk(page: Window, url: string): Promise<FacebookSdk> {
  return new Promise((resolve, reject) => {
    const script = page.document.createElement('script');
    script.src = url;
    script.crossOrigin = 'anonymous';
    script.onload = () => {
      if (page.FB === undefined) reject(new Error('the SDK did not start'));
      else resolve(page.FB);
    };
    script.onerror = () => reject(new Error('the SDK did not load'));
    page.document.head.append(script);
  });
}

/** A page of Meta's over TLS, or the place that the SDK itself came from. */
export function isOfMeta(origin: string, sdkUrl: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  const isFacebook =
    protocol === 'https:' && (hostname === 'facebook.com' || hostname.endsWith('.facebook.com'));
  return isFacebook || origin === new URL(sdkUrl).origin;
}

/** Null: something else that the window says, or no JSON. */
export function readChoice(data: unknown): z.infer<typeof finished>['data'] | null {
  if (typeof data !== 'string') return null;
  try {
    return finished.safeParse(JSON.parse(data)).data?.data ?? null;
  } catch {
    return null;
  }
}
