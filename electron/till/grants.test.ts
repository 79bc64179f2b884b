import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { openDesk } from '../../test/fixtures/desk.ts';
import { RIGHT_CODE, signJws } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

/** What a grant may be tried with at a till; the same checks one by one are in gateway-client/grant-check.test.ts. */
async function submitWith(tamper: Awaited<ReturnType<typeof openDesk>>['gateway']['tamper']) {
  const desk = await openDesk();
  await desk.signIn();
  const { id } = await desk.begin();
  desk.gateway.tamper = tamper;
  const submitted = desk.call(
    desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }),
  );
  return { desk, id, submitted };
}

const foreignKey = generateKeyPairSync('ed25519').privateKey;
const claimsOf = (jws: string) =>
  JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as object;

describe('a grant that is not right moves nothing and gives the money back', () => {
  it.each([
    [
      'signed by another key',
      { jws: (jws: string) => signJws(foreignKey, claimsOf(jws), 'key-1') },
      'grant_invalid',
    ],
    [
      'with alg none',
      {
        jws: (jws: string) =>
          signJws(foreignKey, claimsOf(jws), 'key-1', { alg: 'none', typ: 'saksi-grant+jwt', kid: 'key-1' }),
      },
      'grant_invalid',
    ],
    [
      'for another till',
      {
        claims: (claims: Record<string, unknown>) => {
          claims.aud = claims.jti;
        },
      },
      'grant_foreign',
    ],
    [
      'that is past',
      {
        claims: (claims: Record<string, unknown>) => {
          claims.exp = Number(claims.iat) - 1;
        },
      },
      'grant_expired',
    ],
    [
      'for another amount',
      {
        claims: (claims: Record<string, unknown>) => {
          claims.amount = 49_999;
        },
      },
      'grant_mismatch',
    ],
    [
      'for another sale',
      {
        claims: (claims: Record<string, unknown>) => {
          claims.saleRef = 'S-OTHER';
        },
      },
      'grant_mismatch',
    ],
  ])('%s', async (_, tamper, code) => {
    const { desk, submitted } = await submitWith(tamper);
    await expect(submitted).rejects.toMatchObject({ code });
    await desk.run(1_000);
    expect([desk.devices.pulses, desk.devices.slips.length]).toEqual([0, 0]);
    expect(desk.shown()).toMatchObject({ stage: 'failed', settlement: 'confirmed', error: { code } });
    expect(desk.gateway.only().status).toBe('released');
    expect(desk.gateway.redemptions.captured).toEqual([]);
  });

  it('used before, for an earlier sale', async () => {
    const desk = await openDesk();
    await desk.signIn();
    const first = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: first.id, code: RIGHT_CODE }));
    await desk.run();
    const [used] = [...desk.gateway.redemptions.held.values()].map(({ jti }) => jti);
    const second = await desk.begin();
    desk.gateway.tamper = {
      claims: (claims) => {
        claims.jti = used;
      },
    };
    const submitted = desk.till.invoke('redemption.submitCode', {
      redemptionId: second.id,
      code: RIGHT_CODE,
    });
    await expect(desk.call(submitted)).rejects.toMatchObject({ code: 'grant_already_used' });
    expect([desk.devices.pulses, desk.devices.slips.length]).toEqual([1, 1]);
  });

  it('without leave for the drawer opens none, whatever was asked for', async () => {
    const { desk, submitted } = await submitWith({
      claims: (claims) => {
        claims.actions = ['slip.print'];
      },
    });
    await submitted;
    await desk.run();
    expect(desk.shown()).toMatchObject({ stage: 'done', drawer: { state: 'not_needed' } });
    expect(desk.devices.pulses).toBe(0);
  });

  it('is neither in the log nor in the view', async () => {
    const { desk, submitted } = await submitWith({ jws: (jws) => jws.slice(0, -4) });
    await expect(submitted).rejects.toThrow();
    const told = JSON.stringify([desk.log, desk.till.view()]);
    expect(told).not.toContain('eyJ');
    expect(told).not.toContain(RIGHT_CODE);
  });
});
