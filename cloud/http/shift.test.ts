import { expect, it } from 'vitest';
import { createShiftGrantChecker } from '../../electron/gateway-client/grant-check.ts';
import { OFFLINE_PATHS } from '../../shared/offline.ts';
import { SHIFT_PATHS } from '../../shared/shift.ts';
import { describeGateway } from '../../test/fixtures/gateway.ts';

describeGateway('cash sales over HTTP', (getGateway) => {
  const cashier = () => {
    const found = getGateway().demo.staff.find(({ role }) => role === 'cashier');
    if (found === undefined) throw new Error('no cashier');
    return found;
  };

  it('a till gets a grant that its own check takes, tells a use, and both sides count it', async () => {
    const till = await getGateway().pair('Kasir 9');
    const { gatewayId, publicKey } = getGateway().gateway.services.identity;
    const check = createShiftGrantChecker({ gatewayId, gatewayKey: publicKey, tillId: till.tillId });
    const staffId = cashier().id;
    const asked = await till.post(SHIFT_PATHS.grants, { staffId }, 'key-of-this-shift');
    expect(asked.status).toBe(200);
    const claims = check(asked.body.grant, { staffId, currency: 'IDR' }, Date.now());
    expect(claims).toMatchObject({ uses: 100, staffId });
    expect((await till.post(SHIFT_PATHS.grants, { staffId }, 'key-of-this-shift')).body).toEqual(asked.body);
    expect((await till.post(SHIFT_PATHS.grants, { staffId: null }, 'key-of-this-shift')).body).toMatchObject({
      error: { code: 'idempotency_key_reused' },
    });
    const sale = {
      ...{ id: crypto.randomUUID(), grantId: claims.jti, useNo: 1, staffId, startedBy: 'terminal' },
      ...{ saleRef: 'INV-1', amount: 25_000, currency: 'IDR', openedAt: Date.now() },
    };
    const items = [
      { id: crypto.randomUUID(), stream: `cash:${sale.id}`, message: { kind: 'cash_sale_opened', sale } },
    ];
    expect((await till.post(OFFLINE_PATHS.outbox, { items }, null)).body.results).toMatchObject([
      { outcome: 'done' },
    ]);
    const { body } = await till.get(`${OFFLINE_PATHS.reconciliation}?from=0&to=${Date.now() + 60_000}`);
    expect(body.cashSales).toEqual({ count: 1, sum: 25_000, flagged: 0, granted: 100 });
  });

  it('refuses a missing key, a body that is none, strangers and a revoked till', async () => {
    const till = await getGateway().pair('Kasir 10');
    const staffId = crypto.randomUUID();
    const code = async (...request: Parameters<typeof till.post>) =>
      (await till.post(...request)).body.error.code;
    expect(await code(SHIFT_PATHS.grants, { staffId: null }, null)).toBe('idempotency_key_missing');
    expect(await code(SHIFT_PATHS.grants, { staffId: 'me' })).toBe('bad_request');
    expect(await code(SHIFT_PATHS.grants, { staffId: null, uses: 5 })).toBe('bad_request');
    expect(await code(SHIFT_PATHS.grants, { staffId })).toBe('staff_unknown');
    await getGateway().gateway.services.tills.revoke(till.tillId);
    expect(await code(SHIFT_PATHS.grants, { staffId: null })).toBe('till_revoked');
  });
});
