import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import type { LoginPolicy } from '../../shared/login-policy.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { CASHIER_ID, MANAGER_ID, PIN, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { LOGIN_CODE } from '../../test/fixtures/fake-logins.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { openStore } from '../store/store.ts';

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A desk whose store asks for codes. */
async function askingDesk(login: Partial<LoginPolicy> = {}): Promise<Desk> {
  const desk = await openDesk();
  await setPolicy(desk, { who: 'all', ...login });
  return desk;
}
async function setPolicy(desk: Desk, login: Partial<LoginPolicy>): Promise<void> {
  const { policy } = desk.gateway;
  desk.gateway.policy = { ...policy, version: policy.version + 1, login: { ...policy.login, ...login } };
  desk.gateway.push({ type: 'till.changed' });
  await desk.run();
  await desk.run();
}
const signIn = (desk: Desk, staffId = CASHIER_ID) =>
  desk.call(desk.till.invoke('session.signIn', { staffId, pin: PIN }));
const submit = (desk: Desk, code = LOGIN_CODE, remember = false) =>
  desk.call(desk.till.invoke('session.submitCode', { code, remember }));
const who = ({ till }: Desk) => till.view().session?.staffId ?? null;
const signOut = ({ till }: Desk) => till.invoke('session.signOut', {});
async function cutLine(desk: Desk): Promise<void> {
  desk.gateway.trouble.set('*', 'down');
  desk.gateway.cut();
  await desk.run(8_000);
}
/** Passed with the code and remembered, then signed out. */
async function remembered(desk: Desk, staffId = CASHIER_ID): Promise<void> {
  await signIn(desk, staffId);
  await submit(desk, LOGIN_CODE, true);
  await signOut(desk);
}
/** What the audit chain says of sign-ins. */
async function audited(desk: Desk): Promise<unknown[]> {
  await desk.call(desk.till.stop());
  const store = openStore(desk.dataDir, {
    clock: desk.clock,
    random: { bytes: () => new Uint8Array(16), jitter: () => 0 },
  });
  const entries = store.audit.entries().filter(({ kind }) => kind.startsWith('session.'));
  store.close();
  return entries.map(({ kind, body }) => [kind.slice('session.'.length), JSON.parse(body)]);
}

describe('a code at sign-in', () => {
  it('is asked of whom policy says, after the right PIN only, and its answer signs in', async () => {
    const desk = await askingDesk({ who: 'supervisors' });
    await signIn(desk);
    expect(who(desk)).toBe(CASHIER_ID);
    await signOut(desk);
    await expect(
      desk.call(desk.till.invoke('session.signIn', { staffId: SUPERVISOR_ID, pin: '0000' })),
    ).rejects.toMatchObject({ code: 'pin_wrong' });
    expect(desk.gateway.logins.logins).toHaveLength(0);
    await signIn(desk, SUPERVISOR_ID);
    expect(who(desk)).toBeNull();
    expect(desk.till.view().login).toMatchObject({
      staffId: SUPERVISOR_ID,
      name: 'Siti',
      phoneMasked: '+62•••••••0001',
      rememberDays: 30,
      code: { digits: 6, triesLeft: 5, delivery: { state: 'queued' } },
    });
    await expect(submit(desk, '111111')).rejects.toMatchObject({ code: 'code_wrong' });
    expect(desk.till.view().login).toMatchObject({ code: { triesLeft: 4 }, error: { code: 'code_wrong' } });
    await submit(desk);
    expect(who(desk)).toBe(SUPERVISOR_ID);
    expect(desk.till.view().login).toBeNull();
    expect(await audited(desk)).toMatchObject([
      ['signed_in', { staffId: CASHIER_ID, by: 'pin' }],
      ['signed_out', {}],
      ['pin_wrong', {}],
      ['code_asked', { staffId: SUPERVISOR_ID }],
      ['code_refused', { code: 'code_wrong' }],
      ['signed_in', { staffId: SUPERVISOR_ID, by: 'code' }],
    ]);
  });

  it('follows the delivery while it is waited for, and is sent again', async () => {
    const desk = await askingDesk();
    await signIn(desk);
    const [login] = desk.gateway.logins.logins;
    if (login === undefined) throw new Error('no login');
    login.code = { ...login.code, delivery: { channel: 'whatsapp', state: 'delivered', reason: null } };
    await desk.run(2_500);
    expect(desk.till.view().login?.code.delivery.state).toBe('delivered');
    await desk.call(desk.till.invoke('session.resendCode', {}));
    expect(desk.till.view().login?.code).toMatchObject({ sends: 2, sendsLeft: 1 });
    await desk.till.invoke('session.cancelLogin', {});
    const looks = () =>
      desk.gateway.requests.filter(({ path, method }) => path.includes('/logins/') && method === 'GET');
    const before = looks().length;
    await desk.run(10_000);
    expect(looks()).toHaveLength(before);
    expect(desk.till.view().login).toBeNull();
    await expect(submit(desk)).rejects.toMatchObject({ code: 'login_unknown' });
  });

  it('is over after the last wrong one; nobody comes in by it any more', async () => {
    const desk = await askingDesk();
    await signIn(desk);
    for (let left = 4; left > 0; left -= 1)
      await expect(submit(desk, '111111')).rejects.toThrow('code_wrong');
    await expect(submit(desk, '111111')).rejects.toMatchObject({ code: 'login_tries_exhausted' });
    expect(desk.till.view().login).toMatchObject({ ended: true, error: { code: 'login_tries_exhausted' } });
    await expect(submit(desk)).rejects.toMatchObject({ code: 'login_unknown' });
    expect(who(desk)).toBeNull();
  });

  it('goes when its person is taken off the list, or somebody else gives a PIN', async () => {
    const desk = await askingDesk({ who: 'all' });
    await signIn(desk);
    await signIn(desk, MANAGER_ID);
    expect(desk.till.view().login?.staffId).toBe(MANAGER_ID);
    desk.gateway.staff.pop();
    desk.gateway.push({ type: 'till.changed' });
    await desk.run();
    expect(desk.till.view().login).toBeNull();
  });

  it('that cannot be sent keeps the person out, and says why', async () => {
    const desk = await askingDesk();
    desk.gateway.refuse.set('/v1/logins', new SaksiError('login_not_reachable'));
    await expect(signIn(desk)).rejects.toMatchObject({ code: 'login_not_reachable' });
    expect(who(desk)).toBeNull();
  });
});

describe('a remembered till', () => {
  it('asks that person for none until its time is over, and others still', async () => {
    let desk = await askingDesk({ rememberDays: 2 });
    await remembered(desk);
    desk = await desk.restart();
    await signIn(desk);
    expect(who(desk)).toBe(CASHIER_ID);
    await signOut(desk);
    await signIn(desk, SUPERVISOR_ID);
    expect(who(desk)).toBeNull();
    await desk.clock.leap(2 * DAY_MS + 1_000);
    await desk.run(5_000);
    await desk.online();
    await signIn(desk);
    expect(who(desk)).toBeNull();
    expect(desk.till.view().login?.staffId).toBe(CASHIER_ID);
  });

  it('is forgotten when policy shortens the time, or the gateway says so', async () => {
    const desk = await askingDesk({ rememberDays: 30 });
    await remembered(desk);
    await setPolicy(desk, { rememberDays: 0 });
    await signIn(desk);
    expect(who(desk)).toBeNull();
    await setPolicy(desk, { rememberDays: 30 });
    await signIn(desk);
    expect(who(desk)).toBe(CASHIER_ID);
    await signOut(desk);
    const [cashier] = desk.gateway.staff;
    if (cashier === undefined) throw new Error('no cashier');
    cashier.loginsFrom = desk.clock.now() + 1_000;
    desk.gateway.push({ type: 'till.changed' });
    await desk.run();
    await signIn(desk);
    expect(who(desk)).toBeNull();
  });

  it.each([
    ['another till’s', (claims: Record<string, unknown>) => Object.assign(claims, { aud: SUPERVISOR_ID })],
    [
      'another person’s',
      (claims: Record<string, unknown>) => Object.assign(claims, { staffId: SUPERVISOR_ID }),
    ],
  ])('takes no word that is %s', async (_, tamper) => {
    const desk = await askingDesk();
    desk.gateway.logins.tamper = tamper;
    await signIn(desk);
    await expect(submit(desk, LOGIN_CODE, true)).rejects.toMatchObject({
      code: expect.stringMatching(/^grant_/),
    });
    expect(who(desk)).toBeNull();
  });
});

describe('without a line', () => {
  it('a remembered cashier comes in by the PIN, by default; nobody else does', async () => {
    const desk = await askingDesk();
    await remembered(desk);
    await remembered(desk, MANAGER_ID);
    await cutLine(desk);
    await signIn(desk);
    expect(who(desk)).toBe(CASHIER_ID);
    await signOut(desk);
    await expect(signIn(desk, MANAGER_ID)).rejects.toMatchObject({
      code: 'login_needs_line',
      params: { hours: 24 },
    });
    await expect(signIn(desk, SUPERVISOR_ID)).rejects.toMatchObject({ code: 'login_needs_line' });
    const last = (await audited(desk)).slice(-4);
    expect(last).toMatchObject([
      ['signed_in', { by: 'offline_remembered' }],
      ['signed_out', {}],
      ['code_refused', { staffId: MANAGER_ID, code: 'login_needs_line' }],
      ['code_refused', { staffId: SUPERVISOR_ID }],
    ]);
  });

  it.each([
    ['remembered', MANAGER_ID, true],
    ['remembered', SUPERVISOR_ID, false],
    ['nobody', CASHIER_ID, false],
    ['anyone', SUPERVISOR_ID, true],
  ] as const)('policy "%s" decides', async (offline, staffId, comesIn) => {
    const desk = await askingDesk({ offline });
    if (staffId !== SUPERVISOR_ID) await remembered(desk, staffId);
    await cutLine(desk);
    if (comesIn) await signIn(desk, staffId);
    else await expect(signIn(desk, staffId)).rejects.toMatchObject({ code: 'login_needs_line' });
    expect(who(desk)).toBe(comesIn ? staffId : null);
  });

  it('nobody is kept out for ever: after the hours of policy the PIN is enough, and that is written down', async () => {
    const desk = await askingDesk({ offline: 'nobody', offlineHours: 2 });
    await cutLine(desk);
    await desk.clock.leap(HOUR_MS);
    await expect(signIn(desk)).rejects.toMatchObject({ code: 'login_needs_line', params: { hours: 1 } });
    // A clock that somebody sets forward frees nobody.
    desk.clock.setWall(desk.clock.now() + 10 * DAY_MS);
    await expect(signIn(desk)).rejects.toMatchObject({ code: 'login_needs_line' });
    await desk.clock.leap(HOUR_MS);
    await signIn(desk);
    expect(who(desk)).toBe(CASHIER_ID);
    expect((await audited(desk)).at(-1)).toMatchObject(['signed_in', { by: 'offline_long' }]);
  });
});
