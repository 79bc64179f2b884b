import { beforeAll, describe, expect, it } from 'vitest';
import {
  call,
  describeGateway,
  eventually,
  sign,
  type TillClient,
  wish,
} from '../../test/fixtures/gateway.ts';
import { SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';

describeGateway('customers on WhatsApp', (gw) => {
  let till: TillClient;
  let serial = 0;
  beforeAll(async () => {
    till = await gw().pair();
  });
  const db = () => gw().gateway.services.engine.kysely;
  const customer = (index: number) => {
    const found = gw().demo.customers[index];
    if (found === undefined) throw new Error('no such customer');
    return found;
  };
  /** A signed webhook with one message of Meta's making. */
  async function deliver(message: Record<string, unknown>, contacts: object[] = []): Promise<void> {
    serial += 1;
    const id = `wamid.IDENTITY${serial}`;
    const value = {
      ...{
        messaging_product: 'whatsapp',
        metadata: { phone_number_id: SIM_DEFAULTS.phoneNumberId },
        contacts,
      },
      messages: [{ id, timestamp: String(Math.floor(Date.now() / 1000)), ...message }],
    };
    const raw = JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: SIM_DEFAULTS.wabaId, changes: [{ field: 'messages', value }] }],
    });
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(raw) };
    expect((await call(gw().url, 'POST', '/webhooks/whatsapp', { raw, headers })).status).toBe(200);
    const handled = () =>
      db()
        .selectFrom('inbound_messages')
        .select('outcome')
        .where('wamid', '=', id)
        .where('handled_at', 'is not', null)
        .executeTakeFirst();
    await eventually(handled, 'the message to be handled');
  }
  const text = (body: string) => ({ type: 'text', text: { body } });
  const identitiesOf = async (id: string) => {
    const rows = await db()
      .selectFrom('customer_identities')
      .selectAll()
      .where('customer_id', '=', id)
      .orderBy('kind')
      .orderBy('value')
      .execute();
    return rows.map(({ kind, value, ended_at: endedAt, evidence }) => [
      kind,
      value,
      evidence,
      endedAt === null ? 'holds' : 'ended',
    ]);
  };

  it('an account is joined by a webhook that carries both, and by none that carries one', async () => {
    const { id, phone } = customer(0);
    const number = phone.slice(1);
    await deliver({ from_user_id: 'ID.Alone1', ...text('halo') }, [
      { user_id: 'ID.Alone1', profile: { username: 'ayu' } },
    ]);
    await deliver({ from: number, ...text('halo') });
    expect(await identitiesOf(id)).toEqual([]);
    const both = { from: number, from_user_id: 'ID.Ayu1', ...text('halo') };
    await deliver(both, [{ wa_id: number, user_id: 'ID.Ayu1', profile: { username: 'ayu.pratiwi' } }]);
    expect(await identitiesOf(id)).toEqual([
      ['user_id', 'ID.Ayu1', 'webhook', 'holds'],
      ['username', 'ayu.pratiwi', 'webhook', 'holds'],
    ]);
    // The number is missing from now on; the name is another.
    await deliver({ from_user_id: 'ID.Ayu1', ...text('halo') }, [
      { user_id: 'ID.Ayu1', profile: { username: 'ayu.p' } },
    ]);
    expect(await identitiesOf(id)).toEqual([
      ['user_id', 'ID.Ayu1', 'webhook', 'holds'],
      ['username', 'ayu.p', 'webhook', 'holds'],
      ['username', 'ayu.pratiwi', 'webhook', 'ended'],
    ]);
  });

  it('a change that Meta tells of is followed, but to nobody else’s number', async () => {
    const [first, second] = [customer(1), customer(2)];
    const number = first.phone.slice(1);
    await deliver({ from: number, from_user_id: 'ID.Rizky1', ...text('halo') });
    const changed = (system: object) => ({ from: number, from_user_id: 'ID.Rizky1', type: 'system', system });
    await deliver(changed({ type: 'user_changed_number', wa_id: second.phone.slice(1) }));
    const phoneOf = async () =>
      (await db().selectFrom('customers').select('phone_e164').where('id', '=', first.id).executeTakeFirst())
        ?.phone_e164;
    expect(await phoneOf()).toBe(first.phone);
    await deliver(changed({ type: 'user_changed_number', wa_id: '6281299990001', user_id: 'ID.Rizky2' }));
    expect(await phoneOf()).toBe('+6281299990001');
    expect(await identitiesOf(first.id)).toEqual(
      [
        ['phone', first.phone, 'change', 'ended'],
        ['phone', '+6281299990001', 'change', 'holds'],
        ['user_id', 'ID.Rizky1', 'webhook', 'ended'],
        ['user_id', 'ID.Rizky2', 'change', 'holds'],
      ].sort(),
    );
  });

  it('a notice goes to the account where no number is known; a code does not', async () => {
    const { storeId } = gw().demo;
    const { admin, lookForNotices } = gw().gateway.services;
    const policy = structuredClone(await admin.run('policy show', { storeId }));
    policy.channels.notices.topup = true;
    await admin.run('policy set', { storeId, policy });
    const { id, phone } = customer(3);
    await admin.run('consent give', { storeId, customer: { id }, note: 'form of today' });
    const person = gw().graph.world.phones.get(phone.slice(1));
    await deliver({ from: phone.slice(1), from_user_id: person?.userId, ...text('halo') });
    await db().updateTable('customers').set({ phone_e164: null }).where('id', '=', id).execute();
    await lookForNotices();
    await admin.run('wallet credit', {
      storeId,
      customer: { id },
      asset: 'deposit',
      amount: 1_000 as never,
      key: 'identity-topup',
    });
    await eventually(async () => {
      await lookForNotices();
      return gw().graph.world.messages.some(
        ({ number, templateName, direction }) =>
          direction === 'to_phone' &&
          number === phone.slice(1) &&
          (templateName === 'saksi_notice_topup' || templateName === undefined),
      );
    }, 'the notice by the account');
    expect((await till.post('/v1/redemptions', wish(gw(), 3))).body.error.code).toBe(
      'customer_without_phone',
    );
  });

  it('a code goes by e-mail where no number is known, policy has it so, and the customer takes it so', async () => {
    const { storeId } = gw().demo;
    const { admin, messages } = gw().gateway.services;
    const { id } = customer(3);
    await admin.run('customer reach', { storeId, customer: { id }, email: 'hendra@example.com' });
    expect((await till.post('/v1/redemptions', wish(gw(), 3))).body.error.code).toBe(
      'customer_without_phone',
    );
    const policy = structuredClone(await admin.run('policy show', { storeId }));
    policy.channels.fallback = { enabled: true, order: ['email'], afterSeconds: 300 };
    await admin.run('policy set', { storeId, policy });
    await admin.run('customer reach', { storeId, customer: { id }, codeChannels: ['sms'] });
    expect((await till.post('/v1/redemptions', wish(gw(), 3))).body.error.code).toBe(
      'customer_without_phone',
    );
    await admin.run('customer reach', { storeId, customer: { id }, codeChannels: null });
    const made = (await till.post('/v1/redemptions', wish(gw(), 3))).body.redemption;
    // This gateway has no mail server: the message took that way, and says so.
    const look = async () => (await till.get(`/v1/redemptions/${made.id}`)).body.redemption.code.delivery;
    await eventually(async () => (await look()).state === 'failed', 'the mail to fail');
    expect(await look()).toMatchObject({ channel: 'email', reason: 'channel_down' });
    const row = await db()
      .selectFrom('messages')
      .select(['id', 'recipient_sealed'])
      .where('redemption_id', '=', made.id)
      .executeTakeFirstOrThrow();
    expect(messages.recipient(row.id, row.recipient_sealed)).toBe('hendra@example.com');
    gw().shiftClock(61_000);
    expect((await till.post(`/v1/redemptions/${made.id}/resend`)).body.redemption.code).toMatchObject({
      sends: 2,
    });
  });

  describe('“I didn’t request a code”', () => {
    it('is raised at the till that asked, once, and only on the word of who got it', async () => {
      const { phone } = customer(4);
      const reader = await till.events();
      await till.post('/v1/redemptions', wish(gw(), 4, { saleRef: 'S-FRAUD' }));
      const { wamid } = await gw().codeOf(phone);
      const tap = {
        type: 'button',
        button: { payload: 'DID_NOT_REQUEST', text: 'I didn’t request a code' },
        context: { id: wamid },
      };
      await deliver({ from: customer(5).phone.slice(1), ...tap });
      const rows = () => db().selectFrom('unrequested_codes').selectAll().execute();
      expect(await rows()).toEqual([]);
      await deliver({ from: phone.slice(1), ...tap });
      await deliver({ from: phone.slice(1), ...tap });
      expect(await rows()).toMatchObject([
        { about: 'redemption', sale_ref: 'S-FRAUD', customer_id: customer(4).id, till_id: till.tillId },
      ]);
      const alarms = () => reader.seen.filter(({ type }) => type === 'code.unrequested');
      await eventually(() => alarms().length > 0, 'the till to be told');
      expect(alarms()).toMatchObject([{ data: { alarm: { about: 'redemption', saleRef: 'S-FRAUD' } } }]);
      reader.close();
    });
  });
});
