/**
 * Passkeys (WebAuthn level 3) by @simplewebauthn/server. Discoverable, and always with the device's own check of the person: nobody
 * types a name. No attestation is asked for: which make of authenticator a manager has is none of our business.
 */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Random } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';

/** Where a page stands: its own origin, and the name that passkeys are bound to. */
export interface Site {
  readonly origin: string;
  readonly rpId: string;
}

/** `verifier` of a credential of this kind. */
export interface PasskeyVerifier {
  /** COSE key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly rpId: string;
}

const CHALLENGE_BYTES = 32;
/** EdDSA, ES256, RS256 (COSE, RFC 9053): what authenticators in people's hands have. */
const ALGORITHMS = [-8, -7, -257];
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'));

/** What the browser is to sign for a new passkey. @param known ids of passkeys that this account has */
export async function newPasskeyOptions(
  random: Pick<Random, 'bytes'>,
  site: Site,
  owner: { readonly accountId: string; readonly name: string; readonly known: readonly string[] },
) {
  return generateRegistrationOptions({
    rpName: 'Saksi',
    rpID: site.rpId,
    userID: Uint8Array.from(Buffer.from(owner.accountId)),
    userName: owner.name,
    userDisplayName: owner.name,
    challenge: Uint8Array.from(random.bytes(CHALLENGE_BYTES)),
    attestationType: 'none',
    excludeCredentials: owner.known.map((id) => ({ id })),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** @throws SaksiError web_passkey_refused */
export async function readNewPasskey(
  site: Site,
  challenge: string,
  answer: Readonly<Record<string, unknown>>,
): Promise<{ id: string; verifier: PasskeyVerifier }> {
  const checked = await verifyRegistrationResponse({
    response: answer as unknown as RegistrationResponseJSON,
    ...{ expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.rpId },
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(refused);
  if (!checked.verified) throw new SaksiError('web_passkey_refused');
  const { id, publicKey, counter } = checked.registrationInfo.credential;
  return { id, verifier: { publicKey: base64url(publicKey), counter, rpId: site.rpId } };
}

export async function passkeyOptions(random: Pick<Random, 'bytes'>, site: Site) {
  return generateAuthenticationOptions({
    rpID: site.rpId,
    challenge: Uint8Array.from(random.bytes(CHALLENGE_BYTES)),
    userVerification: 'required',
  });
}

/** @returns the counter to keep, a copied authenticator's goes backwards. @throws SaksiError web_passkey_refused */
export async function checkPasskey(
  site: Site,
  challenge: string,
  answer: Readonly<Record<string, unknown>>,
  { id, verifier }: { readonly id: string; readonly verifier: PasskeyVerifier },
): Promise<number> {
  const checked = await verifyAuthenticationResponse({
    response: answer as unknown as AuthenticationResponseJSON,
    ...{ expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.rpId },
    credential: { id, publicKey: bytesOf(verifier.publicKey), counter: verifier.counter },
    requireUserVerification: true,
  }).catch(refused);
  if (!checked.verified) throw new SaksiError('web_passkey_refused');
  return checked.authenticationInfo.newCounter;
}

/** Whatever the library dislikes in an answer, down to its shape, is a refusal; its sentence is for the log. */
function refused(cause: unknown): never {
  throw new SaksiError('web_passkey_refused', { cause });
}
