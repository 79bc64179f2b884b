import { compactVerify, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemEffects, systemRandom } from '../../shared/effects.ts';
import { GRANT_TYP, type GrantClaims } from '../../shared/grants.ts';
import type { Amount } from '../../shared/money.ts';
import { openMemoryDatabase } from '../../test/fixtures/engines.ts';
import type { Engine } from '../db/engine.ts';
import { deriveKeys } from './derive.ts';
import { SealError, seal, unseal } from './sealed.ts';
import { loadIdentity } from './signing.ts';

const master = new Uint8Array(32).fill(7);
const keys = deriveKeys(master);

const claims: GrantClaims = {
  iss: '018f0000-0000-7000-8000-000000000001',
  aud: '018f0000-0000-7000-8000-000000000002',
  jti: '018f0000-0000-7000-8000-000000000003',
  iat: 1_790_000_000,
  exp: 1_790_000_600,
  kind: 'redemption',
  actions: ['slip.print'],
  redemptionId: '018f0000-0000-7000-8000-000000000004',
  customerId: '018f0000-0000-7000-8000-000000000005',
  saleRef: 'S-1',
  asset: 'deposit',
  amount: 50_000 as Amount,
  currency: 'IDR',
};

describe('derived keys', () => {
  it('differ from each other and from those of another master key', () => {
    const all = [...Object.values(keys), ...Object.values(deriveKeys(new Uint8Array(32).fill(8)))];
    expect(new Set(all.map((key) => Buffer.from(key).toString('hex'))).size).toBe(all.length);
    expect(all.every((key) => key.length === 32)).toBe(true);
  });
});

describe('sealed values', () => {
  const sealed = seal(keys.secretsKey, systemRandom, 'messages.to:1', '+6281234567890');

  it('open again, and never look the same twice', () => {
    expect(unseal(keys.secretsKey, 'messages.to:1', sealed)).toBe('+6281234567890');
    expect(seal(keys.secretsKey, systemRandom, 'messages.to:1', '+6281234567890')).not.toBe(sealed);
    expect(sealed).not.toContain('6281234567890');
  });

  it('stay shut for another key, another place, one altered bit, another shape', () => {
    const altered = Buffer.from(sealed.slice(3), 'base64url');
    altered[15] = (altered[15] ?? 0) ^ 1;
    expect(() => unseal(keys.codeKey, 'messages.to:1', sealed)).toThrow(SealError);
    expect(() => unseal(keys.secretsKey, 'messages.to:2', sealed)).toThrow(SealError);
    expect(() => unseal(keys.secretsKey, 'messages.to:1', `v1.${altered.toString('base64url')}`)).toThrow(
      SealError,
    );
    expect(() => unseal(keys.secretsKey, 'messages.to:1', 'v2.AAAA')).toThrow(SealError);
    expect(() => unseal(keys.secretsKey, 'messages.to:1', '')).toThrow(SealError);
  });
});

describe('the gateway identity', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openMemoryDatabase();
  });
  afterAll(() => engine.close());

  it('is made once, even by gateways that start together, and its grants verify with the public key', async () => {
    const [one, two] = await Promise.all([
      loadIdentity(engine, systemEffects, keys.secretsKey),
      loadIdentity(engine, systemEffects, keys.secretsKey),
    ]);
    expect(two.publicKey).toEqual(one.publicKey);
    const verified = await compactVerify(one.signGrant(claims), await importJWK(two.publicKey, 'EdDSA'));
    expect(verified.protectedHeader).toEqual({ alg: 'EdDSA', typ: GRANT_TYP, kid: one.publicKey.kid });
    expect(JSON.parse(Buffer.from(verified.payload).toString())).toEqual(claims);
  });

  it('is refused under another master key rather than replaced', async () => {
    const other = deriveKeys(new Uint8Array(32).fill(9));
    await expect(loadIdentity(engine, systemEffects, other.secretsKey)).rejects.toThrow(SealError);
  });

  it('keeps no private key readable in the database', async () => {
    const row = await engine.kysely.selectFrom('gateway_identity').selectAll().executeTakeFirstOrThrow();
    expect(row.private_sealed).toMatch(/^v1\./);
  });

  it('signs nothing that is no grant', async () => {
    const { signGrant } = await loadIdentity(engine, systemEffects, keys.secretsKey);
    expect(() => signGrant({ ...claims, amount: 0.5 as Amount })).toThrow();
  });
});
