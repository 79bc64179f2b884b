import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyFingerprint, parsePairingCode } from '../../shared/pairing.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { call, startTestGateway, type TestGateway, tillClient } from '../../test/fixtures/gateway.ts';
import { createLimiter } from './limiter.ts';

describe('pairing', () => {
  let gw: TestGateway;
  beforeAll(async () => {
    gw = await startTestGateway({ config: { trustProxy: true } });
  });
  afterAll(() => gw.close());

  /** Each test from an address of its own, because failures are counted by address. */
  let address = 0;
  const from = () => {
    address += 1;
    return { 'x-forwarded-for': `192.0.2.${address}` };
  };
  const redeem = (secret: unknown, headers: Record<string, string> = from()) =>
    call(gw.url, 'POST', '/v1/pairings/redeem', { body: { secret, appVersion: '0.1.0' }, headers });
  const addTill = async () => {
    const { storeId } = gw.demo;
    const added = await gw.gateway.services.admin.run('till add', { storeId, name: 'Kasir 9' });
    const code = parsePairingCode(added.pairingCode);
    if (code === null) throw new Error('no pairing code');
    return { ...added, ...code };
  };

  it('gives a till its key, and the gateway key whose fingerprint the code holds', async () => {
    const { tillId, secret, fingerprint } = await addTill();
    const { status, body } = await redeem(secret);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      tillId,
      tillName: 'Kasir 9',
      store: { name: 'Toko Saksi', currency: 'IDR' },
    });
    expect(await keyFingerprint(body.gatewayKey.x)).toBe(fingerprint);
    expect(body.tillKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const context = await tillClient(gw.url, tillId, body.tillKey).get('/v1/till');
    expect(context.body).toMatchObject({ tillId, tillName: 'Kasir 9', policy: { version: 1 } });
    expect(context.body.staff.map((person: { role: string }) => person.role).sort()).toEqual([
      ...['cashier', 'cashier', 'manager', 'supervisor', 'supervisor'],
    ]);
    const row = await gw.gateway.services.engine.kysely
      .selectFrom('tills')
      .selectAll()
      .where('id', '=', tillId)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(body.tillKey);
    expect(gw.log.join('')).not.toContain(body.tillKey);
  });

  it('works once', async () => {
    const { secret } = await addTill();
    const answers = await Promise.all(Array.from({ length: 5 }, () => redeem(secret)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const again = await redeem(secret);
    expect([again.status, again.body.error.code]).toEqual([403, 'pairing_code_invalid']);
  });

  it('ends after 15 minutes', async () => {
    const { secret } = await addTill();
    gw.shiftClock(15 * 60_000);
    const late = await redeem(secret);
    expect([late.status, late.body.error.code]).toEqual([410, 'pairing_code_expired']);
    gw.shiftClock(-15 * 60_000);
  });

  it.each(['0123456789', 'ABC', '', 'ILOU000000', 42, null])('refuses the secret %j', async (secret) => {
    const refused = await redeem(secret);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'pairing_code_invalid']);
  });

  it('takes only the newest code of a till', async () => {
    const { tillId, secret } = await addTill();
    const newer = await gw.gateway.services.admin.run('till pair', { tillId });
    expect((await redeem(secret)).body.error.code).toBe('pairing_code_invalid');
    expect((await redeem(parsePairingCode(newer.pairingCode)?.secret)).status).toBe(200);
  });

  it('makes the key of an earlier pairing useless', async () => {
    const { tillId, secret } = await addTill();
    const first = await redeem(secret);
    const newer = await gw.gateway.services.admin.run('till pair', { tillId });
    await redeem(parsePairingCode(newer.pairingCode)?.secret);
    const old = await tillClient(gw.url, tillId, first.body.tillKey).get('/v1/till');
    expect([old.status, old.body.error.code]).toEqual([401, 'unauthorised']);
  });

  it('is over for a revoked till', async () => {
    const { tillId, secret } = await addTill();
    await gw.gateway.services.admin.run('till revoke', { tillId });
    expect((await redeem(secret)).body.error.code).toBe('till_revoked');
    await expect(gw.gateway.services.admin.run('till pair', { tillId })).rejects.toMatchObject({
      code: 'till_revoked',
    });
  });

  it('is limited by address: failures count, successes do not', async () => {
    const headers = from();
    for (let attempt = 0; attempt < 12; attempt += 1) {
      expect((await redeem((await addTill()).secret, headers)).status).toBe(200);
    }
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await redeem('0123456789', headers)).status).toBe(403);
    }
    const { secret } = await addTill();
    const limited = await redeem(secret, headers);
    expect([limited.status, limited.body.error.code]).toEqual([429, 'too_many_requests']);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(500);
    expect((await redeem(secret)).status).toBe(200);
  });
});

describe('the limiter', () => {
  it('counts in windows, by key', async () => {
    const clock = new FakeClock();
    const limiter = createLimiter(clock, { count: 2, windowMs: 10_000 });
    expect([limiter.attempt('a'), limiter.attempt('a'), limiter.attempt('a')]).toEqual([0, 0, 10]);
    expect(limiter.attempt('b')).toBe(0);
    await clock.advance(9_001);
    expect(limiter.attempt('a')).toBe(1);
    await clock.advance(1_000);
    expect(limiter.attempt('a')).toBe(0);
  });

  it('gives an attempt back, never more than there were', () => {
    const limiter = createLimiter(new FakeClock(), { count: 1, windowMs: 10_000 });
    limiter.forgive('a');
    expect(limiter.attempt('a')).toBe(0);
    limiter.forgive('a');
    limiter.forgive('a');
    expect([limiter.attempt('a'), limiter.attempt('a')]).toEqual([0, 10]);
  });

  it('remembers a bounded number of addresses', () => {
    const limiter = createLimiter(new FakeClock(), { count: 1, windowMs: 10_000 });
    limiter.attempt('first');
    for (let index = 0; index < 10_000; index += 1) limiter.attempt(`address ${index}`);
    expect(limiter.attempt('first')).toBe(0);
    expect(limiter.attempt('address 9999')).toBe(10);
  });
});
