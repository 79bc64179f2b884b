import { inspect } from 'node:util';
import Fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/effects.ts';
import { createGraphSim, type GraphSim, SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';
import { appSecretProof } from './app-secret-proof.ts';
import { WhatsAppError } from './errors.ts';
import { createGraphAdmin, type GraphAdmin, type GraphAdminOptions } from './graph-admin.ts';

const { wabaId, phoneNumberId, appId, appSecret, accessToken, signupCode } = SIM_DEFAULTS;
const PIN = '314159';

describe('setting an account up', () => {
  let sim: GraphSim;
  let url: string;
  let graph: GraphAdmin;
  const open = (more: Partial<GraphAdminOptions> = {}) =>
    createGraphAdmin({
      ...{ graphUrl: url, version: 'v25.0', accessToken, appSecret, timeoutMs: 5_000, clock: systemClock },
      ...more,
    });

  beforeAll(async () => {
    sim = createGraphSim({ requireProof: true });
    url = await sim.listen();
  });
  beforeEach(() => {
    Object.assign(sim.number, { registered: true, pin: null, subscribed: true, qualityRating: 'GREEN' });
    graph = open();
  });
  afterAll(() => sim.close());

  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => expect.unreachable('it should have failed'),
      (error: unknown) => error,
    );

  it('lists the numbers of an account, and tells a test number', async () => {
    expect(await graph.phoneNumbers(wabaId)).toEqual([
      { id: phoneNumberId, displayPhoneNumber: '+622150000001' },
    ]);
    expect(await failureOf(graph.phoneNumbers('999'))).toMatchObject({ code: 100, subcode: 33 });
    expect(await graph.accountMode(phoneNumberId)).toBe('LIVE');
    sim.number.accountMode = 'SANDBOX';
    expect(await graph.accountMode(phoneNumberId)).toBe('SANDBOX');
    sim.number.accountMode = 'LIVE';
  });

  it('tells where webhooks go, once that address echoes the challenge for this word', async () => {
    const asked: (string | undefined)[] = [];
    const app = Fastify();
    app.get<{ Querystring: Record<string, string> }>('/hook', (request, reply) => {
      asked.push(request.query['hub.verify_token']);
      return reply.send(request.query['hub.verify_token'] === 'word' ? request.query['hub.challenge'] : 'no');
    });
    const hook = `${await app.listen({ host: '127.0.0.1', port: 0 })}/hook`;
    const callback = (verifyToken: string) =>
      graph.setCallback(appId, { url: hook, verifyToken, fields: ['messages'] });
    expect(await failureOf(callback('other'))).toMatchObject({ code: 2200 });
    expect(sim.webhooks.target).toBeUndefined();
    await callback('word');
    expect([asked, sim.webhooks.target?.url]).toEqual([['other', 'word'], hook]);
    await app.close();
  });

  it("shares a partner's credit line", async () => {
    await graph.shareCreditLine('77', wabaId, 'IDR');
    expect(sim.number.creditLine).toBe('77');
    expect(await failureOf(graph.shareCreditLine('77', '999', 'IDR'))).toMatchObject({ code: 100 });
    expect(() => graph.shareCreditLine('7/7', wabaId, 'IDR')).toThrow(TypeError);
  });

  it('reads what Meta says of the number', async () => {
    Object.assign(sim.number, { qualityRating: 'YELLOW', messagingLimit: 'TIER_2K', nameStatus: 'APPROVED' });
    expect(await graph.phoneNumber(phoneNumberId)).toEqual({
      displayPhoneNumber: '+622150000001',
      verifiedName: 'Toko Saksi',
      nameStatus: 'APPROVED',
      codeVerificationStatus: 'VERIFIED',
      qualityRating: 'YELLOW',
      messagingLimit: 'TIER_2K',
      platformType: 'CLOUD_API',
    });
    expect(await failureOf(graph.phoneNumber('999'))).toMatchObject({ code: 100, subcode: 33 });
  });

  it('proves each call to be the app’s own: none and a wrong proof are refused', async () => {
    expect(appSecretProof('token', 'secret')).toBe(
      'e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a',
    );
    for (const more of [{ appSecret: 'another' }, { appSecret: undefined }]) {
      const { appSecret: _, ...rest } = { ...more };
      const other =
        more.appSecret === undefined
          ? createGraphAdmin({
              ...{ graphUrl: url, version: 'v25.0', accessToken, timeoutMs: 5_000, clock: systemClock },
              ...rest,
            })
          : open({ appSecret: more.appSecret });
      expect(await failureOf(other.phoneNumber(phoneNumberId))).toMatchObject({ code: 100, httpStatus: 400 });
    }
    expect(await failureOf(open({ accessToken: 'other' }).subscribedApps(wabaId))).toMatchObject({
      ...{ code: 190, httpStatus: 401 },
    });
  });

  it('registers with a PIN and with no other, and takes the registration back', async () => {
    await graph.register(phoneNumberId, PIN);
    expect(sim.number).toMatchObject({ registered: true, pin: PIN });
    expect(await failureOf(graph.register(phoneNumberId, '000000'))).toMatchObject({ code: 133005 });
    await graph.deregister(phoneNumberId);
    expect(sim.number.registered).toBe(false);
    expect((await graph.phoneNumber(phoneNumberId)).platformType).toBe('NOT_APPLICABLE');
    expect(await failureOf(graph.deregister(phoneNumberId))).toMatchObject({ code: 133010 });
    for (const pin of ['12345', '1234567', '12345a', '']) {
      expect(() => graph.register(phoneNumberId, pin)).toThrow(RangeError);
    }
  });

  it('subscribes the app to the account’s webhooks, and ends it', async () => {
    expect(await graph.subscribedApps(wabaId)).toEqual([{ id: appId, name: 'Saksi' }]);
    await graph.unsubscribe(wabaId);
    expect(await graph.subscribedApps(wabaId)).toEqual([]);
    await graph.subscribe(wabaId);
    expect(await graph.subscribedApps(wabaId)).toHaveLength(1);
    expect(await failureOf(graph.unsubscribe('999'))).toMatchObject({ code: 100, subcode: 33 });
  });

  it('says whether the token is good', async () => {
    expect(await graph.debugToken(appId)).toEqual({
      valid: true,
      appId,
      type: 'SYSTEM_USER',
      expiresAt: null,
      scopes: ['whatsapp_business_management', 'whatsapp_business_messaging'],
    });
    expect(await open({ accessToken: 'stolen' }).debugToken(appId)).toMatchObject({
      valid: false,
      scopes: [],
    });
    expect(await failureOf(graph.debugToken('999'))).toMatchObject({ code: 190 });
  });

  it('exchanges a code of Embedded Signup once', async () => {
    expect(await failureOf(graph.exchangeCode(appId, 'other'))).toMatchObject({ code: 100 });
    expect(await failureOf(graph.exchangeCode('999', signupCode))).toMatchObject({ code: 101 });
    expect(await failureOf(open({ appSecret: 'other' }).exchangeCode(appId, signupCode))).toMatchObject({
      code: 1,
    });
    expect(await graph.exchangeCode(appId, signupCode)).toEqual({ accessToken });
    expect(await failureOf(graph.exchangeCode(appId, signupCode))).toMatchObject({
      code: 100,
      subcode: 36009,
    });
  });

  it('reads every page of templates, each once', async () => {
    const all = [...sim.world.templates.values()];
    const first = all[0];
    if (first === undefined) throw new Error('no template');
    for (let n = 0; n < 230; n += 1) {
      const name = `page_${String(n).padStart(3, '0')}`;
      sim.world.templates.set(`${name}/id`, { ...first, id: String(900_000_000_000_000 + n), name });
    }
    const listed = await graph.listTemplates(wabaId);
    expect(listed.map(({ id }) => id)).toEqual([...sim.world.templates.values()].map(({ id }) => id));
    expect(listed[0]).toMatchObject({ status: 'APPROVED', language: first.language, name: first.name });
  });

  it('carries no secret in what it throws', async () => {
    const gone = open({ graphUrl: 'http://127.0.0.1:9' });
    const refused = await failureOf(graph.exchangeCode(appId, 'other-code'));
    expect(refused).toBeInstanceOf(WhatsAppError);
    for (const error of [
      refused,
      await failureOf(gone.debugToken(appId)),
      await failureOf(gone.register(phoneNumberId, PIN)),
    ]) {
      const text = `${inspect(error, { depth: Infinity, showHidden: true })}${JSON.stringify(error)}`;
      for (const secret of [appSecret, accessToken, PIN, 'other-code']) expect(text).not.toContain(secret);
    }
  });

  it.each([
    ['http to another machine', { graphUrl: 'http://graph.facebook.com' }],
    ['a version that is none', { version: '25' }],
    ['no token', { accessToken: '' }],
  ])('%s is refused at once', (_, more) => {
    expect(() => open(more)).toThrow(TypeError);
  });

  it('refuses ids that leave the path', () => {
    expect(() => graph.phoneNumber('../1')).toThrow(TypeError);
    expect(() => graph.subscribe('1/2')).toThrow(TypeError);
  });
});
