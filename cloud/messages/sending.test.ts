import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startTestGateway, type TestGateway, wish } from '../../test/fixtures/gateway.ts';
import { SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';

describe('sending a code', () => {
  let gw: TestGateway;
  beforeAll(async () => {
    gw = await startTestGateway();
  });
  afterAll(() => gw.close());

  async function start(index: number) {
    const customer = gw.demo.customers[index];
    if (customer === undefined) throw new Error('no such customer');
    const till = await gw.pair();
    const created = await till.post('/v1/redemptions', wish(gw, index));
    const { id } = created.body.redemption;
    const message = () =>
      gw.gateway.services.engine.kysely
        .selectFrom('messages')
        .selectAll()
        .where('redemption_id', '=', id)
        .orderBy('serial', 'desc')
        .executeTakeFirstOrThrow();
    const reaches = (state: string) =>
      eventually(async () => ((await message()).state === state ? await message() : null), state);
    const sends = () =>
      gw.graph.requests.filter((it) => JSON.stringify(it.body).includes(`"${customer.phone.slice(1)}"`));
    return { till, id, customer, message, reaches, sends };
  }
  const fail = (code: number, index: number, times = 1) =>
    gw.graph.world.failures.push({ code, at: 'answer', to: gw.demo.customers[index]?.phone.slice(1), times });

  it('uses the template in the language of the customer', async () => {
    const { reaches, sends } = await start(5);
    expect((await reaches('accepted')).template).toBe('saksi_redemption_code/tr');
    expect(JSON.stringify(sends().at(-1)?.body)).toContain('"language":{"code":"tr"}');
  });

  it('gives up at once on what will not get better, and says why', async () => {
    fail(131026, 0);
    const { reaches, sends } = await start(0);
    expect(await reaches('failed')).toMatchObject({ reason: 'not_on_whatsapp', attempts: 1 });
    expect(sends()).toHaveLength(1);
  });

  it('tries again after trouble at WhatsApp, with the same code, and says meanwhile that it waits', async () => {
    fail(131000, 1);
    const { till, reaches, sends } = await start(1);
    const reader = await till.events('0');
    expect(await reaches('accepted')).toMatchObject({ reason: null, attempts: 2 });
    const codes = sends().map((it) => /"text":"(\d{6})"/.exec(JSON.stringify(it.body))?.[1]);
    expect(codes).toHaveLength(2);
    expect(codes[0]).toBe(codes[1]);
    const waits = () =>
      reader.seen.some(
        (event) => event.data.delivery?.reason === 'wait_moment' && event.data.delivery.retryAt,
      );
    await eventually(waits, 'the news that it waits');
    reader.close();
  });

  it('waits longer than the window that WhatsApp keeps for one person', async () => {
    fail(131056, 2);
    const { id, till, message } = await start(2);
    await eventually(async () => (await message()).reason === 'wait_person_limit', 'the reason');
    expect((await message()).state).toBe('queued');
    const { rows } = await sql<{ seconds: number }>`
      select extract(epoch from start_after - created_on)::int as seconds from pgboss.job
      where state = 'created' and data ->> 'messageId' = ${(await message()).id}`.execute(
      gw.gateway.services.engine.kysely,
    );
    expect(rows[0]?.seconds).toBeGreaterThanOrEqual(7);
    // The till reads how many wait.
    expect((await till.get('/v1/till')).body.messageQueue.waiting).toBeGreaterThanOrEqual(1);
    await till.post(`/v1/redemptions/${id}/cancel`, { reason: 'cashier' });
  });

  it('never sends a code that nobody waits for any more', async () => {
    fail(131000, 3);
    const { till, id, reaches, sends, message } = await start(3);
    await eventually(async () => (await message()).attempts === 1, 'the first attempt');
    await till.post(`/v1/redemptions/${id}/cancel`, { reason: 'customer' });
    expect(await reaches('failed')).toMatchObject({ reason: 'lapsed' });
    expect(sends()).toHaveLength(1);
  });

  it('never tries again when the code would have lapsed by then', async () => {
    fail(131000, 4, 9);
    const { reaches, message } = await start(4);
    await eventually(async () => (await message()).attempts >= 1, 'the first attempt');
    gw.shiftClock(299_900);
    expect(await reaches('failed')).toMatchObject({
      reason: expect.stringMatching(/^(lapsed|wait_moment)$/),
    });
    gw.shiftClock(-299_900);
    gw.graph.world.failures.length = 0;
  });

  it('never sends a code that lapsed meanwhile', async () => {
    fail(131000, 4);
    const { reaches, sends, message } = await start(4);
    await eventually(async () => (await message()).attempts === 1, 'the first attempt');
    gw.shiftClock(300_000);
    // Whatever else looks after what lapsed: at once.
    await gw.gateway.services.sendMessage((await message()).id);
    expect(await reaches('failed')).toMatchObject({ reason: 'lapsed', attempts: 1 });
    gw.shiftClock(-300_000);
    expect(sends().filter(({ status }) => status === 200)).toEqual([]);
  });

  it('sends nothing for a transaction that was rolled back', async () => {
    const { engine, messages } = gw.gateway.services;
    const { message, till, id } = await start(5);
    const { id: _, ...row } = await message();
    const before = gw.graph.requests.length;
    await expect(
      engine.kysely.transaction().execute(async (trx) => {
        const code = { redemptionId: id, serial: 2, storeId: gw.demo.storeId, tillId: till.tillId };
        const to = { phoneE164: '+6281234567806', language: 'tr', channel: 'whatsapp' } as const;
        const rest = { customerId: id, asset: 'deposit', amount: 1, currency: 'IDR' } as const;
        const { queue, row: kept } = messages.prepare({ ...code, ...to, ...rest, expiresAt: row.expires_at });
        await sql`select add_message(${queue}, ${kept}::jsonb)`.execute(trx);
        throw new Error('changed our mind');
      }),
    ).rejects.toThrow('changed our mind');
    gw.gateway.services.queue.wake();
    const { rows } = await sql<{ jobs: number }>`select count(*)::int as jobs from pgboss.job
      where data ->> 'messageId' not in (select id::text from messages)`.execute(engine.kysely);
    expect(rows[0]?.jobs).toBe(0);
    expect(gw.graph.requests.length - before).toBeLessThanOrEqual(1);
  });

  it('gives up a message whose job is gone, once its code is past', async () => {
    const { engine, messages } = gw.gateway.services;
    const { reaches } = await start(4);
    const { id } = await reaches('accepted');
    await engine.kysely.updateTable('messages').set({ state: 'queued' }).where('id', '=', id).execute();
    const state = async () =>
      engine.kysely
        .selectFrom('messages')
        .select(['state', 'reason'])
        .where('id', '=', id)
        .executeTakeFirst();
    gw.shiftClock(359_000);
    await messages.giveUpLapsed();
    expect((await state())?.state).toBe('queued');
    gw.shiftClock(2_000);
    await messages.giveUpLapsed();
    expect(await state()).toEqual({ state: 'failed', reason: 'lapsed' });
    gw.shiftClock(-361_000);
  });

  it('keeps the phone number sealed', async () => {
    const { message, customer } = await start(5);
    const row = await message();
    expect(JSON.stringify(row)).not.toContain(customer.phone.slice(-8));
    expect(gw.gateway.services.messages.address(row.id, row.recipient_sealed)).toEqual({
      phone: customer.phone,
    });
  });
});

describe('sending without a WhatsApp account', () => {
  let gw: TestGateway;
  beforeAll(async () => {
    gw = await startTestGateway({ config: { whatsapp: {} } });
  });
  afterAll(() => gw.close());

  it('fails at once, and works as soon as the operator sets the account', async () => {
    const till = await gw.pair();
    const created = await till.post('/v1/redemptions', wish(gw));
    const { id } = created.body.redemption;
    const delivery = async () => (await till.get(`/v1/redemptions/${id}`)).body.redemption.code.delivery;
    await eventually(async () => (await delivery()).state === 'failed', 'the failure');
    expect((await delivery()).reason).toBe('not_connected');

    const { phoneNumberId, accessToken, appSecret, verifyToken } = SIM_DEFAULTS;
    await gw.gateway.services.admin.run('whatsapp set', { phoneNumberId, accessToken });
    await gw.gateway.services.admin.run('whatsapp set', { appSecret, verifyToken });
    expect(await gw.gateway.services.admin.run('whatsapp show', {})).toEqual({
      ...{ phoneNumberId, wabaId: null, accessToken: true, appSecret: true, verifyToken: true },
    });
    const row = await gw.gateway.services.engine.kysely
      .selectFrom('whatsapp_accounts')
      .selectAll()
      .executeTakeFirstOrThrow();
    for (const secret of [accessToken, appSecret, verifyToken]) {
      expect(JSON.stringify(row)).not.toContain(secret);
    }
    gw.shiftClock(61_000);
    await till.post(`/v1/redemptions/${id}/resend`);
    await eventually(async () => (await delivery()).state === 'read', 'the delivery');
  });
});

describe('sending while WhatsApp is out of reach', () => {
  let gw: TestGateway;
  beforeAll(async () => {
    // Port 9 is discard: nobody listens there.
    gw = await startTestGateway({ config: { graphUrl: 'http://127.0.0.1:9' } });
  });
  afterAll(() => gw.close());

  it('goes on trying, and says that it waits', async () => {
    const till = await gw.pair();
    const created = await till.post('/v1/redemptions', wish(gw));
    const path = `/v1/redemptions/${created.body.redemption.id}`;
    await eventually(async () => {
      const { delivery } = (await till.get(path)).body.redemption.code;
      return delivery.state === 'queued' && delivery.reason === 'wait_moment';
    }, 'the reason');
    const { engine } = gw.gateway.services;
    const attempts = () => engine.kysely.selectFrom('messages').select('attempts').executeTakeFirstOrThrow();
    await eventually(async () => (await attempts()).attempts >= 2, 'another attempt');
    // Neither the token nor the code came into the log with the failure.
    expect(gw.log.join('')).not.toContain(SIM_DEFAULTS.accessToken);
  });
});
