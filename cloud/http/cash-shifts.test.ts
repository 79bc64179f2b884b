import { expect, it } from 'vitest';
import { CASH_SHIFTS_PATH, cashShiftPageSchema } from '../../shared/cash-shift.ts';
import { GATEWAY_PATHS } from '../../shared/gateway-api.ts';
import { OFFLINE_PATHS } from '../../shared/offline.ts';
import { describeGateway } from '../../test/fixtures/gateway.ts';
import { Z_REPORT } from '../../test/fixtures/shift-desk.ts';

describeGateway('shifts over HTTP', (getGateway) => {
  it('come through the outbox, once; are listed; and the till hears how far its numbers came', async () => {
    const till = await getGateway().pair('Kasir 11');
    const staffId = getGateway().demo.staff.find(({ role }) => role === 'cashier')?.id ?? '';
    expect((await till.get(GATEWAY_PATHS.till)).body.lastZ).toBe(0);
    const shiftId = crypto.randomUUID();
    const given = (no: number) => ({ id: crypto.randomUUID(), shiftId, no, staffId, at: Date.now() });
    const float = { sum: 500_000, pieces: [{ value: 100_000, count: 5 }] };
    const count = { sum: 575_000, pieces: null };
    const entries = [
      { ...given(1), kind: 'opened', currency: 'IDR', float: float.sum, count: float, lastLeft: null },
      { ...given(2), kind: 'counted', count, expected: 575_000, moved: 75_000 },
      { ...given(3), kind: 'closed', report: { ...Z_REPORT, shiftId, zNo: 1, lastLeft: null } },
    ];
    const items = entries.map((entry) => ({
      id: crypto.randomUUID(),
      stream: 'cash-shift',
      message: { kind: 'cash_entry', entry },
    }));
    const send = async () => {
      const { body } = await till.post(OFFLINE_PATHS.outbox, { items }, null);
      return body.results.map(({ outcome }: { outcome: string }) => outcome);
    };
    expect(await send()).toEqual(['done', 'done', 'done']);
    expect(await send()).toEqual(['done', 'done', 'done']);
    const { status, body } = await till.get(`${CASH_SHIFTS_PATH}?tillId=${till.tillId}&from=0`);
    expect(status).toBe(200);
    expect(cashShiftPageSchema.parse(body)).toMatchObject({
      shifts: [{ id: shiftId, tillName: 'Kasir 11', closed: { zNo: 1, difference: 0 }, flags: [] }],
      differences: [{ shifts: 1, short: 0, over: 0 }],
    });
    expect((await till.get(GATEWAY_PATHS.till)).body.lastZ).toBe(1);
  });

  it('refuse an entry that is none, a filter that there is not, and a stranger', async () => {
    const till = await getGateway().pair('Kasir 12');
    const entry = { kind: 'opened', float: -1 };
    const items = [{ id: crypto.randomUUID(), stream: 's', message: { kind: 'cash_entry', entry } }];
    expect((await till.post(OFFLINE_PATHS.outbox, { items }, null)).status).toBe(400);
    expect((await till.get(`${CASH_SHIFTS_PATH}?only=nonsense`)).status).toBe(400);
    await getGateway().gateway.services.tills.revoke(till.tillId);
    expect((await till.get(CASH_SHIFTS_PATH)).body.error.code).toBe('till_revoked');
  });
});
