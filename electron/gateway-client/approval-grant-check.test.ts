import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signJws } from '../../test/fixtures/fake-gateway.ts';
import { createApprovalGrantChecker, createGrantChecker } from './grant-check.ts';

const id = (tail: number) => `019b0000-0000-7000-8000-${String(tail).padStart(12, '0')}`;
const pair = generateKeyPairSync('ed25519');
const x = pair.publicKey.export({ format: 'jwk' }).x ?? '';
const pinned = {
  gatewayKey: { kty: 'OKP', crv: 'Ed25519', x, kid: 'k1' } as const,
  gatewayId: id(1),
  tillId: id(2),
};
const check = createApprovalGrantChecker(pinned);
const NOW_S = 1_800_000_000;
const at = NOW_S * 1000;
const expected = {
  approvalId: id(3),
  approvalKind: 'void',
  saleRef: 'S-1',
  amount: 50_000,
  basisPoints: null,
  currency: 'IDR',
  requestedBy: id(4),
} as const;
const claims = {
  ...{ iss: id(1), aud: id(2), jti: id(5), iat: NOW_S, exp: NOW_S + 300, kind: 'approval' },
  ...{ actions: ['drawer.open'], deciders: [id(6), id(7)], ...expected },
};
const signed = (changes: object = {}) => signJws(pair.privateKey, { ...claims, ...changes }, 'k1');
const refuses = (jws: string, code: string, now = at) =>
  expect(() => check(jws, expected, now)).toThrow(expect.objectContaining({ code }));

describe('the grant of an approval', () => {
  it('that is right gives its claims; it may name no action and nobody', () => {
    expect(check(signed(), expected, at)).toEqual(claims);
    expect(check(signed({ actions: [], deciders: [] }), expected, at)).toMatchObject({ actions: [] });
  });

  it.each([
    ['a fractional amount', { amount: 0.5 }],
    ['more than the whole in percent', { basisPoints: 10_001 }],
    ['an action that is none', { actions: ['safe.open'] }],
    ['six who decided', { deciders: [11, 12, 13, 14, 15, 16].map(id) }],
    ['another kind of grant', { kind: 'redemption' }],
    ['nobody who asked', { requestedBy: null }],
  ])('with %s is invalid', (_, changes) => refuses(signed(changes), 'grant_invalid'));

  it('is none for a redemption, nor the other way round', () => {
    const redemption = createGrantChecker(pinned);
    const wish = {
      redemptionId: id(3),
      customerId: id(8),
      saleRef: 'S-1',
      asset: 'deposit',
      amount: 50_000,
      currency: 'IDR',
    } as const;
    const other = signed({ ...wish, kind: 'redemption' });
    expect(redemption(other, wish, at).kind).toBe('redemption');
    refuses(other, 'grant_invalid');
    expect(() => redemption(signed(wish), wish, at)).toThrow(
      expect.objectContaining({ code: 'grant_invalid' }),
    );
  });

  it('is past from its last second on', () => {
    expect(check(signed(), expected, (NOW_S + 300) * 1000 - 1).jti).toBe(id(5));
    refuses(signed(), 'grant_expired', (NOW_S + 300) * 1000);
  });

  it('is refused where whoever asked is among those who said yes, or somebody twice', () => {
    refuses(signed({ deciders: [id(6), id(4)] }), 'grant_mismatch');
    refuses(signed({ deciders: [id(6), id(6)] }), 'grant_mismatch');
  });
});
