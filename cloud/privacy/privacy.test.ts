import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import type { CustomerExport, Erasure } from '../../shared/privacy.ts';
import { PRIVACY_PATHS } from '../../shared/privacy.ts';
import { describeGateway, eventually, type TillClient } from '../../test/fixtures/gateway.ts';
import { pageOf, signedIn } from '../../test/fixtures/setup-page.ts';

const DAY_MS = 86_400_000;
const NAME = 'Zainal Erasmus';
const PHONE = '+6281355501234';
const EMAIL = 'zainal.erasmus@example.com';
const MEMBER_NO = 'ZZ-7788';
const USER_ID = 'ID.ZainalErasmus0001';

describeGateway('privacy', (gw) => {
  let till: TillClient;
  let customerId: string;
  let storeId: string;
  const admin = () => gw().gateway.services.admin;
  const db = () => gw().gateway.services.engine.kysely;
  const staff = (role: string) => {
    const found = gw().demo.staff.find((one) => one.role === role);
    if (found === undefined) throw new Error(`no ${role}`);
    return found;
  };
  const credit = (amount: number, key: string) =>
    admin().run('wallet credit', {
      ...{ storeId, customer: { id: customerId }, asset: 'deposit', amount: amount as never, key },
    });
  const redeem = async (amount: number) => {
    const body = {
      customer: { id: customerId },
      asset: 'deposit',
      amount,
      saleRef: `S-${amount}`,
      drawer: false,
    };
    return (await till.post('/v1/redemptions', { ...body, staffId: staff('cashier').id })).body;
  };
  /** Pays all of it out, with the code that the phone shows. */
  async function redeemWhole(amount: number, after?: string): Promise<string> {
    const { id } = (await redeem(amount)).redemption;
    const { code, wamid } = await gw().codeOf(PHONE, after);
    await till.post(`/v1/redemptions/${id}/verify`, { code });
    await till.post(`/v1/redemptions/${id}/capture`, { settledAt: Date.now(), slip: 'printed' });
    return wamid;
  }
  const erase = (fields: object = {}) =>
    admin().run('customer erase', {
      storeId,
      customer: { id: customerId },
      note: 'letter of 2026-11-20',
      ...fields,
    });

  beforeAll(async () => {
    till = await gw().pair();
    ({ storeId } = gw().demo);
    const policy = structuredClone(await admin().run('policy show', { storeId }));
    policy.channels.notices = { redemption: true, topup: true, largeFrom: 30_000 };
    await admin().run('policy set', { storeId, policy });
    const made = await admin().run('customer add', {
      storeId,
      name: NAME,
      phone: PHONE,
      memberNo: MEMBER_NO,
    });
    customerId = made.id;
    await admin().run('customer reach', { storeId, customer: { id: customerId }, email: EMAIL });
    gw().graph.addPhone({ number: PHONE.slice(1), name: NAME });
    // By their own word, so that what they wrote is there to be erased.
    gw().graph.world.reply(PHONE.slice(1), { text: 'MULAI' });
    await eventually(
      async () =>
        (await db().selectFrom('consents').select('id').where('customer_id', '=', customerId).execute())
          .length > 0,
      'the consent',
    );
    await gw().gateway.services.lookForNotices();
    await credit(50_000, 'privacy-topup-1');
    await db()
      .insertInto('customer_identities')
      .values({
        ...{
          customer_id: customerId,
          store_id: storeId,
          kind: 'user_id',
          value: USER_ID,
          evidence: 'webhook',
        },
        ...{ first_seen_at: 1, last_seen_at: 1, ended_at: null },
      })
      .execute();
  });

  /** Every row of every table, as text, in which one of these stands, plainly or as WhatsApp's ids have it. */
  async function findEverywhere(words: readonly string[]): Promise<string[]> {
    const wanted = words.flatMap((word) => [word, ...base64Of(word)]);
    const { rows: tables } = await sql<{ name: string }>`
      select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(
      db(),
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.raw(name)} t`.execute(
        db(),
      );
      for (const { text } of rows)
        for (const word of wanted)
          if (text.toLowerCase().includes(word.toLowerCase())) found.push(`${name}: ${word}`);
    }
    return [...new Set(found)];
  }

  it('hands out all that is kept of a customer, with codes masked', async () => {
    const wamid = await redeemWhole(40_000);
    await redeemWhole(9_000, wamid);
    await gw().gateway.services.lookForNotices();
    await till.post('/v1/approvals', {
      ...{ kind: 'void', amount: 1_000, basisPoints: null, reason: { key: 'wrong_item', text: null } },
      ...{ note: `for ${NAME}`, saleRef: 'INV-9', staffId: staff('cashier').id },
    });
    await eventually(
      () => gw().graph.world.messages.some(({ templateName }) => templateName === 'saksi_large_redemption'),
      'the managers’ alert',
    );
    const settled = async () =>
      (await db().selectFrom('messages').select('id').where('state', 'in', ['queued', 'accepted']).execute())
        .length === 0;
    await eventually(settled, 'all messages to have gone');

    const page = await signedIn(gw());
    const { body } = await page.post(PRIVACY_PATHS.export, { storeId, customer: { phone: PHONE } });
    const exported = body as CustomerExport;
    expect(exported.profile).toMatchObject({ name: NAME, phone: PHONE, email: EMAIL, memberNo: MEMBER_NO });
    expect(exported.identities).toContainEqual(expect.objectContaining({ kind: 'user_id', value: USER_ID }));
    expect(exported.balances).toContainEqual({ asset: 'deposit', available: 1_000, reserved: 0 });
    expect(exported.postings.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['credit', 50_000],
      ...[40_000, 9_000].flatMap((amount) => [
        ['reserve', amount],
        ['capture', amount],
      ]),
    ]);
    expect(exported.consents).toMatchObject([{ given: true, how: 'whatsapp' }]);
    const kinds = exported.messages.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'code')).toHaveLength(2);
    expect(kinds).toContain('notice');
    expect(kinds).toContain('note');
    for (const { kind, words } of exported.messages) if (kind === 'code') expect(words).toEqual(['••••••']);
    expect(await page.refused(PRIVACY_PATHS.export, { storeId, customer: { id: storeId } })).toBe(
      'customer_unknown',
    );
    expect(await pageOf(gw()).refused(PRIVACY_PATHS.export, { storeId, customer: { id: customerId } })).toBe(
      'web_session_ended',
    );
  });

  it('erases nobody with something open', async () => {
    await expect(erase()).rejects.toMatchObject({
      code: 'customer_has_balance',
      params: { deposit: 1_000, points: 0 },
    });
    const { id } = (await redeem(1_000)).redemption;
    await expect(erase()).rejects.toMatchObject({ code: 'customer_has_open', params: { count: 1 } });
    await till.post(`/v1/redemptions/${id}/cancel`, { reason: 'customer' });
    const [manager, cashier] = [staff('manager'), staff('cashier')];
    await expect(erase({ force: { staffId: cashier.id, pin: cashier.pin } })).rejects.toMatchObject({
      code: 'role_not_allowed',
    });
    await expect(erase({ force: { staffId: manager.id, pin: '0000' } })).rejects.toMatchObject({
      code: 'pin_wrong',
    });
    expect(await findEverywhere([NAME])).not.toEqual([]);
  });

  it('erases all that names them, on a manager’s word; the books stay, and a stone', async () => {
    const reached = (await till.get('/v1/wallets?after=0')).body;
    expect(reached.wallets.map(({ customer }: { customer: { id: string } }) => customer.id)).toContain(
      customerId,
    );
    const balancesBefore = await db()
      .selectFrom('transfers')
      .select(sql<number>`count(*)::int`.as('n'))
      .executeTakeFirstOrThrow();
    const manager = staff('manager');
    const page = await signedIn(gw());
    const wish = { storeId, customer: { phone: PHONE }, note: 'letter of 2026-11-20' };
    const { body } = await page.post(PRIVACY_PATHS.erase, {
      ...wish,
      force: { staffId: manager.id, pin: manager.pin },
    });
    const stone = body as Erasure;
    expect(stone).toMatchObject({
      ...{ customerId, storeId, by: 'operator', note: 'letter of 2026-11-20', forcedBy: manager.id },
      open: { redemptions: 0, deposit: 1_000, points: 0 },
    });
    expect(stone.messages).toBeGreaterThan(4);
    expect(await findEverywhere([NAME, PHONE.slice(3), EMAIL, MEMBER_NO, USER_ID])).toEqual([]);

    // Again it is the same stone, by the id that is left.
    expect(await erase()).toEqual(stone);
    await expect(sql`update erasures set note = 'x'`.execute(db())).rejects.toThrow('append-only');
    await expect(sql`update handovers set note = note`.execute(db())).resolves.toBeDefined();

    const transfers = await db()
      .selectFrom('transfers')
      .select(sql<number>`count(*)::int`.as('n'))
      .executeTakeFirstOrThrow();
    expect(transfers).toEqual(balancesBefore);
    expect(await admin().run('ledger check', {})).toMatchObject({ ok: true });
    expect(await admin().run('credit check', {})).toMatchObject({ ok: true });
    expect((await till.get(`/v1/customers?q=${MEMBER_NO}`)).body.customers).toEqual([]);
    expect((await redeem(1_000)).error.code).toBe('customer_unknown');
    const told = await eventually(async () => {
      const pageOf = (await till.get(`/v1/wallets?after=${reached.next}`)).body;
      return pageOf.gone.length > 0 ? pageOf : null;
    }, 'tills to be told');
    expect(told).toMatchObject({ gone: [customerId], wallets: [] });
    // Their messages are still counted and charged, and lead to nobody.
    const log = (await till.get('/v1/messages?kind=code')).body.messages;
    expect(log).toContainEqual(
      expect.objectContaining({ phoneMasked: null, recipient: '—', saleRef: 'S-40000' }),
    );
    expect(
      log.find(({ saleRef }: { saleRef: string }) => saleRef === 'S-40000').history.length,
    ).toBeGreaterThan(1);
  });

  it('blanks what was under way with the name while it was erased, within minutes', async () => {
    const { till_id, seq, data } = await db()
      .selectFrom('till_events')
      .selectAll()
      .where(sql<boolean>`data #>> '{redemption,customer,id}' = ${customerId}`)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    const late = JSON.stringify(data).replaceAll('"—"', JSON.stringify(NAME));
    await sql`update till_events set data = ${late}::jsonb where till_id = ${till_id} and seq = ${seq}`.execute(
      db(),
    );
    expect(await findEverywhere([NAME])).not.toEqual([]);
    const { lookForRetention } = gw().gateway.services;
    await lookForRetention();
    gw().shiftClock(2 * 60_000);
    await lookForRetention();
    expect(await findEverywhere([NAME])).toEqual([]);
  });

  it('lets go of messages and of who left once their time is over', async () => {
    const policy = structuredClone(await admin().run('policy show', { storeId }));
    policy.retention = { messageDays: 60, identityDays: 30 };
    await admin().run('policy set', { storeId, policy });
    const supervisor = staff('supervisor');
    const [customer] = gw().demo.customers;
    await till.post('/v1/redemptions', {
      ...{
        customer: { id: customer?.id },
        asset: 'deposit',
        amount: 500,
        saleRef: 'S-OLD',
        drawer: false,
        staffId: null,
      },
    });
    await gw().codeOf(customer?.phone ?? '');
    await admin().run('staff remove', { staffId: supervisor.id });
    const { lookForRetention } = gw().gateway.services;
    const kept = () =>
      db()
        .selectFrom('messages')
        .select('id')
        .where('store_id', '=', storeId)
        .where('recipient_sealed', '!=', '')
        .execute();
    const identity = () =>
      db().selectFrom('staff_identities').select('staff_id').where('staff_id', '=', supervisor.id).execute();
    // The store was looked at just now.
    gw().shiftClock(2 * 3_600_000);
    await lookForRetention();
    const before = await kept();
    expect(before.length).toBeGreaterThan(0);

    gw().shiftClock(31 * DAY_MS);
    await lookForRetention();
    // The gateway may have told the staff something in this month.
    expect(await kept()).toEqual(expect.arrayContaining(before));
    expect(await identity()).toEqual([]);
    const row = await db()
      .selectFrom('staff')
      .select('phone_e164')
      .where('id', '=', supervisor.id)
      .executeTakeFirst();
    expect(row?.phone_e164).toBeNull();

    gw().shiftClock(30 * DAY_MS);
    await lookForRetention();
    expect(await kept()).toEqual([]);
    expect(await findEverywhere([customer?.phone.slice(3) ?? ''])).toEqual(['public.customers: 81234567801']);
  });
});

/** A number inside base64 looks different at each of its three places. */
function base64Of(word: string): string[] {
  if (!/^\d+$/.test(word)) return [];
  return [`62${word}`].flatMap((digits) =>
    ['', 'x', 'xx'].map((before) => {
      const text = Buffer.from(`${before}${digits}`).toString('base64').replace(/=+$/, '');
      return text.slice(before === '' ? 0 : before.length + 1, -2);
    }),
  );
}
