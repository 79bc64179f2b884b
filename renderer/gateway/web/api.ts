/** What the managers' page asks of the gateway about who is signed in, and with what. */
import {
  type NewPasskey,
  type PasskeyAnswer,
  type PasskeyOptions,
  passkeyOptionsSchema,
  WEB_PATHS,
  type WebAccount,
  type WebChallenge,
  type WebDesk,
  type WebPasswordSet,
  webAccountSchema,
  webChallengeSchema,
  webDeskSchema,
} from '../../../shared/web-api.ts';
import { createSetupApi, type SessionApi } from '../api.ts';
import { type Answer, createCall } from '../call.ts';

export interface WebApi {
  /** By the link of an operator. */
  readonly signInByLink: SessionApi['signIn'];
  readonly signOut: SessionApi['signOut'];
  desk(): Promise<Answer<WebDesk>>;
  password(given: { readonly name: string; readonly password: string }): Promise<Answer<WebChallenge>>;
  passkeyOptions(): Promise<Answer<PasskeyOptions>>;
  passkey(answer: PasskeyAnswer): Promise<Answer<WebChallenge>>;
  look(ticket: string): Promise<Answer<WebChallenge>>;
  resend(ticket: string): Promise<Answer<WebChallenge>>;
  code(given: { readonly ticket: string; readonly code: string }): Promise<Answer<WebDesk>>;
  account(): Promise<Answer<WebAccount>>;
  setPassword(wish: WebPasswordSet): Promise<Answer<WebAccount>>;
  newPasskeyOptions(): Promise<Answer<PasskeyOptions>>;
  newPasskey(wish: NewPasskey): Promise<Answer<WebAccount>>;
  removeCredential(id: string): Promise<Answer<WebAccount>>;
  endSession(id: string): Promise<Answer<WebAccount>>;
  endOthers(): Promise<Answer<WebAccount>>;
}

export function createWebApi(send: typeof fetch): WebApi {
  const call = createCall(send);
  const { signIn: signInByLink, signOut } = createSetupApi(send);
  return {
    ...{ signInByLink, signOut },
    desk: () => call(webDeskSchema, WEB_PATHS.desk),
    password: (given) => call(webChallengeSchema, WEB_PATHS.password, given),
    passkeyOptions: () => call(passkeyOptionsSchema, WEB_PATHS.passkeyOptions, {}),
    passkey: (answer) => call(webChallengeSchema, WEB_PATHS.passkey, answer),
    look: (ticket) => call(webChallengeSchema, WEB_PATHS.look, { ticket }),
    resend: (ticket) => call(webChallengeSchema, WEB_PATHS.resend, { ticket }),
    code: (given) => call(webDeskSchema, WEB_PATHS.code, given),
    account: () => call(webAccountSchema, WEB_PATHS.account),
    setPassword: (wish) => call(webAccountSchema, WEB_PATHS.setPassword, wish),
    newPasskeyOptions: () => call(passkeyOptionsSchema, WEB_PATHS.newPasskeyOptions, {}),
    newPasskey: (wish) => call(webAccountSchema, WEB_PATHS.newPasskey, wish),
    removeCredential: (id) => call(webAccountSchema, WEB_PATHS.removeCredential, { id }),
    endSession: (id) => call(webAccountSchema, WEB_PATHS.endSession, { id }),
    endOthers: () => call(webAccountSchema, WEB_PATHS.endOthers, {}),
  };
}
