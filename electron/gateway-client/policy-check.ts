import { SaksiError } from '../../shared/errors.ts';
import type { GatewayKey } from '../../shared/grants.ts';
import { POLICY_TYP, type Policy, signedPolicySchema } from '../../shared/policy.ts';
import { createWordReader, SignedWordError, wordKind } from './signed-words.ts';

const POLICY_CHARS_MAX = 200_000;
const KIND = wordKind(POLICY_TYP, signedPolicySchema, POLICY_CHARS_MAX);

/** What a policy must be measured against: the till's own store, and the newest version it ever took. */
export interface PolicyExpectation {
  storeId: string;
  versionMin: number;
}
export type PolicyChecker = (jws: string, expected: PolicyExpectation) => Policy;

/**
 * Checks a store's signed policy against the key pinned at pairing. The checker throws `policy_untrusted` with the part
 * that is wrong: shape, header, kid, signature, claims, issuer, store or version.
 */
export function createPolicyChecker(pinned: { gatewayKey: GatewayKey; gatewayId: string }): PolicyChecker {
  const readWord = createWordReader(pinned.gatewayKey);
  return (jws, { storeId, versionMin }) => {
    const signed = read(() => readWord(jws, KIND));
    if (signed.iss !== pinned.gatewayId) throw untrusted('issuer');
    if (signed.storeId !== storeId) throw untrusted('store');
    if (signed.policy.version < versionMin) throw untrusted('version');
    return signed.policy;
  };
}

function read<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SignedWordError)) throw error;
    throw untrusted(error.part, error);
  }
}

export function untrusted(part: string, cause?: unknown): SaksiError {
  return new SaksiError('policy_untrusted', { params: { part }, cause });
}
