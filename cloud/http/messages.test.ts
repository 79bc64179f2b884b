import { expect, it } from 'vitest';
import { MESSAGE_LOG_PATH, messagePageSchema } from '../../shared/message-log.ts';
import { describeGateway, eventually, type TillClient, wish } from '../../test/fixtures/gateway.ts';

describeGateway('the message log', (getGateway) => {
  const page = async (till: TillClient, query = '') => {
    const { status, body } = await till.get(`${MESSAGE_LOG_PATH}${query}`);
    expect(status).toBe(200);
    return messagePageSchema.parse(body);
  };
  const customerAt = (index: number) => {
    const found = getGateway().demo.customers[index];
    if (found?.phone == null) throw new Error('no customer with a phone');
    return { name: found.name, phone: found.phone };
  };

  it('shows how far each message came, for whom and by whom, and neither code nor number', async () => {
    const gw = getGateway();
    const till = await gw.pair('Kasir Log');
    const { phone, name } = customerAt(0);
    const cashier = gw.demo.staff.find(({ role }) => role === 'cashier');
    await till.post('/v1/redemptions', wish(gw, 0, { saleRef: 'LOG-1', staffId: cashier?.id }));
    const { code } = await gw.codeOf(phone);
    const message = await eventually(async () => {
      const { messages } = await page(till, '?q=LOG-1');
      const [found] = messages;
      return found?.state === 'read' && found.history.length === 3 ? found : undefined;
    }, 'a message that was read');
    expect(message).toMatchObject({
      ...{ kind: 'code', channel: 'whatsapp', state: 'read', reason: null, attempts: 1, saleRef: 'LOG-1' },
      ...{ recipient: name, tillName: 'Kasir Log', causedBy: cashier?.name },
      history: [{ state: 'sent' }, { state: 'delivered' }, { state: 'read' }],
    });
    await gw.gateway.services.settleCredit();
    const { messages: settled } = await page(till, '?q=LOG-1');
    expect(settled[0]?.cost).toEqual({ state: 'spent', amount: 367, currency: 'IDR' });
    expect(message.phoneMasked).toMatch(/^\+62•+\d{4}$/);
    expect(JSON.stringify(message)).not.toContain(code);
    expect(JSON.stringify(message)).not.toContain(phone.slice(1));
  });

  it('is narrowed by kind, state, time, customer and number', async () => {
    const gw = getGateway();
    const till = await gw.pair();
    const { phone, name } = customerAt(1);
    await till.post('/v1/redemptions', wish(gw, 1));
    await gw.codeOf(phone);
    const found = async (query: string) =>
      (await page(till, query)).messages.map(({ recipient }) => recipient);
    const national = `0${phone.slice(3)}`;
    for (const q of [name.slice(0, 4).toUpperCase(), national, phone]) {
      expect(new Set(await found(`?q=${encodeURIComponent(q)}`)), q).toEqual(new Set([name]));
    }
    expect(await found('?q=%25%25%25')).toEqual([]);
    expect(await found('?kind=drawer_alert')).toEqual([]);
    expect(await found('?state=failed')).toEqual([]);
    expect(await found(`?to=${Date.now() - 3_600_000}`)).toEqual([]);
    expect((await found(`?from=${Date.now() - 3_600_000}&kind=code`)).length).toBeGreaterThan(0);
    expect((await till.get(`${MESSAGE_LOG_PATH}?kind=nonsense`)).status).toBe(400);
  });

  it('goes page by page through all of them once, and shows a store its own alone', async () => {
    const gw = getGateway();
    const till = await gw.pair();
    const { kysely } = gw.gateway.services.engine;
    const { body } = await till.post('/v1/redemptions', wish(gw, 2));
    const row = await kysely
      .selectFrom('messages')
      .selectAll()
      .where('redemption_id', '=', body.redemption.id)
      .executeTakeFirstOrThrow();
    // All at the same moment: their ids keep them apart.
    const copies = Array.from({ length: 120 }, (_, index) => index + 10);
    const address = gw.gateway.services.messages;
    for (const serial of copies) {
      const queued = address.prepare({
        ...{ storeId: row.store_id ?? '', tillId: till.tillId, redemptionId: body.redemption.id, serial },
        ...{ channel: 'whatsapp', phoneE164: '+6281311112222', language: 'id', expiresAt: row.expires_at },
        ...{ customerId: '', asset: 'deposit', amount: 1_000, currency: 'IDR' },
      });
      const copy = { ...JSON.parse(queued.row), created_at: row.created_at, wamid: null };
      await kysely.insertInto('messages').values(copy).execute();
    }
    const seen: string[] = [];
    let after = '';
    do {
      const { messages, next } = await page(till, `?kind=code${after}`);
      seen.push(...messages.map((one) => one.id));
      after = next === null ? '' : `&after=${next}`;
    } while (after !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(121);
    const { messages: waiting } = await page(till, '?kind=code&state=queued');
    expect(waiting.map(({ cost }) => cost?.state)).toContain('held');
    expect(waiting.find(({ cost }) => cost?.state === 'held')?.cost?.amount).toBe(367);

    const { storeId } = await gw.gateway.services.admin.run('store add', {
      ...{ name: 'Lain', address: '', footer: '', country: 'ID', currency: 'IDR', language: 'id' },
      timezone: 'Asia/Jakarta',
    });
    const { messages } = await gw.gateway.services.messageLog.page(storeId, {});
    expect(messages).toEqual([]);
  });
});
