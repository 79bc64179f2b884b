import { beforeAll, expect, it } from 'vitest';
import { type CustomerFile, PRIVACY_PATHS } from '../../shared/privacy.ts';
import { SETUP_PATHS } from '../../shared/setup-api.ts';
import { WEB_PATHS } from '../../shared/web-api.ts';
import { describeGateway, eventually } from '../../test/fixtures/gateway.ts';
import { pageOf, type SetupPageClient, signedIn } from '../../test/fixtures/setup-page.ts';

const NAME = 'Yusuf Halim';
const PHONE = '+6281355509876';
const MEMBER_NO = 'YH-1001';

describeGateway('the customers’ page', (gw) => {
  let storeId: string;
  let customer: { id: string };
  let page: SetupPageClient;
  const admin = () => gw().gateway.services.admin;
  const db = () => gw().gateway.services.engine.kysely;
  const staff = (role: string) => {
    const found = gw().demo.staff.find((one) => one.role === role);
    if (found === undefined) throw new Error(`no ${role}`);
    return found;
  };
  const managerLink = async (staffId: string) => {
    const { link } = await admin().run('web link', { staffId });
    expect(link).toContain(`${WEB_PATHS.page}#token=`);
    return link.split('#token=')[1] ?? '';
  };
  const managerPage = async (staffId = staff('manager').id) => {
    const client = pageOf(gw());
    expect((await client.signIn(await managerLink(staffId))).status).toBe(200);
    return client;
  };
  const consent = async (
    client: SetupPageClient,
    purpose: string,
    given: boolean,
    note = 'form 17',
  ): Promise<CustomerFile> =>
    (await client.post(PRIVACY_PATHS.consent, { storeId, customer, purpose, given, note })).body;
  const notices = async () =>
    (await db().selectFrom('messages').select('id').where('kind', '=', 'notice').execute()).length;

  beforeAll(async () => {
    ({ storeId } = gw().demo);
    const made = await admin().run('customer add', {
      storeId,
      name: NAME,
      phone: PHONE,
      memberNo: MEMBER_NO,
    });
    customer = { id: made.id };
    gw().graph.addPhone({ number: PHONE.slice(1), name: NAME });
    page = await managerPage();
  });

  it('a manager signs in by a link of their own to their own store, and not to the account', async () => {
    const { body } = await page.get(PRIVACY_PATHS.stores);
    expect(body.stores[0].staffId).toBe(staff('manager').id);
    expect(body.stores.map(({ id }: { id: string }) => id)).toEqual([storeId]);
    expect(body.stores[0].managers).toContainEqual({ id: staff('manager').id, name: staff('manager').name });
    expect((await page.get(SETUP_PATHS.state)).body.error.code).toBe('role_not_allowed');
    const other = await admin().run('store add', {
      ...{ name: 'Elsewhere', country: 'ID', currency: 'IDR', timezone: 'Asia/Jakarta', language: 'id' },
    });
    const foreign = { storeId: other.storeId, q: MEMBER_NO };
    expect((await page.post(PRIVACY_PATHS.find, foreign)).body.error.code).toBe('role_not_allowed');
    const operator = await signedIn(gw());
    const all = (await operator.get(PRIVACY_PATHS.stores)).body;
    expect(all.stores.map(({ staffId }: { staffId: string | null }) => staffId)).toEqual([null, null]);
    expect((await operator.post(PRIVACY_PATHS.find, foreign)).body).toEqual({ customers: [] });
  });

  it('gives no link to who is no manager, and ends with who is none any more', async () => {
    await expect(managerLink(staff('cashier').id)).rejects.toMatchObject({ code: 'role_not_allowed' });
    await expect(managerLink(customer.id)).rejects.toMatchObject({ code: 'staff_unknown' });
    const former = { storeId, name: 'Former', role: 'manager', pin: '975311' } as const;
    const { staffId: id } = await admin().run('staff add', former);
    const theirs = await managerPage(id);
    const unused = await managerLink(id);
    await db().updateTable('staff').set({ role: 'cashier' }).where('id', '=', id).execute();
    expect((await theirs.get(PRIVACY_PATHS.stores)).body.error.code).toBe('web_session_ended');
    expect((await pageOf(gw()).signIn(unused)).body.error.code).toBe('web_link_invalid');
    // Two links of theirs: the older one has stopped.
    const manager = staff('manager').id;
    const [older, newer] = [await managerLink(manager), await managerLink(manager)];
    expect((await pageOf(gw()).signIn(older)).body.error.code).toBe('web_link_invalid');
    expect((await pageOf(gw()).signIn(newer)).status).toBe(200);
  });

  it('finds by phone or member number with masked numbers, and opens a file with the whole one', async () => {
    for (const q of [PHONE, MEMBER_NO, `0${PHONE.slice(3)}`]) {
      const { body } = await page.post(PRIVACY_PATHS.find, { storeId, q });
      expect(body.customers).toEqual([
        { id: customer.id, name: NAME, memberNo: MEMBER_NO, phoneMasked: expect.stringContaining('•') },
      ]);
    }
    const { body } = await page.post(PRIVACY_PATHS.view, { storeId, customer });
    expect(body).toMatchObject({
      ...{ name: NAME, phone: PHONE, memberNo: MEMBER_NO, codeChannels: null, currency: 'IDR' },
      ...{ notices: { redemption: false, topup: false }, consents: [] },
    });
    expect((await page.post(PRIVACY_PATHS.view, { storeId, customer: { memberNo: 'none' } })).status).toBe(
      404,
    );
    expect((await pageOf(gw()).post(PRIVACY_PATHS.find, { storeId, q: PHONE })).status).toBe(401);
    const events = await db().selectFrom('web_events').select(['what', 'detail']).execute();
    expect(events.filter(({ what }) => what === 'customer find').length).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(events)).not.toContain(PHONE.slice(3));
  });

  it('keeps each kind of notice apart, who wrote it down, and STOP ends them all', async () => {
    expect((await consent(page, 'topup', true)).notices).toEqual({ redemption: false, topup: true });
    const both = await consent(page, 'redemption', true, 'form 18');
    expect(both.notices).toEqual({ redemption: true, topup: true });
    const { length } = (await consent(page, 'redemption', true, 'form 19')).consents;
    expect(length).toBe(2);
    expect(both.consents[0]).toEqual({
      ...{ at: expect.any(Number), purpose: 'redemption', given: true, how: 'manager', source: 'form 18' },
      by: staff('manager').name,
    });
    gw().graph.world.reply(PHONE.slice(1), { text: 'STOP' });
    const stopped = await eventually(async () => {
      const file: CustomerFile = (await page.post(PRIVACY_PATHS.view, { storeId, customer })).body;
      return file.consents.length > 2 ? file : null;
    }, 'the word of the customer');
    expect(stopped.notices).toEqual({ redemption: false, topup: false });
    expect(stopped.consents[0]).toMatchObject({
      purpose: 'notices',
      given: false,
      how: 'whatsapp',
      by: null,
    });
    const back = await consent(await signedIn(gw()), 'topup', true, 'a call');
    expect(back.notices).toEqual({ redemption: false, topup: true });
    expect(back.consents[0]).toMatchObject({ how: 'operator', by: null });
  });

  it('who agreed to top-ups alone is told of top-ups alone', async () => {
    const policy = structuredClone(await admin().run('policy show', { storeId }));
    policy.channels.notices = { redemption: true, topup: true, largeFrom: 0 };
    await admin().run('policy set', { storeId, policy });
    const { lookForNotices } = gw().gateway.services;
    await lookForNotices();
    const topUp = async (key: string) => {
      await admin().run('wallet credit', {
        ...{ storeId, customer, asset: 'deposit', amount: 5_000 as never, key },
      });
      await lookForNotices();
    };
    await topUp('file-1');
    expect(await notices()).toBe(1);
    await consent(page, 'topup', false, 'a call');
    await topUp('file-2');
    await consent(page, 'redemption', true, 'a call');
    await topUp('file-3');
    // What was booked a moment ago is looked at again until nothing can come before it any more.
    gw().shiftClock(60_000);
    await lookForNotices();
    expect(await notices()).toBe(1);
    await consent(page, 'topup', true, 'a call');
    await topUp('file-4');
    expect(await notices()).toBe(2);
  });

  it('sets which ways codes may go', async () => {
    const reach = async (codeChannels: unknown) =>
      (await page.post(PRIVACY_PATHS.reach, { storeId, customer, codeChannels })).body;
    expect((await reach(['email'])).codeChannels).toEqual(['email']);
    expect((await reach([])).codeChannels).toEqual([]);
    expect((await reach(null)).codeChannels).toBeNull();
    expect((await reach(['pigeon'])).error.code).toBe('bad_request');
  });

  it('erases on the manager’s own PIN, not on that of another one', async () => {
    const other = await admin().run('staff add', { storeId, name: 'Other', role: 'manager', pin: '864200' });
    const wish = { storeId, customer, note: 'letter of 2026-11-20' };
    expect((await page.post(PRIVACY_PATHS.erase, wish)).body.error.code).toBe('customer_has_balance');
    const force = { staffId: other.staffId, pin: '864200' };
    expect((await page.post(PRIVACY_PATHS.erase, { ...wish, force })).body.error.code).toBe(
      'role_not_allowed',
    );
    const own = { staffId: staff('manager').id, pin: staff('manager').pin };
    const { body } = await page.post(PRIVACY_PATHS.erase, { ...wish, force: own });
    expect(body).toMatchObject({ by: 'manager', forcedBy: own.staffId, open: { deposit: 20_000 } });
    expect((await page.post(PRIVACY_PATHS.view, { storeId, customer })).body.error.code).toBe(
      'customer_unknown',
    );
    expect(
      await db().selectFrom('consents').select('id').where('customer_id', '=', customer.id).execute(),
    ).toEqual([]);
  });
});
