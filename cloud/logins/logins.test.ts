import { beforeAll, expect, it } from 'vitest';
import { createLoginChecker } from '../../electron/gateway-client/login-check.ts';
import { LOGIN_PATHS } from '../../shared/login.ts';
import type { Policy } from '../../shared/policy.ts';
import { describeGateway, eventually, type TillClient } from '../../test/fixtures/gateway.ts';
import { wrongCode } from '../../test/fixtures/redemption-world.ts';

const DAY_MS = 86_400_000;

describeGateway('codes at sign-in', (gw) => {
  let till: TillClient;
  beforeAll(async () => {
    till = await gw().pair();
    await setPolicy((policy) => {
      policy.login = { who: 'all', rememberDays: 14, offline: 'nobody', offlineHours: 24 };
      policy.codes.limits.phone = { count: 4, windowSeconds: 3600 };
    });
  });

  const person = (index: number) => {
    const found = gw().demo.staff.filter(({ phone }) => phone !== null)[index];
    if (found?.phone == null) throw new Error('no such member of staff');
    return { id: found.id, phone: found.phone };
  };
  async function setPolicy(edit: (policy: Policy) => void): Promise<void> {
    const { admin } = gw().gateway.services;
    const policy = structuredClone(await admin.run('policy show', { storeId: gw().demo.storeId }));
    edit(policy);
    await admin.run('policy set', { storeId: gw().demo.storeId, policy });
  }
  const ask = (staffId: string, at = till, key?: string) => at.post(LOGIN_PATHS.logins, { staffId }, key);
  const pathOf = (path: string, id: string) => path.replace(':id', id);
  const verify = (
    id: string,
    code: string,
    { remember = false, at = till, key = crypto.randomUUID() } = {},
  ) => at.post(pathOf(LOGIN_PATHS.verify, id), { code, remember }, key);
  const resend = (id: string) => till.post(pathOf(LOGIN_PATHS.resend, id), {});
  /** What was written down of a login. */
  const events = async (id: string) => {
    const { kysely } = gw().gateway.services.engine;
    const rows = await kysely
      .selectFrom('login_events')
      .select('what')
      .where('login_id', '=', id)
      .orderBy('seq')
      .execute();
    return rows.map(({ what }) => what);
  };
  const passTime = (ms: number) => gw().shiftClock(ms);

  it('a code goes to the person’s WhatsApp, is charged, and its right answer may remember the till', async () => {
    const { id: staffId, phone } = person(0);
    const asked = await ask(staffId);
    expect(asked.status).toBe(200);
    expect(asked.body).toMatchObject({
      remembered: null,
      login: { staffId, status: 'awaiting_code', code: { digits: 6, triesLeft: 5, sends: 1, sendsLeft: 2 } },
    });
    expect(asked.body.login.phoneMasked).not.toContain(phone.slice(4, 10));
    const { id } = asked.body.login;
    const { code } = await gw().codeOf(phone);
    const look = async () => (await till.get(pathOf(LOGIN_PATHS.login, id))).body.login.code.delivery.state;
    await eventually(async () => (await look()) === 'read', 'the message to be read');

    const key = crypto.randomUUID();
    const passed = await verify(id, code, { remember: true, key });
    expect(passed.body).toMatchObject({ login: { status: 'passed' } });
    // Its answer lost and asked for again: the same word, and no second use.
    expect((await verify(id, code, { remember: true, key })).body).toMatchObject({
      remembered: passed.body.remembered,
    });
    const { identity, engine } = gw().gateway.services;
    const pinned = { gatewayId: identity.gatewayId, gatewayKey: identity.publicKey, tillId: till.tillId };
    const claims = createLoginChecker(pinned)(passed.body.remembered, staffId);
    expect(claims.exp - claims.iat).toBe(14 * 86_400);
    expect(() =>
      createLoginChecker({ ...pinned, tillId: staffId })(passed.body.remembered, staffId),
    ).toThrow();
    expect(() => createLoginChecker(pinned)(passed.body.remembered, till.tillId)).toThrow();

    expect((await verify(id, code)).body.error.code).toBe('code_used');
    expect(await events(id)).toEqual(['asked', 'passed']);
    const charge = await engine.kysely
      .selectFrom('messages as m')
      .innerJoin('message_charges as c', 'c.message_id', 'm.id')
      .select(['c.category', 'c.price', 'm.kind'])
      .where('m.login_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(charge).toEqual({ kind: 'login_code', category: 'authentication', price: 367 });
  });

  it('counts wrong tries, and the sixth code finds nothing open', async () => {
    const { id: staffId, phone } = person(1);
    const { id } = (await ask(staffId)).body.login;
    const { code } = await gw().codeOf(phone);
    expect((await verify(id, '12345')).body.error).toMatchObject({
      code: 'code_malformed',
      params: { digits: 6 },
    });
    const key = crypto.randomUUID();
    for (const triesLeft of [4, 3, 2, 1]) {
      const wrong = await verify(id, wrongCode(code, triesLeft), triesLeft === 4 ? { key } : {});
      expect(wrong.body.error).toMatchObject({ code: 'code_wrong', params: { triesLeft } });
    }
    // The first one's answer was lost: asked for again, it costs nothing.
    expect((await verify(id, wrongCode(code, 4), { key })).body.error.params).toEqual({ triesLeft: 4 });
    expect((await verify(id, wrongCode(code))).body.error.code).toBe('login_tries_exhausted');
    expect((await verify(id, code)).body.error.code).toBe('login_tries_exhausted');
    expect(await events(id)).toEqual(['asked', 'wrong', 'wrong', 'wrong', 'wrong', 'failed']);
  });

  it('goes on with the code that was sent; another only after the pause, and the older one is no good then', async () => {
    const { id: staffId, phone } = person(2);
    const { id } = (await ask(staffId)).body.login;
    const first = await gw().codeOf(phone);
    expect((await ask(staffId)).body.login).toMatchObject({ id, code: { sends: 1 } });
    const early = await resend(id);
    expect(early.body.error).toMatchObject({ code: 'code_resend_too_early' });
    expect(early.body.error.params.seconds).toBeGreaterThan(50);
    passTime(61_000);
    expect((await resend(id)).body.login.code).toMatchObject({ sends: 2, sendsLeft: 1 });
    const second = await gw().codeOf(phone, first.wamid);
    expect((await verify(id, first.code)).body.error.code).toBe('code_superseded');
    expect((await verify(id, second.code)).body).toMatchObject({
      login: { status: 'passed' },
      remembered: null,
    });

    // The limit per phone is the customers' one; sign-ins count to it.
    const again = (await ask(staffId)).body.login.id;
    passTime(61_000);
    expect((await resend(again)).status).toBe(200);
    passTime(61_000);
    expect((await resend(again)).body.error.code).toBe('login_code_limit');
    passTime(3_600_000);
    expect((await verify(again, '000000')).body.error.code).toBe('code_expired');
    expect((await resend(again)).body.error.code).toBe('code_expired');
    expect((await events(again)).at(-1)).toBe('expired');
  });

  it('is bound to its till, and to a person who is on the list', async () => {
    const { id: staffId, phone } = person(0);
    const other = await gw().pair('Kasir 2');
    const before = await gw().codeOf(phone);
    const { id } = (await ask(staffId)).body.login;
    const { code } = await gw().codeOf(phone, before.wamid);
    expect((await verify(id, code, { at: other })).body.error.code).toBe('login_unknown');
    expect((await other.get(pathOf(LOGIN_PATHS.login, id))).body.error.code).toBe('login_unknown');
    expect((await verify('no-such-login', code)).body.error.code).toBe('login_unknown');
    expect((await ask(crypto.randomUUID())).body.error.code).toBe('staff_unknown');
    const unverified = gw().demo.staff.find((one) => one.phone === null);
    expect((await ask(unverified?.id ?? '')).body.error.code).toBe('login_not_reachable');
    expect((await ask(staffId, till, 'key-of-this-login')).body.login.id).toBe(id);

    await gw().gateway.services.admin.run('staff remove', { staffId });
    expect((await verify(id, code)).body.error.code).toBe('staff_unknown');
    expect(await events(id)).toEqual(['asked']);
  });

  it('is refused where the message credit is used up and policy lets nobody overdraw it', async () => {
    await setPolicy((policy) => {
      policy.messageCredit.enforce = true;
      policy.messageCredit.overdraw = { kinds: [], messages: 0 };
    });
    passTime(DAY_MS);
    const { id: staffId } = person(1);
    expect((await ask(staffId)).body.error.code).toBe('message_credit_empty');
    expect((await till.get('/v1/till')).body.policy.login.who).toBe('all');
  });

  it('keeps no code anywhere', async () => {
    const codes = gw()
      .graph.world.messages.filter(({ templateName }) => templateName === 'saksi_login_code')
      .flatMap((message) => JSON.stringify(message).match(/(?<!\d)\d{6}(?!\d)/) ?? []);
    expect(codes.length).toBeGreaterThan(4);
    const { kysely } = gw().gateway.services.engine;
    const kept = JSON.stringify([
      await kysely.selectFrom('logins').selectAll().execute(),
      await kysely.selectFrom('login_events').selectAll().execute(),
      await kysely.selectFrom('messages').selectAll().execute(),
      await kysely.selectFrom('till_requests').select(['outcome']).execute(),
      gw().log,
    ]);
    for (const code of codes) expect(kept).not.toMatch(new RegExp(`(?<!\\d)${code}(?!\\d)`));
  });
});
