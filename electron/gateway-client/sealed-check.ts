import { SaksiError } from '../../shared/errors.ts';
import type { GatewayKey } from '../../shared/grants.ts';
import { SEALED_TYP, type SealedBundle, sealedBundleSchema } from '../../shared/offline.ts';
import { createWordReader, SignedWordError, wordKind } from './signed-words.ts';

const BUNDLE_CHARS_MAX = 400_000;
const KIND = wordKind(SEALED_TYP, sealedBundleSchema, BUNDLE_CHARS_MAX);

/** What a bundle must be measured against: the till's own store, and the newest serial that it ever took. */
export interface SealedExpectation {
  storeId: string;
  serialMin: number;
}
export type SealedChecker = (jws: string, expected: SealedExpectation) => SealedBundle;

/**
 * Checks a bundle of sealed codes against the key pinned at pairing. The checker throws `sealed_untrusted` with the part
 * that is wrong: shape, header, kid, signature, claims, issuer, audience, store or serial. Whether it has expired is for
 * whoever uses it: the time goes on while it lies here.
 */
export function createSealedChecker(pinned: {
  gatewayKey: GatewayKey;
  gatewayId: string;
  tillId: string;
}): SealedChecker {
  const readWord = createWordReader(pinned.gatewayKey);
  return (jws, { storeId, serialMin }) => {
    const bundle = read(() => readWord(jws, KIND));
    if (bundle.iss !== pinned.gatewayId) throw untrusted('issuer');
    if (bundle.aud !== pinned.tillId) throw untrusted('audience');
    if (bundle.storeId !== storeId) throw untrusted('store');
    if (bundle.serial < serialMin) throw untrusted('serial');
    return bundle;
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

function untrusted(part: string, cause?: unknown): SaksiError {
  return new SaksiError('sealed_untrusted', { params: { part }, cause });
}
