import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signJws } from '../../test/fixtures/fake-gateway.ts';
import { createGrantChecker } from './grant-check.ts';

const id = (tail: number) => `019b0000-0000-7000-8000-${String(tail).padStart(12, '0')}`;
const pair = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const x = pair.publicKey.export({ format: 'jwk' }).x ?? '';
const gatewayKey = { kty: 'OKP', crv: 'Ed25519', x, kid: 'k1' } as const;
const check = createGrantChecker({ gatewayKey, gatewayId: id(1), tillId: id(2) });
const NOW_S = 1_800_000_000;
const expected = {
  redemptionId: id(3),
  customerId: id(4),
  saleRef: 'S-1',
  asset: 'deposit',
  amount: 50_000,
  currency: 'IDR',
} as const;
const claims = {
  ...{ iss: id(1), aud: id(2), jti: id(5), iat: NOW_S, exp: NOW_S + 600, kind: 'redemption' },
  ...{ actions: ['slip.print'], ...expected },
};
const header = { alg: 'EdDSA', typ: 'saksi-grant+jwt', kid: 'k1' };
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = (changes: object = {}, head: object = header) =>
  signJws(pair.privateKey, { ...claims, ...changes }, 'k1', head);
const at = NOW_S * 1000 + 1;
const refuses = (jws: string, code: string, now = at) =>
  expect(() => check(jws, expected, now)).toThrow(expect.objectContaining({ code }));

describe('a grant', () => {
  it('that is right gives its claims', () => {
    expect(check(signed(), expected, at)).toEqual(claims);
  });

  it.each([
    ['empty', ''],
    ['no JWS', 'a.b'],
    ['four parts', `${signed()}.x`],
    ['rubbish', 'ä.ö.ü'],
    ['too long', `${'a'.repeat(5_000)}.b.c`],
    ['not JSON', `${part(header)}.${Buffer.from('{').toString('base64url')}.AAAA`],
    ['signed by another key', signJws(other.privateKey, claims, 'k1')],
    ['named for another key', signed({}, { ...header, kid: 'k2' })],
    ['alg none', `${part({ ...header, alg: 'none' })}.${part(claims)}.`],
    ['alg none with a signature', signed({}, { ...header, alg: 'none' })],
    ['another type', signed({}, { ...header, typ: 'JWT' })],
    ['a key of its own', signed({}, { ...header, jwk: gatewayKey })],
    ['a critical extension', signed({}, { ...header, crit: ['exp'] })],
    ['without actions', signed({ actions: [] })],
    ['an action that is none', signed({ actions: ['safe.open'] })],
    ['a fractional amount', signed({ amount: 0.5 })],
    ['another kind', signed({ kind: 'approval' })],
  ])('%s is invalid', (_, jws) => refuses(jws, 'grant_invalid'));

  it('signed by HMAC with the public key is invalid', () => {
    const text = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`;
    const mac = createHmac('sha256', Buffer.from(x, 'base64url')).update(text).digest('base64url');
    refuses(`${text}.${mac}`, 'grant_invalid');
  });

  it('with any one character changed is refused', () => {
    const jws = signed();
    let refused = 0;
    for (let index = 0; index < jws.length; index += 1) {
      const letter = jws[index] === 'A' ? 'B' : 'A';
      const changed = jws.slice(0, index) + letter + jws.slice(index + 1);
      // The last character of a part may hold bits that no decoder reads: the same bytes are the same grant.
      const same = (text: string) =>
        text
          .split('.')
          .map((one) => Buffer.from(one, 'base64url').toString('hex'))
          .join();
      if (
        jws[index] !== '.' &&
        same(changed) === same(jws) &&
        !changed.startsWith(jws.slice(0, jws.lastIndexOf('.')))
      )
        continue;
      try {
        check(changed, expected, at);
        expect(same(changed)).toBe(same(jws));
      } catch {
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(jws.length - 8);
  });

  it('for another till or from another gateway is foreign', () => {
    refuses(signed({ aud: id(9) }), 'grant_foreign');
    refuses(signed({ iss: id(9) }), 'grant_foreign');
  });

  it('is past from its last second on, by the clock it is told', () => {
    expect(check(signed(), expected, (NOW_S + 600) * 1000 - 1).jti).toBe(id(5));
    refuses(signed(), 'grant_expired', (NOW_S + 600) * 1000);
  });

  it.each([
    ['redemptionId', id(9)],
    ['customerId', id(9)],
    ['saleRef', 'S-2'],
    ['asset', 'points'],
    ['amount', 50_001],
    ['currency', 'TRY'],
  ])('with another %s does not match', (field, value) =>
    refuses(signed({ [field]: value }), 'grant_mismatch'),
  );

  it('is checked before what it says is believed', () => {
    const forged = `${part(header)}.${part({ ...claims, aud: id(9) })}`;
    refuses(
      `${forged}.${sign(null, Buffer.from(forged), other.privateKey).toString('base64url')}`,
      'grant_invalid',
    );
  });
});
