import type { z } from 'zod';
import { SaksiError } from '../../shared/errors.ts';
import {
  type ApprovalGrantClaims,
  approvalGrantSchema,
  type GatewayKey,
  GRANT_TYP,
  type GrantClaims,
  grantClaimsSchema,
  type ShiftGrantClaims,
  shiftGrantSchema,
} from '../../shared/grants.ts';
import { createWordReader, SignedWordError, type WordKind, wordKind } from './signed-words.ts';

const GRANT_CHARS_MAX = 4_096;
const REDEMPTION = wordKind(GRANT_TYP, grantClaimsSchema, GRANT_CHARS_MAX);
const SHIFT = wordKind(GRANT_TYP, shiftGrantSchema, GRANT_CHARS_MAX);
const APPROVAL = wordKind(GRANT_TYP, approvalGrantSchema, GRANT_CHARS_MAX);

/** What this till knows of the redemption that the grant must be for. */
export interface GrantExpectation {
  redemptionId: string;
  customerId: string;
  saleRef: string;
  asset: GrantClaims['asset'];
  amount: number;
  currency: GrantClaims['currency'];
}
export type GrantChecker = (jws: string, expected: GrantExpectation, gatewayNowMs: number) => GrantClaims;

/** What this till knows of the request that the grant must answer. */
export type ApprovalGrantExpectation = Pick<
  ApprovalGrantClaims,
  'approvalId' | 'approvalKind' | 'saleRef' | 'basisPoints' | 'currency' | 'requestedBy'
> & { amount: number | null };
export type ApprovalGrantChecker = (
  jws: string,
  expected: ApprovalGrantExpectation,
  gatewayNowMs: number,
) => ApprovalGrantClaims;

/** Whose a shift grant must be (null: a spare), in which currency. */
export type ShiftGrantExpectation = Pick<ShiftGrantClaims, 'staffId' | 'currency'>;
export type ShiftGrantChecker = (
  jws: string,
  expected: ShiftGrantExpectation,
  nowMs: number,
) => ShiftGrantClaims;

interface Pinned {
  gatewayKey: GatewayKey;
  gatewayId: string;
  tillId: string;
}

/**
 * Checks grants for redemptions against the key pinned at pairing. The checker throws `grant_invalid` (shape, header, key,
 * signature), `grant_foreign` (issuer, till), `grant_expired` (by the gateway's clock) or `grant_mismatch` (another
 * redemption, sale, asset, amount or customer).
 */
export function createGrantChecker(pinned: Pinned): GrantChecker {
  const read = reader(pinned);
  return (jws, expected, gatewayNowMs) => {
    const claims = read(jws, REDEMPTION, gatewayNowMs);
    assertMatches(claims, expected);
    return claims;
  };
}

/**
 * Checks grants for approvals, with the same errors. Whoever asked is not among those who said yes, and nobody said it
 * twice (invariant 7): the gateway holds that, and this till does not take its word for it.
 */
export function createApprovalGrantChecker(pinned: Pinned): ApprovalGrantChecker {
  const read = reader(pinned);
  return (jws, expected, gatewayNowMs) => {
    const claims = read(jws, APPROVAL, gatewayNowMs);
    assertMatches(claims, expected);
    const { deciders, requestedBy } = claims;
    if (deciders.includes(requestedBy) || new Set(deciders).size !== deciders.length) {
      throw new SaksiError('grant_mismatch', { params: { field: 'deciders' } });
    }
    return claims;
  };
}

/** Checks shift grants, with the same errors. `nowMs`: the latest that it may be by the gateway's clock. */
export function createShiftGrantChecker(pinned: Pinned): ShiftGrantChecker {
  const read = reader(pinned);
  return (jws, expected, nowMs) => {
    const claims = read(jws, SHIFT, nowMs);
    assertMatches<ShiftGrantExpectation>(claims, expected);
    return claims;
  };
}

function reader({ gatewayKey, gatewayId, tillId }: Pinned) {
  const readWord = createWordReader(gatewayKey);
  return <T extends z.ZodType<{ iss: string; aud: string; exp: number }>>(
    jws: string,
    kind: WordKind<T>,
    gatewayNowMs: number,
  ): z.output<T> => {
    let claims: z.output<T>;
    try {
      claims = readWord(jws, kind);
    } catch (error) {
      if (!(error instanceof SignedWordError)) throw error;
      throw new SaksiError('grant_invalid', { params: { part: error.part }, cause: error });
    }
    if (claims.iss !== gatewayId || claims.aud !== tillId) throw new SaksiError('grant_foreign');
    if (gatewayNowMs >= claims.exp * 1000) throw new SaksiError('grant_expired');
    return claims;
  };
}

function assertMatches<E extends object>(claims: E, expected: E): void {
  for (const field of Object.keys(expected) as (keyof E & string)[]) {
    if (claims[field] !== expected[field]) throw new SaksiError('grant_mismatch', { params: { field } });
  }
}
