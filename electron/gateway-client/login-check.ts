import { SaksiError } from '../../shared/errors.ts';
import type { GatewayKey } from '../../shared/grants.ts';
import { REMEMBERED_TYP, type RememberedLogin, rememberedLoginSchema } from '../../shared/login.ts';
import { createWordReader, SignedWordError, wordKind } from './signed-words.ts';

const WORD_CHARS_MAX = 2_048;
const KIND = wordKind(REMEMBERED_TYP, rememberedLoginSchema, WORD_CHARS_MAX);

export type LoginChecker = (jws: string, staffId: string) => RememberedLogin;

/**
 * Checks the gateway's word that this till is remembered for a person, against the key pinned at pairing. The checker
 * throws `grant_invalid` {part}, `grant_foreign` (another gateway or till), `grant_mismatch` (another person). Whether it
 * still holds is for whoever uses it: the time goes on while it lies here.
 */
export function createLoginChecker(pinned: {
  gatewayKey: GatewayKey;
  gatewayId: string;
  tillId: string;
}): LoginChecker {
  const readWord = createWordReader(pinned.gatewayKey);
  return (jws, staffId) => {
    const claims = read(() => readWord(jws, KIND));
    if (claims.iss !== pinned.gatewayId || claims.aud !== pinned.tillId)
      throw new SaksiError('grant_foreign');
    if (claims.staffId !== staffId) throw new SaksiError('grant_mismatch', { params: { field: 'staffId' } });
    return claims;
  };
}

function read<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SignedWordError)) throw error;
    throw new SaksiError('grant_invalid', { params: { part: error.part }, cause: error });
  }
}
