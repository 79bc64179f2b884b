/** What the gateway's pages ask of the gateway that served them. The session is a cookie that no script can read. */
import type { z } from 'zod';
import { SaksiError, type WireError, wireErrorSchema } from '../../shared/errors.ts';
import {
  SETUP_PATHS,
  type SetupState,
  setupStateSchema,
  type WebSessionView,
  webSessionSchema,
} from '../../shared/setup-api.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError };

/** What changes something, by the name of its path. */
export type Change = Exclude<
  keyof typeof SETUP_PATHS,
  'pages' | 'signupPage' | 'session' | 'signIn' | 'signOut' | 'state'
>;

export interface SetupApi {
  session(): Promise<Answer<WebSessionView>>;
  /** @param token of a link that an operator's command made */
  signIn(token: string): Promise<Answer<WebSessionView>>;
  signOut(): Promise<void>;
  state(): Promise<Answer<SetupState>>;
  /** @returns how everything stands after it */
  change(what: Change, body: object): Promise<Answer<SetupState>>;
}

export function createSetupApi(send: typeof fetch): SetupApi {
  async function call<T>(schema: z.ZodType<T>, path: string, body?: object): Promise<Answer<T>> {
    const init: RequestInit =
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    let json: unknown;
    let answered: Response;
    try {
      answered = await send(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
      json = await answered.json();
    } catch {
      return { ok: false, error: new SaksiError('gateway_unreachable').toWire() };
    }
    const refusal = answered.ok ? undefined : wireErrorSchema.safeParse(json).data;
    if (refusal !== undefined) return { ok: false, error: refusal.error };
    const parsed = schema.safeParse(json);
    if (answered.ok && parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, error: new SaksiError('gateway_bad_answer').toWire() };
  }

  return {
    session: () => call(webSessionSchema, SETUP_PATHS.session),
    signIn: (token) => call(webSessionSchema, SETUP_PATHS.signIn, { token }),
    async signOut() {
      await call(setupStateSchema, SETUP_PATHS.signOut, {});
    },
    state: () => call(setupStateSchema, SETUP_PATHS.state),
    change: (what, body) => call(setupStateSchema, SETUP_PATHS[what], body),
  };
}
