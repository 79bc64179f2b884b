import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signJws } from '../../test/fixtures/fake-gateway.ts';
import { createGrantChecker, createShiftGrantChecker } from './grant-check.ts';

const id = (tail: number) => `019b0000-0000-7000-8000-${String(tail).padStart(12, '0')}`;
const pair = generateKeyPairSync('ed25519');
const x = pair.publicKey.export({ format: 'jwk' }).x ?? '';
const pinned = {
  gatewayKey: { kty: 'OKP', crv: 'Ed25519', x, kid: 'k1' } as const,
  gatewayId: id(1),
  tillId: id(2),
};
const check = createShiftGrantChecker(pinned);
const NOW_S = 1_800_000_000;
const at = NOW_S * 1000;
const expected = { staffId: id(4), currency: 'IDR' } as const;
const claims = {
  ...{ iss: id(1), aud: id(2), jti: id(5), iat: NOW_S, exp: NOW_S + 300, kind: 'shift' },
  ...{ actions: ['drawer.open'], uses: 100, amountMax: null, ...expected },
};
const signed = (changes: object = {}, key = pair.privateKey) => signJws(key, { ...claims, ...changes }, 'k1');
const refuses = (jws: string, code: string, now = at) =>
  expect(() => check(jws, expected, now)).toThrow(expect.objectContaining({ code }));

describe('a shift grant', () => {
  it('that is right gives its claims; a spare is nobody’s', () => {
    expect(check(signed(), expected, at)).toEqual(claims);
    const spare = { ...expected, staffId: null };
    expect(check(signed(spare), spare, at)).toMatchObject(spare);
  });

  it.each([
    ['no use', { uses: 0 }],
    ['half a use', { uses: 0.5 }],
    ['more uses than any', { uses: 1_001 }],
    ['a slip to print', { actions: ['slip.print'] }],
    ['two actions', { actions: ['drawer.open', 'drawer.open'] }],
    ['no action', { actions: [] }],
    ['a limit of nothing', { amountMax: 0 }],
    ['another kind', { kind: 'approval' }],
  ])('with %s is invalid', (_, changes) => refuses(signed(changes), 'grant_invalid'));

  it('is refused by another key, from another gateway, for another till, person or currency', () => {
    refuses(signed({}, generateKeyPairSync('ed25519').privateKey), 'grant_invalid');
    refuses(signed({ iss: id(9) }), 'grant_foreign');
    refuses(signed({ aud: id(9) }), 'grant_foreign');
    refuses(signed({ staffId: id(9) }), 'grant_mismatch');
    refuses(signed({ staffId: null }), 'grant_mismatch');
    refuses(signed({ currency: 'TRY' }), 'grant_mismatch');
  });

  it('is past from its last second on', () => {
    expect(check(signed(), expected, (NOW_S + 300) * 1000 - 1).jti).toBe(id(5));
    refuses(signed(), 'grant_expired', (NOW_S + 300) * 1000);
  });

  it('stands for no redemption', () => {
    const wish = {
      redemptionId: id(3),
      customerId: id(8),
      saleRef: 'S-1',
      asset: 'deposit',
      amount: 1,
      currency: 'IDR',
    } as const;
    expect(() => createGrantChecker(pinned)(signed(wish), wish, at)).toThrow(
      expect.objectContaining({ code: 'grant_invalid' }),
    );
  });
});
