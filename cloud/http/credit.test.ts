import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageCreditPolicy } from '../../shared/message-credit-policy.ts';
import {
  eventually,
  startTestGateway,
  type TestGateway,
  type TillClient,
  wish,
} from '../../test/fixtures/gateway.ts';

const PRICE = 367;

describe('message credit over HTTP', () => {
  let gw: TestGateway;
  let till: TillClient;
  beforeAll(async () => {
    gw = await startTestGateway();
    till = await gw.pair();
  });
  afterAll(() => gw.close());

  async function setPolicy(edit: Partial<MessageCreditPolicy>): Promise<void> {
    const { admin } = gw.gateway.services;
    const { storeId } = gw.demo;
    const policy = await admin.run('policy show', { storeId });
    const messageCredit = { ...policy.messageCredit, ...edit };
    await admin.run('policy set', { storeId, policy: { ...policy, messageCredit } });
  }
  const topUp = (amount: number, key: string) =>
    gw.gateway.services.admin.run('credit topup', {
      ...{ storeId: gw.demo.storeId, key },
      topup: { amount: amount as never },
    });
  const credit = async () => (await till.get('/v1/message-credit')).body;
  const sendCode = (index: number) => till.post('/v1/redemptions', wish(gw, index));
  const alerts = () => {
    const manager = gw.demo.staff.find(({ role }) => role === 'manager');
    return gw.graph.world.messages.filter(
      ({ number, templateName }) => `+${number}` === manager?.phone && templateName === 'saksi_low_credit',
    );
  };

  it('says how the credit stands, with the packages of the store’s currency', async () => {
    const anonymous = await fetch(`${gw.url}/v1/message-credit`);
    expect(anonymous.status).toBe(401);
    expect(await credit()).toEqual({
      ...{ currency: 'IDR', enforced: false, balance: 0, held: 0, spent: 0, lastTopup: null, warnings: [] },
      packages: expect.arrayContaining([
        { id: 'idr-100k', currency: 'IDR', amount: 100_000, price: 100_000 },
      ]),
    });
  });

  it('tells what messages cost, in a statement', async () => {
    const cashier = gw.demo.staff.find(({ role }) => role === 'cashier');
    await till.post('/v1/redemptions', wish(gw, 0, { staffId: cashier?.id }));
    await eventually(async () => (await credit()).spent === PRICE, 'the message to be spent');
    const from = Date.now() - 60_000;
    const answer = await till.get(`/v1/message-credit/statement?from=${from}&to=${from + 120_000}`);
    expect(answer.body).toMatchObject({
      rows: [
        {
          kind: 'code',
          tillId: till.tillId,
          tillName: 'Kasir',
          cashierName: cashier?.name,
          count: 1,
          cost: PRICE,
        },
      ],
      total: { count: 1, cost: PRICE, free: 0, returned: 0 },
      differences: [],
    });
    const wrong = await till.get(`/v1/message-credit/statement?from=${from}&to=${from}`);
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
  });

  it('warns tills and managers once at each threshold, and refuses codes when all is used up', async () => {
    const manager = gw.demo.staff.find(({ role }) => role === 'manager');
    await gw.gateway.services.admin.run('staff verify', { staffId: manager?.id ?? '' });
    const reader = await till.events();
    const told = () =>
      reader.seen.filter(({ type }) => type === 'credit.low').map(({ data }) => data.threshold);
    await setPolicy({
      enforce: true,
      overdraw: { kinds: [], messages: 0 },
      warnAt: [{ percent: 50 }, { messages: 0 }],
    });
    // One is owed already.
    await topUp(5 * PRICE, 'small');
    await sendCode(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await gw.gateway.services.settleCredit();
    expect(told()).toEqual([]);
    await sendCode(2);
    await gw.gateway.services.settleCredit();
    await eventually(() => told().includes('50%'), 'the first warning');
    expect(reader.seen.find(({ type }) => type === 'credit.low')?.data).toMatchObject({
      ...{ type: 'credit.low', threshold: '50%', balance: 2 * PRICE, currency: 'IDR' },
    });
    await eventually(() => alerts().length === 1, 'the manager’s message');
    expect(alerts()[0]?.rendered.body).toContain('Rp');
    // The warning cost a message too: one code is left.
    expect((await sendCode(3)).status).toBe(200);
    const refused = await sendCode(4);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'message_credit_empty' } } });
    await gw.gateway.services.settleCredit();
    await gw.gateway.services.settleCredit();
    await eventually(() => told().includes('0'), 'the second warning');
    await eventually(() => alerts().length === 2, 'the manager’s second message');
    await gw.gateway.services.settleCredit();
    expect(told()).toEqual(['50%', '0']);
    expect((await credit()).warnings.map(({ threshold }: { threshold: string }) => threshold)).toEqual([
      '50%',
      '0',
    ]);
    await topUp(100 * PRICE, 'large');
    expect((await credit()).warnings).toEqual([]);
    expect((await sendCode(4)).status).toBe(200);
    reader.close();
  });

  it('is topped up by a package of the store’s currency', async () => {
    const before = (await credit()).balance;
    await gw.gateway.services.admin.run('credit topup', {
      ...{ storeId: gw.demo.storeId, topup: { packageId: 'idr-100k' }, key: 'package-1' },
    });
    expect(await credit()).toMatchObject({ balance: before + 100_000, lastTopup: { amount: 100_000 } });
    const none = { storeId: gw.demo.storeId, topup: { packageId: 'none' }, key: 'package-2' };
    await expect(gw.gateway.services.admin.run('credit topup', none)).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
