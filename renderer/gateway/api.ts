/** What the gateway's pages ask of the gateway about the account and about who is signed in. */
import {
  SETUP_PATHS,
  type SetupState,
  setupStateSchema,
  type WebSessionView,
  webSessionSchema,
} from '../../shared/setup-api.ts';
import { type Answer, createCall } from './call.ts';

/** What changes something, by the name of its path. */
export type Change = Exclude<
  keyof typeof SETUP_PATHS,
  'pages' | 'signupPage' | 'customersPage' | 'session' | 'signIn' | 'signOut' | 'state'
>;

export interface SessionApi {
  session(): Promise<Answer<WebSessionView>>;
  /** @param token of a link that an operator's command made */
  signIn(token: string): Promise<Answer<WebSessionView>>;
  signOut(): Promise<void>;
}

export interface SetupApi extends SessionApi {
  state(): Promise<Answer<SetupState>>;
  /** @returns how everything stands after it */
  change(what: Change, body: object): Promise<Answer<SetupState>>;
}

export function createSetupApi(send: typeof fetch): SetupApi {
  const call = createCall(send);
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
