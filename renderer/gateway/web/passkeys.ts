/** The browser's passkeys (WebAuthn level 3) by @simplewebauthn/browser, which the gateway's side is made for. */
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';

type Json = Record<string, unknown>;

/** Null: the person changed their mind, or the browser has none for this page. */
export interface Passkeys {
  create(options: Json): Promise<Json | null>;
  get(options: Json): Promise<Json | null>;
}

/** An IP number: a passkey is bound to a name. */
const IS_NUMBER = /^(\d+\.){3}\d+$|^\[/;

/** @returns null where the page has none: an old browser, no TLS, or an address without a name */
export function createPasskeys({ hostname }: Pick<Location, 'hostname'>): Passkeys | null {
  if (!browserSupportsWebAuthn() || IS_NUMBER.test(hostname)) return null;
  return {
    create: (options) =>
      orNull(
        startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }),
      ),
    get: (options) =>
      orNull(
        startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }),
      ),
  };
}

async function orNull(answer: Promise<object>): Promise<Json | null> {
  try {
    return { ...(await answer) };
  } catch {
    // One name for all that can go wrong, so that no page learns who has a passkey (section 14.5.1).
    return null;
  }
}
