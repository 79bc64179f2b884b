import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ChannelPolicy } from '../../shared/channel-policy.ts';
import { systemEffects } from '../../shared/effects.ts';
import {
  describeGateway,
  eventually,
  sign,
  type TestGateway,
  type TillClient,
  wish,
} from '../../test/fixtures/gateway.ts';
import { SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';
import { VirtualSmsProvider } from '../../test/sim/sms/provider.ts';
import { createFallback } from './fallback.ts';

const CODE = /\b\d{6}\b/;

describeGateway('codes that do not arrive', (gateway) => {
  let gw: TestGateway;
  let till: TillClient;
  let provider: VirtualSmsProvider;

  beforeAll(async () => {
    gw = gateway();
    till = await gw.pair();
    provider = new VirtualSmsProvider();
    await provider.listen();
    const settings = await provider.settings(gw.url);
    await gw.gateway.services.admin.run('channels set', { kind: 'sms', settings });
  });
  afterAll(() => provider.close());
  afterEach(() => {
    gw.graph.world.failures.length = 0;
    provider.texts.length = 0;
    provider.refusals.length = 0;
  });

  const db = () => gw.gateway.services.engine.kysely;
  const customer = (index: number) => {
    const found = gw.demo.customers[index];
    if (found === undefined) throw new Error('no such customer');
    return found;
  };
  const fail = (code: number, index: number, at: 'answer' | 'webhook' = 'answer') =>
    gw.graph.world.failures.push({ code, at, to: customer(index).phone.slice(1), times: 1 });

  async function allow(fallback: Partial<ChannelPolicy['fallback']>): Promise<void> {
    const { storeId } = gw.demo;
    const policy = (await gw.gateway.services.admin.run('policy show', { storeId })) as Record<
      string,
      unknown
    >;
    const channels = { fallback: { enabled: true, order: ['sms', 'email'], afterSeconds: 45, ...fallback } };
    await gw.gateway.services.admin.run('policy set', { storeId, policy: { ...policy, channels } as never });
  }

  async function start(index: number) {
    const { id } = (await till.post('/v1/redemptions', wish(gw, index))).body.redemption;
    const delivery = async () => (await till.get(`/v1/redemptions/${id}`)).body.redemption.code?.delivery;
    const message = () =>
      db()
        .selectFrom('messages')
        .selectAll()
        .where('redemption_id', '=', id)
        .orderBy('serial', 'desc')
        .executeTakeFirstOrThrow();
    const reaches = (channel: string, state: string) =>
      eventually(async () => {
        const now = await delivery();
        return now?.channel === channel && now.state === state ? now : null;
      }, `${channel} ${state}`);
    const moves = async () => {
      const { id: messageId } = await message();
      return db().selectFrom('channel_moves').selectAll().where('message_id', '=', messageId).execute();
    };
    const end = () => till.post(`/v1/redemptions/${id}/cancel`, { reason: 'cashier' });
    return { id, delivery, message, reaches, moves, end };
  }
  /** Two looks after each other see all there is to see. */
  const look = () => gw.gateway.services.lookForFallback();
  const textTo = (index: number) =>
    eventually(() => provider.texts.find(({ to }) => to === customer(index).phone), 'the SMS');

  it('goes no other way while the shop does not want it', async () => {
    fail(131026, 0);
    const { reaches, end } = await start(0);
    expect((await reaches('whatsapp', 'failed')).reason).toBe('not_on_whatsapp');
    await look();
    expect(provider.asked).toBe(0);
    await end();
  });

  it('sends the same code by SMS when WhatsApp failed, and the redemption is captured with it', async () => {
    await allow({});
    fail(131026, 0);
    const reader = await till.events('0');
    const { id, reaches, moves, message } = await start(0);
    const { text, to } = await textTo(0);
    await reaches('sms', 'accepted');
    expect(to).toBe(customer(0).phone);
    expect(text).toMatch(/^Toko Saksi: kode \d{6} untuk Rp 1\.000, berlaku [45] menit\./);
    expect(text).not.toMatch(/http|www/);
    expect(await moves()).toMatchObject([
      { from_channel: 'whatsapp', to_channel: 'sms', state: 'failed', reason: 'not_on_whatsapp' },
    ]);
    const seen = () =>
      reader.seen.some(
        ({ data }) => data.redemptionId === id && data.sends === 1 && data.delivery.channel === 'sms',
      );
    await eventually(seen, 'the news of the other channel');
    reader.close();
    const code = CODE.exec(text)?.[0] ?? '';
    const verified = await till.post(`/v1/redemptions/${id}/verify`, { code });
    expect(verified.body.redemption.status).toBe('authorised');
    const captured = await till.post(`/v1/redemptions/${id}/capture`, {
      settledAt: Date.now(),
      slip: 'printed',
    });
    expect(captured.status).toBe(200);
    expect(provider.texts).toHaveLength(1);
    // Neither the code nor the number stand anywhere in clear.
    const { rows } = await sql<{ found: number }>`select (select count(*) from channel_sends s
        where s::text like ${`%${code}%`}) + (select count(*) from messages m where m::text like ${`%"${code}"%`})
      as found`.execute(db());
    expect(rows[0]?.found).toBe(0);
    expect((await message()).recipient_sealed).not.toContain(customer(0).phone);
    expect(gw.log.filter((line) => line.includes(code) || line.includes(customer(0).phone))).toEqual([]);
  });

  it('reads what there is to send by before it holds the database, which would wait for itself', async () => {
    await allow({});
    const { services } = gw.gateway;
    let reads = 0;
    const channels = {
      get: (kind: 'sms' | 'email') => {
        reads += 1;
        return services.channels.get(kind);
      },
    };
    const { engine, queue, events } = services;
    const mine = createFallback({
      ...{ engine, queue, events, channels, effects: systemEffects, secretsKey: new Uint8Array(32) },
    });
    fail(131026, 3);
    const { moves, end } = await start(3);
    let looks = 0;
    await eventually(async () => {
      await mine();
      looks += 1;
      return (await moves()).length > 0;
    }, 'another channel');
    expect(reads).toBe(2 * looks);
    await end();
  });

  it('sends by SMS what WhatsApp did not bring in time, once, however often is looked', async () => {
    await allow({});
    gw.graph.addPhone({ number: customer(1).phone.slice(1), online: false });
    const { reaches, moves, message, end } = await start(1);
    await eventually(async () => (await message()).state === 'sent', 'WhatsApp took it');
    await look();
    expect(provider.texts).toEqual([]);
    gw.shiftClock(46_000);
    await Promise.all([look(), look(), look()]);
    await textTo(1);
    await reaches('sms', 'accepted');
    await Promise.all([look(), look()]);
    expect(provider.texts).toHaveLength(1);
    expect(await moves()).toMatchObject([{ to_channel: 'sms', state: 'sent', reason: null }]);
    gw.graph.addPhone({ number: customer(1).phone.slice(1), online: true });
    await end();
  });

  it('what WhatsApp still says of a code that went by SMS does not count', async () => {
    await allow({});
    fail(131026, 2);
    const { message, reaches, end } = await start(2);
    await textTo(2);
    await reaches('sms', 'accepted');
    const { id } = await message();
    const status = {
      id: 'wamid.late',
      status: 'failed',
      timestamp: '1767225600',
      recipient_id: '6281234567803',
    };
    const value = {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '628', phone_number_id: SIM_DEFAULTS.phoneNumberId },
      statuses: [{ ...status, biz_opaque_callback_data: id, errors: [{ code: 131026, title: 'x' }] }],
    };
    const body = JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: SIM_DEFAULTS.wabaId, changes: [{ field: 'messages', value }] }],
    });
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(body) };
    const answer = await fetch(`${gw.url}/webhooks/whatsapp`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    await gw.gateway.services.statuses.apply();
    expect((await message()).state).toBe('accepted');
    await end();
  });

  it('hears from the provider how far the SMS came, and from nobody else', async () => {
    await allow({});
    fail(131026, 3);
    const { reaches, end, delivery } = await start(3);
    const text = await textTo(3);
    await reaches('sms', 'accepted');
    const forged = { ...text, callback: text.callback.replace(/t=.*/, `t=${'A'.repeat(16)}`) };
    expect(await provider.report(forged, { MessageStatus: 'delivered' })).toBe(401);
    expect(await provider.report(text, { MessageStatus: 'delivered' }, 'other secret')).toBe(401);
    expect((await delivery()).state).toBe('accepted');
    expect(await provider.report(text, { MessageStatus: 'sent' })).toBe(200);
    await reaches('sms', 'sent');
    expect(await provider.report(text, { MessageStatus: 'delivered' })).toBe(200);
    await reaches('sms', 'delivered');
    await end();
  });

  it('is handed to the provider once, though two jobs have it in hand', async () => {
    await allow({});
    let release = () => {};
    provider.held = new Promise((resolve) => {
      release = resolve;
    });
    fail(131026, 4);
    const asked = provider.asked;
    const { message, reaches, end } = await start(4);
    await eventually(() => provider.asked > asked, 'the request');
    const { id } = await message();
    await Promise.all([gw.gateway.services.sendMessage(id), gw.gateway.services.sendMessage(id)]);
    release();
    await reaches('sms', 'accepted');
    expect(provider.asked - asked).toBe(1);
    await end();
  });

  it('tries a busy provider again, and gives up one that refuses', async () => {
    await allow({});
    fail(131026, 4);
    provider.refusals.push({ status: 429, code: 20429 });
    const one = await start(4);
    expect((await textTo(4)).text).toMatch(/code \d{6} for/);
    await one.reaches('sms', 'accepted');
    await one.end();
    fail(131026, 5);
    provider.refusals.push({ status: 400, code: 21211 });
    const other = await start(5);
    expect((await other.reaches('sms', 'failed')).reason).toBe('wrong_number');
    // There is no e-mail here: it stays failed, and is not looked at again.
    await eventually(async () => (await other.message()).fallback_over === true, 'the end of all ways');
    await other.end();
  });

  it('goes over no channel that the customer does not want', async () => {
    await allow({});
    const { storeId } = gw.demo;
    const ref = { storeId, customer: { id: customer(0).id } };
    await gw.gateway.services.admin.run('customer reach', { ...ref, codeChannels: [] });
    fail(131026, 0);
    const { message, delivery, end } = await start(0);
    await eventually(async () => (await message()).fallback_over === true, 'the end of all ways');
    expect(await delivery()).toMatchObject({
      channel: 'whatsapp',
      state: 'failed',
      reason: 'not_on_whatsapp',
    });
    expect(provider.texts).toEqual([]);
    await gw.gateway.services.admin.run('customer reach', { ...ref, codeChannels: null });
    await end();
  });

  it('sends nothing that would come too late, or that nobody waits for', async () => {
    await allow({});
    gw.graph.addPhone({ number: customer(1).phone.slice(1), online: false });
    const late = await start(1);
    await eventually(async () => (await late.message()).state === 'sent', 'WhatsApp took it');
    gw.shiftClock(285_000);
    await look();
    await late.end();
    const ended = await start(1);
    await eventually(async () => (await ended.message()).state === 'sent', 'WhatsApp took it');
    await ended.end();
    gw.shiftClock(60_000);
    await look();
    expect((await ended.message()).channel).toBe('whatsapp');
    gw.graph.addPhone({ number: customer(1).phone.slice(1), online: true });
    expect(provider.texts).toEqual([]);
  });

  it('leaves a code alone in whose place there is a newer one', async () => {
    await allow({ enabled: false });
    fail(131026, 3);
    const { id, reaches, end } = await start(3);
    await reaches('whatsapp', 'failed');
    gw.shiftClock(61_000);
    expect((await till.post(`/v1/redemptions/${id}/resend`, {})).status).toBe(200);
    await reaches('whatsapp', 'read');
    await allow({});
    await look();
    const moved = await db()
      .selectFrom('messages')
      .select('serial')
      .where('redemption_id', '=', id)
      .where('channel', '=', 'sms')
      .execute();
    expect(moved).toEqual([]);
    await end();
  });

  it('begins on WhatsApp again when the cashier sends a new code', async () => {
    await allow({});
    fail(131026, 2);
    const { id, reaches, end } = await start(2);
    const { text } = await textTo(2);
    await reaches('sms', 'accepted');
    gw.shiftClock(61_000);
    const resent = await till.post(`/v1/redemptions/${id}/resend`, {});
    expect(resent.status).toBe(200);
    const { code } = await gw.codeOf(customer(2).phone);
    await eventually(async () => (await reaches('whatsapp', 'read')) ?? null, 'WhatsApp');
    expect(code).not.toBe(CODE.exec(text)?.[0]);
    expect(provider.texts).toHaveLength(1);
    await end();
  });
});
