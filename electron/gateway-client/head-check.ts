import { SaksiError } from '../../shared/errors.ts';
import type { GatewayKey } from '../../shared/grants.ts';
import { type CountersignedHead, countersignedHeadSchema, HEAD_TYP } from '../../shared/offline.ts';
import { createWordReader, SignedWordError, wordKind } from './signed-words.ts';

const HEAD_CHARS_MAX = 4_000;
const KIND = wordKind(HEAD_TYP, countersignedHeadSchema, HEAD_CHARS_MAX);

export type HeadChecker = (jws: string) => CountersignedHead;

/** Checks the gateway's word on a head of this till's chain. The checker throws `gateway_bad_answer` with the part that is wrong. */
export function createHeadChecker(pinned: {
  gatewayKey: GatewayKey;
  gatewayId: string;
  tillId: string;
}): HeadChecker {
  const readWord = createWordReader(pinned.gatewayKey);
  return (jws) => {
    let head: CountersignedHead;
    try {
      head = readWord(jws, KIND);
    } catch (error) {
      if (!(error instanceof SignedWordError)) throw error;
      throw bad(error.part, error);
    }
    if (head.iss !== pinned.gatewayId) throw bad('issuer');
    if (head.aud !== pinned.tillId) throw bad('audience');
    return head;
  };
}

function bad(part: string, cause?: unknown): SaksiError {
  return new SaksiError('gateway_bad_answer', { params: { field: part }, cause });
}
