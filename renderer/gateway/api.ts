/** What the gateway's pages ask of the gateway about the account and about who is signed in. */
import {
  accountIdSchema,
  DEFAULT_ACCOUNT,
  newAccountAnswerSchema,
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
  'pages' | 'signupPage' | 'customersPage' | 'session' | 'signIn' | 'signOut' | 'state' | 'accounts'
>;

export interface SessionApi {
  session(): Promise<Answer<WebSessionView>>;
  /** @param token of a link that an operator's command made */
  signIn(token: string): Promise<Answer<WebSessionView>>;
  signOut(): Promise<void>;
}

export interface SetupApi extends SessionApi {
  /** @param account which one it is about */
  state(account: string): Promise<Answer<SetupState>>;
  /** @returns how everything stands after it */
  change(account: string, what: Change, body: object): Promise<Answer<SetupState>>;
  /** @returns its id */
  addAccount(name: string): Promise<Answer<{ account: string }>>;
}

export function createSetupApi(send: typeof fetch): SetupApi {
  const call = createCall(send);
  return {
    session: () => call(webSessionSchema, SETUP_PATHS.session),
    signIn: (token) => call(webSessionSchema, SETUP_PATHS.signIn, { token }),
    async signOut() {
      await call(setupStateSchema, SETUP_PATHS.signOut, {});
    },
    state: (account) => call(setupStateSchema, withAccount(SETUP_PATHS.state, account)),
    change: (account, what, body) => call(setupStateSchema, withAccount(SETUP_PATHS[what], account), body),
    addAccount: (name) => call(newAccountAnswerSchema, SETUP_PATHS.accounts, { name }),
  };
}

/** The address of a page or a question that is about this account. */
export function withAccount(path: string, account: string): string {
  return account === DEFAULT_ACCOUNT ? path : `${path}?account=${account}`;
}

/** Which account a page's address is about. */
export function accountIn(search: string): string {
  return accountIdSchema.safeParse(new URLSearchParams(search).get('account')).data ?? DEFAULT_ACCOUNT;
}
