import { beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_PATHS } from '../../shared/audit/timeline.ts';
import { CASES_PATHS } from '../../shared/cases.ts';
import { FINDINGS_PATHS } from '../../shared/findings-api.ts';
import { PRIVACY_PATHS } from '../../shared/privacy.ts';
import { WEB_PATHS, webAccountSchema, webDeskSchema, webStorePath } from '../../shared/web-api.ts';
import { createAuthenticator, USER_VERIFIED } from '../../test/fixtures/authenticator.ts';
import { describeGateway } from '../../test/fixtures/gateway.ts';
import { staffOf } from '../../test/fixtures/manager-desk.ts';
import { wrongCode } from '../../test/fixtures/redemption-world.ts';
import { pageOf, type SetupPageClient, signedIn } from '../../test/fixtures/setup-page.ts';
import { browserName } from './browser-name.ts';
import { checkStrength } from './passwords.ts';

const PASSWORD = 'kopi tubruk di beranda 7';
const MINUTE_MS = 60_000;

describeGateway('signing in to the gateway’s own pages', (gw) => {
  const manager = () => {
    const found = staffOf(gw(), 'manager');
    if (found.phone === null) throw new Error('the manager’s number is not verified');
    return { ...found, phone: found.phone };
  };
  const admin = () => gw().gateway.services.admin;
  const db = () => gw().gateway.services.engine.kysely;

  async function byLink(staffId = manager().id): Promise<SetupPageClient> {
    const page = pageOf(gw());
    const { link } = await admin().run('web link', { staffId });
    expect((await page.signIn(link.split('#token=')[1] ?? '')).status).toBe(200);
    return page;
  }
  const account = async (page: SetupPageClient) =>
    webAccountSchema.parse((await page.get(WEB_PATHS.account)).body);
  const refusal = async (page: SetupPageClient, path: string, body: unknown) =>
    (await page.post(path, body)).body.error;
  /** With the first factor right: the code of the message that came, typed in. */
  async function typeCode(page: SetupPageClient, ticket: string, before?: string) {
    const { code, wamid } = await gw().codeOf(manager().phone, before);
    return { answer: await page.post(WEB_PATHS.code, { ticket, code }), code, wamid };
  }
  const latest = async () => (await gw().codeOf(manager().phone)).wamid;
  const byPassword = (page: SetupPageClient, password = PASSWORD, name = 'hendra') =>
    page.post(WEB_PATHS.password, { name, password });
  const pass = (ms: number) => gw().shiftClock(ms);
  /** Past WhatsApp's pause between two messages to one person. */
  const later = () => pass(7_000);

  let desk: SetupPageClient;
  const setPassword = (page: SetupPageClient, change: Record<string, unknown> = {}) =>
    page.post(WEB_PATHS.setPassword, { name: 'Hendra', password: PASSWORD, current: null, ...change });

  beforeAll(async () => {
    const { storeId } = gw().demo;
    const policy = structuredClone(await admin().run('policy show', { storeId }));
    policy.codes.limits.phone = { count: 50, windowSeconds: 3600 };
    policy.codes.limits.till = { count: 50, windowSeconds: 3600 };
    await admin().run('policy set', { storeId, policy });
    desk = await byLink();
  });

  describe('a password', () => {
    it('is set after a link, which asks for one', async () => {
      const before = webDeskSchema.parse((await desk.get(WEB_PATHS.desk)).body);
      expect(before).toMatchObject({
        ...{ name: manager().name, needsCredential: true },
        stores: [{ id: gw().demo.storeId, role: 'manager' }],
      });
      for (const [change, code] of [
        [{ password: 'rahasia' }, 'bad_request'],
        [{ password: 'password12345' }, 'web_password_weak'],
        [{ password: 'hendrahendrahendra' }, 'web_password_weak'],
        [{ name: 'x' }, 'bad_request'],
      ] as const)
        expect((await setPassword(desk, change)).body.error.code, JSON.stringify(change)).toBe(code);
      const set = await setPassword(desk);
      expect(set.status, JSON.stringify(set.body)).toBe(200);
      expect(set.body).toMatchObject({
        ...{ login: { name: 'hendra' }, passkeys: [] },
        phoneMasked: expect.stringMatching(/•/),
        sessions: [{ current: true, by: 'link' }],
      });
      expect((await desk.get(WEB_PATHS.desk)).body.needsCredential).toBe(false);
    });

    it('and the code that came on WhatsApp sign in, and the code alone is worth nothing', async () => {
      const page = pageOf(gw());
      const asked = await byPassword(page, PASSWORD, ' HENDRA ');
      expect(asked.status, JSON.stringify(asked.body)).toBe(200);
      expect(asked.body).toMatchObject({
        ...{ name: manager().name, ended: false },
        code: { digits: 6, triesLeft: 5, sends: 1, delivery: { channel: 'whatsapp' } },
      });
      expect(page.cookie).toBe('');
      const { ticket } = asked.body;
      const { code } = await gw().codeOf(manager().phone);
      const wrong = await refusal(page, WEB_PATHS.code, { ticket, code: wrongCode(code) });
      expect(wrong).toMatchObject({ code: 'code_wrong', params: { triesLeft: 4 } });
      const forged = `${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`;
      expect((await refusal(page, WEB_PATHS.code, { ticket: forged, code })).code).toBe('web_ticket_ended');
      expect((await page.post(WEB_PATHS.look, { ticket })).body.code.triesLeft).toBe(4);
      const { body, status } = await page.post(WEB_PATHS.code, { ticket, code });
      expect([status, webDeskSchema.parse(body).needsCredential]).toEqual([200, false]);
      expect((await page.get(webStorePath(gw().demo.storeId, CASES_PATHS.list))).status).toBe(200);
      for (const path of [WEB_PATHS.look, WEB_PATHS.resend])
        expect((await refusal(page, path, { ticket })).code).toBe('web_ticket_ended');
      expect((await refusal(page, WEB_PATHS.code, { ticket, code })).code).toBe('web_ticket_ended');
      const charge = await db()
        .selectFrom('messages as m')
        .innerJoin('message_charges as c', 'c.message_id', 'm.id')
        .select(['c.category', 'm.till_id'])
        .where('m.kind', '=', 'login_code')
        .executeTakeFirstOrThrow();
      expect(charge).toEqual({ category: 'authentication', till_id: null });
    });

    it('is asked for again with another code, no sooner than at a till', async () => {
      later();
      const page = pageOf(gw());
      const before = await latest();
      const { ticket } = (await byPassword(page)).body;
      const first = await gw().codeOf(manager().phone, before);
      expect((await refusal(page, WEB_PATHS.resend, { ticket })).code).toBe('code_resend_too_early');
      pass(61_000);
      expect((await page.post(WEB_PATHS.resend, { ticket })).body.code).toMatchObject({ sends: 2 });
      const { answer } = await typeCode(page, ticket, first.wamid);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    });

    it('that is wrong says no more than a name that nobody has, and is looked at a few times only', async () => {
      later();
      const page = pageOf(gw());
      for (const name of ['nobody-here', 'hendra']) {
        const codes: string[] = [];
        for (let n = 0; n < 6; n += 1)
          codes.push((await byPassword(page, 'wrong wrong', name)).body.error.code);
        expect(codes.slice(0, 4), name).toEqual(Array(4).fill('web_sign_in_wrong'));
        expect(codes[5], name).toBe('web_locked');
      }
      // The right one as well, and for other gateways and after a restart: it is in the database.
      expect((await byPassword(page)).body.error).toMatchObject({ code: 'web_locked' });
      pass(16 * MINUTE_MS);
      const before = await latest();
      const asked = await byPassword(page);
      expect((await typeCode(page, asked.body.ticket, before)).answer.status).toBe(200);
    });

    it('is changed by whoever knows it, and what it began ends', async () => {
      later();
      const other = pageOf(gw());
      const before = await latest();
      await typeCode(other, (await byPassword(other)).body.ticket, before);
      expect((await other.get(WEB_PATHS.account)).status).toBe(200);
      const next = 'sepeda ontel biru malam';
      for (const current of [null, 'not this one'])
        expect((await setPassword(desk, { password: next, current })).body.error.code).toBe(
          'web_sign_in_wrong',
        );
      expect((await setPassword(desk, { password: next, current: PASSWORD })).status).toBe(200);
      expect((await other.get(WEB_PATHS.account)).body.error.code).toBe('web_session_ended');
      expect((await desk.get(WEB_PATHS.account)).status).toBe(200);
      expect((await byPassword(pageOf(gw()))).body.error.code).toBe('web_sign_in_wrong');
      expect((await setPassword(desk, { current: next })).status).toBe(200);
    });

    it('is one person’s: nobody takes a name that somebody has', async () => {
      const supervisor = await byLink(staffOf(gw(), 'supervisor').id);
      expect((await setPassword(supervisor)).body.error.code).toBe('web_name_taken');
    });

    it('of somebody whose number is not verified lets nobody in', async () => {
      const { staffId } = await admin().run('staff add', {
        ...{ storeId: gw().demo.storeId, name: 'Lestari', role: 'manager', pin: '864201' },
      });
      const page = await byLink(staffId);
      expect((await account(page)).phoneMasked).toBeNull();
      expect((await setPassword(page, { name: 'lestari' })).status).toBe(200);
      expect((await byPassword(pageOf(gw()), PASSWORD, 'lestari')).body.error.code).toBe(
        'login_not_reachable',
      );
    });
  });

  describe('a passkey', () => {
    const device = createAuthenticator();
    async function addPasskey(page: SetupPageClient, change: Record<string, unknown> = {}) {
      const { ticket, options } = (await page.post(WEB_PATHS.newPasskeyOptions)).body;
      const answer = device.create(options, gw().url);
      return page.post(WEB_PATHS.newPasskey, { ticket, answer, label: 'HP Hendra', ...change });
    }
    async function begin(page: SetupPageClient, origin = gw().url, flags?: number) {
      const { ticket, options } = (await page.post(WEB_PATHS.passkeyOptions)).body;
      return { ticket, answer: device.get(options, origin, flags) };
    }

    it('is added, and with a code signs in', async () => {
      later();
      const added = await addPasskey(desk);
      expect(added.status, JSON.stringify(added.body)).toBe(200);
      expect(added.body.passkeys).toMatchObject([{ label: 'HP Hendra', usedAt: null }]);
      const page = pageOf(gw());
      const before = await latest();
      const asked = await page.post(WEB_PATHS.passkey, await begin(page));
      expect(asked.status, JSON.stringify(asked.body)).toBe(200);
      const { answer } = await typeCode(page, asked.body.ticket, before);
      expect(answer.status).toBe(200);
      const { passkeys, sessions } = await account(page);
      expect(passkeys[0]?.usedAt).not.toBeNull();
      expect(sessions.find(({ current }) => current)).toMatchObject({ by: 'passkey' });
    });

    it('is refused from another page, without a look at the person, used twice, or copied', async () => {
      later();
      const page = pageOf(gw());
      const refusedWith = async (wish: unknown) => (await refusal(page, WEB_PATHS.passkey, wish)).code;
      expect(await refusedWith(await begin(page, 'https://evil.example'))).toBe('web_passkey_refused');
      expect(await refusedWith(await begin(page, gw().url, 0xff & ~USER_VERIFIED & 0x01))).toBe(
        'web_passkey_refused',
      );
      const once = await begin(page);
      const before = await latest();
      const asked = await page.post(WEB_PATHS.passkey, once);
      expect((await typeCode(page, asked.body.ticket, before)).answer.status).toBe(200);
      expect(await refusedWith(once)).toBe('web_ticket_ended');
      const [passkey] = device.passkeys;
      if (passkey === undefined) throw new Error('no passkey');
      passkey.counter = 0;
      expect(await refusedWith(await begin(page))).toBe('web_passkey_refused');
      passkey.counter = 100;
      const other = await begin(page);
      expect(await refusedWith({ ...other, answer: { ...other.answer, id: 'unknown' } })).toBe(
        'web_passkey_unknown',
      );
      for (const answer of [{}, { id: passkey.id }, { ...other.answer, response: 7 }]) {
        const { ticket } = await begin(page);
        expect(await refusedWith({ ticket, answer }), JSON.stringify(answer)).toMatch(/^web_passkey_/);
      }
      const late = await begin(page);
      pass(6 * MINUTE_MS);
      expect(await refusedWith(late)).toBe('web_ticket_ended');
    });

    it('is added by whoever asked for it, and in a shape that it has', async () => {
      const supervisor = await byLink(staffOf(gw(), 'supervisor').id);
      const { ticket, options } = (await desk.post(WEB_PATHS.newPasskeyOptions)).body;
      const answer = device.create(options, gw().url);
      device.passkeys.pop();
      const wish = { ticket, answer, label: 'x' };
      expect((await refusal(supervisor, WEB_PATHS.newPasskey, wish)).code).toBe('web_ticket_ended');
      expect((await addPasskey(desk, { answer: { id: 'x' } })).body.error.code).toBe('web_passkey_refused');
      device.passkeys.pop();
      expect((await addPasskey(desk, { label: '  ' })).body.error.code).toBe('bad_request');
      device.passkeys.pop();
    });

    it('is taken away, and what it began ends', async () => {
      later();
      const page = pageOf(gw());
      const before = await latest();
      const asked = await page.post(WEB_PATHS.passkey, await begin(page));
      await typeCode(page, asked.body.ticket, before);
      const [passkey] = (await account(desk)).passkeys;
      const supervisor = await byLink(staffOf(gw(), 'supervisor').id);
      expect((await refusal(supervisor, WEB_PATHS.removeCredential, { id: passkey?.id })).code).toBe(
        'not_found',
      );
      expect((await desk.post(WEB_PATHS.removeCredential, { id: passkey?.id })).body.passkeys).toEqual([]);
      expect((await page.get(WEB_PATHS.account)).body.error.code).toBe('web_session_ended');
      expect((await refusal(page, WEB_PATHS.passkey, await begin(page))).code).toBe('web_passkey_unknown');
    });
  });

  it('what waits for its code when its password is taken away signs nobody in', async () => {
    later();
    const page = pageOf(gw());
    const before = await latest();
    const { ticket } = (await byPassword(page)).body;
    const { login } = await account(desk);
    expect((await desk.post(WEB_PATHS.removeCredential, { id: login?.id })).body.login).toBeNull();
    const { answer } = await typeCode(page, ticket, before);
    expect(answer.body.error.code).toBe('web_ticket_ended');
    expect((await setPassword(desk)).status).toBe(200);
  });

  it('sessions are seen and ended, one’s own alone', async () => {
    const [one, two] = [await byLink(), await byLink()];
    const mine = await account(one);
    expect(mine.sessions.filter(({ current }) => current)).toHaveLength(1);
    const supervisor = await byLink(staffOf(gw(), 'supervisor').id);
    const [theirs] = (await account(supervisor)).sessions.filter(({ current }) => current);
    expect((await refusal(one, WEB_PATHS.endSession, { id: theirs?.id })).code).toBe('not_found');
    const other = (await account(two)).sessions.find(({ current }) => current);
    await one.post(WEB_PATHS.endSession, { id: other?.id });
    expect((await two.get(WEB_PATHS.account)).body.error.code).toBe('web_session_ended');
    expect((await one.post(WEB_PATHS.endOthers)).body.sessions).toMatchObject([{ current: true }]);
    expect((await desk.get(WEB_PATHS.account)).body.error.code).toBe('web_session_ended');
    expect((await supervisor.get(WEB_PATHS.account)).status).toBe(200);
    desk = one;
  });

  it('a supervisor reads the list, and neither signals nor cases nor customers', async () => {
    const page = await byLink(staffOf(gw(), 'supervisor').id);
    const at = (path: string) => webStorePath(gw().demo.storeId, path);
    expect((await page.get(WEB_PATHS.desk)).body.stores).toMatchObject([{ role: 'supervisor' }]);
    for (const path of [AUDIT_PATHS.about, AUDIT_PATHS.events, `${AUDIT_PATHS.charts}?from=1&to=10000`])
      expect((await page.get(at(path))).status, path).toBe(200);
    for (const path of [FINDINGS_PATHS.list, CASES_PATHS.list])
      expect((await page.get(at(path))).body.error.code, path).toBe('role_not_allowed');
    expect((await page.get(PRIVACY_PATHS.stores)).body.stores).toEqual([]);
    const find = { storeId: gw().demo.storeId, q: 'Budi' };
    expect((await page.post(PRIVACY_PATHS.find, find)).body.error.code).toBe('role_not_allowed');
    const cashier = admin().run('web link', { staffId: staffOf(gw(), 'cashier').id });
    await expect(cashier).rejects.toMatchObject({ code: 'role_not_allowed' });
  });

  it('a person reads every outlet where their own verified number stands on the list, as what they are there', async () => {
    const outlet = async (name: string, role: 'manager' | 'supervisor' | 'cashier', phone: string) => {
      const { storeId } = await admin().run('store add', {
        ...{ name, country: 'ID', currency: 'IDR', timezone: 'Asia/Jakarta', language: 'id' },
      });
      const person = { storeId, name: `Hendra ${name}`, role, pin: '864201', phone };
      const { staffId } = await admin().run('staff add', person);
      return { storeId, staffId };
    };
    const { phone } = manager();
    const managed = await outlet('Kemang', 'manager', phone);
    const supervised = await outlet('Blok M', 'supervisor', phone);
    const unverified = await outlet('Cikini', 'manager', phone);
    await outlet('Depok', 'cashier', phone);
    await outlet('Bogor', 'manager', '+6281234500099');
    for (const { staffId } of [managed, supervised]) await admin().run('staff verify', { staffId });
    const page = await byLink();
    const stores = webDeskSchema.parse((await page.get(WEB_PATHS.desk)).body).stores;
    const roles = Object.fromEntries(stores.map(({ id, role }) => [id, role]));
    expect(roles).toEqual({
      [gw().demo.storeId]: 'manager',
      [managed.storeId]: 'manager',
      [supervised.storeId]: 'supervisor',
    });
    const read = (storeId: string, path: string) => page.get(webStorePath(storeId, path));
    expect((await read(managed.storeId, CASES_PATHS.list)).status).toBe(200);
    expect((await read(supervised.storeId, CASES_PATHS.list)).body.error.code).toBe('role_not_allowed');
    expect((await read(supervised.storeId, AUDIT_PATHS.about)).status).toBe(200);
    expect((await read(unverified.storeId, AUDIT_PATHS.about)).body.error.code).toBe('role_not_allowed');
    const customers = (await page.get(PRIVACY_PATHS.stores)).body.stores;
    expect(
      Object.fromEntries(customers.map((one: { id: string; staffId: string }) => [one.id, one.staffId])),
    ).toEqual({
      [gw().demo.storeId]: manager().id,
      [managed.storeId]: managed.staffId,
    });
    // In each list stands who reads it, under the name that it has there.
    await gw().gateway.services.audit.link();
    const reads = await db()
      .selectFrom('audit_events')
      .select('staff_id')
      .where('kind', '=', 'audit.read')
      .where('store_id', '=', managed.storeId)
      .execute();
    expect(reads).toEqual([{ staff_id: managed.staffId }]);
    await admin().run('staff remove', { staffId: managed.staffId });
    expect((await read(managed.storeId, CASES_PATHS.list)).body.error.code).toBe('role_not_allowed');
  });

  it('the operator has links, and nothing of this', async () => {
    const operator = await signedIn(gw());
    expect((await operator.get(WEB_PATHS.desk)).body.error.code).toBe('role_not_allowed');
    expect((await setPassword(operator)).body.error.code).toBe('role_not_allowed');
  });

  it('only our own page asks', async () => {
    const page = pageOf(gw());
    const evil = { origin: 'https://evil.example' };
    for (const path of [WEB_PATHS.password, WEB_PATHS.passkeyOptions, WEB_PATHS.code])
      expect((await page.post(path, {}, evil)).body.error.code, path).toBe('origin_forbidden');
    for (const path of [WEB_PATHS.setPassword, WEB_PATHS.endOthers])
      expect((await page.post(path, {})).body.error.code, path).toBe('web_session_ended');
  });

  it('keeps no password and no ticket anywhere', async () => {
    const tables = ['web_credentials', 'web_sessions', 'web_tickets', 'web_events'] as const;
    const rows = await Promise.all(tables.map((table) => db().selectFrom(table).selectAll().execute()));
    const kept = JSON.stringify([rows, gw().log]);
    expect(rows.every(({ length }) => length > 0)).toBe(true);
    expect(kept).not.toContain(PASSWORD);
    expect(kept).not.toContain(desk.cookie.split('=')[1]);
  });
});

describe('a password that would be guessed', () => {
  it.each([
    ['qwertyuiop12', false],
    ['aaaaaaaaaaaa', false],
    ['saksisaksisaksi', false],
    ['wijayahendra', false],
    ['kopi tubruk di beranda 7', true],
    ['x8#kQ2!vLm0z', true],
  ])('%s: %s', (password, isGood) => {
    const check = () => checkStrength(password, ['hendra', 'Hendra Wijaya']);
    if (isGood) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'web_password_weak' }));
  });
});

describe('what a browser says of itself', () => {
  it.each([
    [
      'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
      'Chrome, Android',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox, Linux'],
    [undefined, null],
    ['', null],
  ])('%s', (userAgent, name) => {
    expect(browserName(userAgent)).toBe(name);
  });
});
