import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  startTestGateway,
  type TestGateway,
  type TillClient,
  wish,
} from '../../test/fixtures/gateway.ts';
import type { StaffMessage } from '../messages/store.ts';

const NOTICES = 40;

describe('sending within the limits', () => {
  let gw: TestGateway;
  let till: TillClient;
  beforeAll(async () => {
    gw = await startTestGateway();
    till = await gw.pair();
  });
  afterAll(() => gw.close());

  const set = (fields: Record<string, number | null>) => gw.gateway.services.admin.run('limits set', fields);

  async function queueNotices(count: number): Promise<void> {
    const { engine, messages, queue } = gw.gateway.services;
    const words = ['Toko', 'Kasir', '26 November', 'Dewi'];
    const content = { kind: 'utility', template: 'saksi_drawer_unexplained', words } as const;
    const notices = Array.from(
      { length: count },
      (_, n): StaffMessage => ({
        ...{
          kind: 'drawer_alert',
          storeId: gw.demo.storeId,
          tillId: till.tillId,
          question: null,
          language: 'id',
        },
        ...{ address: { phone: `+62812900${10_000 + n}` }, content, expiresAt: Date.now() + 600_000 },
      }),
    );
    await engine.kysely.transaction().execute((trx) => messages.addForStaff(trx, notices));
    queue.wake();
  }
  const sent = () =>
    gw.graph.requests
      .filter(({ status }) => status === 200)
      .map(({ body }) => (body as { template?: { name: string } } | undefined)?.template?.name);

  it('sends a code before the notices that were queued before it', async () => {
    await set({ perSecond: 10 });
    await queueNotices(NOTICES);
    await eventually(() => sent().length >= 3, 'the first notices');
    const before = sent().length;
    await till.post('/v1/redemptions', wish(gw, 0));
    await eventually(() => sent().includes('saksi_redemption_code'), 'the code');
    // A second's worth may have gone meanwhile, not the forty.
    expect(sent().indexOf('saksi_redemption_code') - before).toBeLessThan(NOTICES / 2);
    await set({ perSecond: 0 });
    await eventually(() => sent().length >= NOTICES + 1, 'the rest');
  });

  it('goes slower when WhatsApp says that it is too much, and sends it later', async () => {
    await set({ perSecond: 100 });
    gw.graph.world.failures.push({ code: 130429, at: 'answer', times: 1 });
    const created = await till.post('/v1/redemptions', wish(gw, 1));
    const path = `/v1/redemptions/${created.body.redemption.id}`;
    const delivery = async () => (await till.get(path)).body.redemption.code.delivery;
    await eventually(async () => /^(delivered|read)$/.test((await delivery()).state), 'the delivery');
    expect(await gw.gateway.services.admin.run('limits show', {})).toMatchObject({ slowed_to: 70 });
  });

  it('fails at once what could only go after its time, and takes nothing for it', async () => {
    await set({ perSecond: 0, pairPeriodMs: 0, dailyPeople: 1 });
    await till.post('/v1/redemptions', wish(gw, 2));
    const created = await till.post('/v1/redemptions', wish(gw, 3));
    const path = `/v1/redemptions/${created.body.redemption.id}`;
    const delivery = async () => (await till.get(path)).body.redemption.code.delivery;
    await eventually(async () => (await delivery()).state === 'failed', 'the failure');
    expect(await delivery()).toMatchObject({ reason: 'daily_limit' });
    await set({ dailyPeople: null });
  });

  it('does not send a code that nobody waits for any more when its turn comes', async () => {
    await set({ perSecond: 1, dailyPeople: null });
    const created = [];
    for (let index = 0; index < 4; index += 1) {
      created.push((await till.post('/v1/redemptions', wish(gw, index))).body.redemption.id as string);
    }
    // They are in hand by now, and go one a second.
    const waitingIn = async () =>
      (await gw.gateway.services.engine.script('select 1 from message_batches')).length;
    await eventually(async () => (await waitingIn()) > 0, 'the batch in hand');
    const last = created.at(-1);
    const before = sent().length;
    await till.post(`/v1/redemptions/${last}/cancel`, { reason: 'customer' });
    const message = () =>
      gw.gateway.services.engine.kysely
        .selectFrom('messages')
        .select(['state', 'reason'])
        .where('redemption_id', '=', last ?? '')
        .executeTakeFirstOrThrow();
    await eventually(async () => (await message()).state !== 'queued', 'its end');
    expect(await message()).toEqual({ state: 'failed', reason: 'lapsed' });
    expect(sent().length - before).toBeLessThanOrEqual(created.length - 1);
    await set({ perSecond: 0 });
  }, 20_000);

  it('learns from webhooks how many people a day it may write to', async () => {
    gw.graph.world.setDailyPeople(2000);
    const { admin } = gw.gateway.services;
    await eventually(async () => (await admin.run('limits show', {})).daily_people === 2000, 'the limit');
    gw.graph.world.rateLimits.limits.dailyPeople = 10_000;
    expect(await admin.run('limits refresh', {})).toMatchObject({ daily_people: 10_000, quality: 'GREEN' });
    gw.graph.world.rateLimits.limits.dailyPeople = null;
    expect(await admin.run('limits refresh', {})).toMatchObject({ daily_people: null });
  });

  it('says until when a message waits for its person', async () => {
    await set({ pairPeriodMs: 60_000, pairBurst: 1 });
    const before = sent().length;
    await till.post('/v1/redemptions', wish(gw, 4));
    const reader = await till.events('0');
    await eventually(() => sent().length > before, 'the first');
    const second = await till.post('/v1/redemptions', wish(gw, 4));
    const { id } = second.body.redemption;
    const waits = await eventually(
      () => reader.seen.find(({ data }) => data.redemptionId === id && data.delivery.retryAt),
      'the news that it waits',
    );
    const { delivery } = waits.data;
    expect(delivery).toMatchObject({ state: 'queued', reason: 'wait_person_limit' });
    expect(delivery.retryAt - Date.now()).toBeGreaterThan(30_000);
    expect((await till.get(`/v1/redemptions/${id}`)).body.redemption.code.delivery).toEqual(delivery);
    reader.close();
  });
});
