import { afterEach, expect, it } from 'vitest';
import type { ChannelPolicy } from '../../shared/channel-policy.ts';
import { enrolStaff } from '../../test/fixtures/demo-phones.ts';
import { describeGateway, eventually, wish } from '../../test/fixtures/gateway.ts';

describeGateway('notices', (gateway) => {
  const services = () => gateway().gateway.services;
  const db = () => services().engine.kysely;
  const customer = (index: number) => {
    const found = gateway().demo.customers[index];
    if (found === undefined) throw new Error('no such customer');
    return found;
  };
  const ref = (index: number) => ({ storeId: gateway().demo.storeId, customer: { id: customer(index).id } });
  const agree = (index: number) => services().admin.run('consent give', { ...ref(index), note: 'form 17' });
  const inbox = (number: string) =>
    gateway().graph.world.messages.filter(
      (it) => it.number === number.slice(1) && it.direction === 'to_phone',
    );
  const told = (number: string, name: string) => inbox(number).filter((it) => it.templateName === name);
  const notices = () => db().selectFrom('messages').select('id').where('kind', '=', 'notice').execute();
  let key = 0;

  async function allow(wanted: Partial<ChannelPolicy['notices']>): Promise<void> {
    const { storeId } = gateway().demo;
    const policy = (await services().admin.run('policy show', { storeId })) as Record<string, unknown>;
    const channels = {
      ...(policy.channels as object),
      notices: { redemption: false, topup: false, largeFrom: 0, ...wanted },
    };
    await services().admin.run('policy set', { storeId, policy: { ...policy, channels } as never });
    // The first look only notes where the ledger stands.
    await services().lookForNotices();
    await services().lookForNotices();
  }
  afterEach(() => allow({}));

  const topUp = (index: number, amount = 5000) => {
    key += 1;
    const wanted = { asset: 'deposit', amount, key: `notice-${key}` } as const;
    return services().admin.run('wallet credit', { ...ref(index), ...wanted } as never);
  };

  async function redeem(index: number, amount: number): Promise<void> {
    const till = await gateway().pair();
    const { id } = (await till.post('/v1/redemptions', wish(gateway(), index, { amount, saleRef: 'INV-9' })))
      .body.redemption;
    const { code } = await gateway().codeOf(customer(index).phone);
    expect((await till.post(`/v1/redemptions/${id}/verify`, { code })).status).toBe(200);
    const captured = await till.post(`/v1/redemptions/${id}/capture`, {
      settledAt: Date.now(),
      slip: 'printed',
    });
    expect(captured.status).toBe(200);
  }

  it('are sent to nobody while the store wants none', async () => {
    await agree(0);
    await topUp(0);
    await services().lookForNotices();
    expect(await notices()).toEqual([]);
  });

  it('tell who agreed what was put into their wallet, once, and nothing of before', async () => {
    await agree(0);
    await topUp(0);
    await allow({ topup: true });
    await topUp(0, 7000);
    await Promise.all([services().lookForNotices(), services().lookForNotices()]);
    await eventually(() => told(customer(0).phone, 'saksi_notice_topup').length > 0, 'the notice');
    await services().lookForNotices();
    const received = told(customer(0).phone, 'saksi_notice_topup');
    expect(received).toHaveLength(1);
    expect(received[0]?.rendered.body).toMatch(/Toko Saksi, saldo Anda bertambah Rp\s7\.000 .*BERHENTI/);
  });

  it('tell nobody who did not agree, or who said STOP', async () => {
    await allow({ topup: true });
    const before = (await notices()).length;
    await topUp(1);
    await agree(2);
    await services().admin.run('consent withdraw', { ...ref(2), note: 'call' });
    await topUp(2);
    await services().lookForNotices();
    expect(await notices()).toHaveLength(before);
  });

  it('tell a customer in their language what was redeemed', async () => {
    await agree(5);
    await allow({ redemption: true });
    await redeem(5, 3000);
    await eventually(() => told(customer(5).phone, 'saksi_notice_redemption').length > 0, 'the notice');
    expect(told(customer(5).phone, 'saksi_notice_redemption')[0]?.rendered.body).toMatch(
      /bakiyenizden .*3\.000.* harcandı\. Satış: INV-9, .*DUR yazın/,
    );
    await topUp(5);
    await services().lookForNotices();
    expect(told(customer(5).phone, 'saksi_notice_topup')).toEqual([]);
  });

  it('tell managers of a redemption from the amount on that the store chose, whatever its customer agreed to', async () => {
    const agus = gateway().demo.staff.find(({ role }) => role === 'manager');
    if (agus?.phone == null) throw new Error('no manager');
    await enrolStaff({ gateway: gateway().gateway, graph: gateway().graph }, agus.id, agus.phone);
    await allow({ largeFrom: 20_000 });
    await redeem(3, 19_999);
    await redeem(1, 20_000);
    const alerts = () =>
      inbox(agus.phone ?? '').filter(({ rendered }) => rendered.body.includes('jumlah besar'));
    await eventually(() => alerts().length > 0, 'the alert');
    await services().lookForNotices();
    expect(alerts()).toHaveLength(1);
    expect(alerts()[0]?.rendered.body).toMatch(/Rp\s20\.000 milik Rizky Hidayat\..*INV-9/);
  });

  it('tell nothing of before a long pause', async () => {
    await agree(4);
    await allow({ topup: true });
    await topUp(4);
    await services().lookForNotices();
    const before = (await notices()).length;
    await db()
      .transaction()
      .execute(async (trx) => {
        await trx.deleteFrom('notices').execute();
        await trx.updateTable('notice_cursor').set({ transfer_id: 0, looked_at: 0 }).execute();
      });
    await services().lookForNotices();
    await services().lookForNotices();
    expect(await notices()).toHaveLength(before);
  });
});
