import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DEFAULT_ACCOUNT,
  SETUP_PATHS,
  type SetupState,
  type SetupStep,
  setupStateSchema,
} from '../../shared/setup-api.ts';
import { eventually } from '../../test/fixtures/gateway.ts';
import { memoryDatabase } from '../../test/fixtures/postgres.ts';
import { type SetupPageClient, signedIn } from '../../test/fixtures/setup-page.ts';
import { createGraphSim, type GraphSim, SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';
import type { WhatsAppSettings } from '../config.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import { createLogger } from '../http/logger.ts';

const { wabaId, phoneNumberId, accessToken, appId, appSecret, signupCode } = SIM_DEFAULTS;
const VERIFY_TOKEN = 'a-word-of-both';
const PHONE = '+6281234567890';
const PIN = '271828';

describe('setting an account up, from nothing', () => {
  let sim: GraphSim;
  let gateway: Gateway;
  let url: string;
  let page: SetupPageClient;
  const log: string[] = [];

  async function open(whatsapp: WhatsAppSettings = {}) {
    sim = createGraphSim({ limits: { on: false }, templates: [] });
    Object.assign(sim.number, { registered: false, subscribed: false });
    sim.addPhone({ number: PHONE });
    gateway = await createGateway({
      config: {
        ...{
          database: await memoryDatabase(),
          dataDir: 'unused',
          host: '127.0.0.1',
          port: 0,
          trustProxy: false,
        },
        ...{
          logLevel: 'debug',
          masterKey: new Uint8Array(randomBytes(32)),
          graphVersion: SIM_DEFAULTS.version,
        },
        ...{ graphUrl: await sim.listen(0), whatsapp },
      },
      logger: createLogger('debug', { write: (line) => void log.push(line) }),
    });
    url = await gateway.listen();
    page = await signedIn({ gateway, url });
  }
  async function close() {
    await gateway.stop();
    await sim.close();
  }

  const look = async () => setupStateSchema.parse((await page.get(SETUP_PATHS.state)).body);
  const stateOf = (state: SetupState, step: SetupStep) => {
    const view = state.steps.find((it) => it.step === step);
    return [view?.state, view?.error?.code ?? null];
  };
  const DONE = ['done', null];
  const save = (settings: object) => page.change(SETUP_PATHS.settings, settings);

  describe('in the order of the page', () => {
    beforeAll(() => open());
    afterAll(close);

    it('begins with nothing known and nothing done', async () => {
      const state = await look();
      expect(new Set(state.steps.map((it) => it.state))).toEqual(new Set(['todo']));
      expect(state).toMatchObject({
        fixed: [],
        number: null,
        message: null,
        webhook: { url: null, heardAt: null },
      });
    });

    it('keeps the ids until there is a token to check them with', async () => {
      await save({ wabaId, phoneNumberId });
      const state = await look();
      expect(stateOf(state, 'account')).toEqual(['saved', null]);
      expect(stateOf(state, 'number')).toEqual(['saved', null]);
    });

    it('finds the ids right by the token; the token itself by the app', async () => {
      const state = await save({ appId, appSecret, accessToken });
      for (const step of ['account', 'number', 'token'] as const) expect(stateOf(state, step)).toEqual(DONE);
      expect(state.token).toEqual({
        expiresAt: null,
        scopes: ['whatsapp_business_management', 'whatsapp_business_messaging'],
      });
      expect(stateOf(state, 'app')).toEqual(['todo', null]);
      expect(stateOf(await save({ verifyToken: VERIFY_TOKEN }), 'app')).toEqual(DONE);
    });

    it('says of each wrong id what is wrong, and forgets that when it is put right', async () => {
      expect(stateOf(await save({ phoneNumberId: '42' }), 'number')).toEqual([
        'failed',
        'setup_number_foreign',
      ]);
      expect(stateOf(await save({ wabaId: '42' }), 'account')).toEqual(['failed', 'whatsapp_refused']);
      const state = await save({ wabaId, phoneNumberId });
      expect([stateOf(state, 'account'), stateOf(state, 'number')]).toEqual([DONE, DONE]);
    });

    it('checks again what a wrong secret spoiled, once that is right', async () => {
      const spoiled = await save({ appSecret: 'other' });
      expect(stateOf(spoiled, 'app')).toEqual(['failed', 'setup_app_wrong']);
      expect(stateOf(spoiled, 'account')).toEqual(['failed', 'whatsapp_refused']);
      const state = await save({ appSecret });
      for (const step of ['account', 'number', 'token', 'app'] as const)
        expect(stateOf(state, step)).toEqual(DONE);
    });

    it('calls its own address as Meta will', async () => {
      const wrong = await save({ publicUrl: sim.app.listeningOrigin });
      expect(stateOf(wrong, 'webhook')).toEqual(['failed', 'setup_webhook_differs']);
      const nobody = await save({ publicUrl: 'http://127.0.0.1:1' });
      expect(stateOf(nobody, 'webhook')).toEqual(['failed', 'setup_webhook_unreachable']);
      const state = await save({ publicUrl: `${url}/` });
      expect(stateOf(state, 'webhook')).toEqual(DONE);
      expect(state.webhook).toEqual({ url: `${url}/webhooks/whatsapp`, heardAt: null });
    });

    it('has Meta call it, and hears of what is written to the number', async () => {
      await page.change(SETUP_PATHS.connectWebhook);
      expect(sim.webhooks.target?.url).toBe(`${url}/webhooks/whatsapp`);
      sim.world.reply(PHONE.slice(1), { text: 'hi' });
      await eventually(async () => (await look()).webhook.heardAt !== null, 'news from Meta');
    });

    it('subscribes, and registers the number with its PIN', async () => {
      expect(stateOf(await look(), 'subscription')).toEqual(['failed', 'setup_not_subscribed']);
      expect(stateOf(await page.change(SETUP_PATHS.subscribe), 'subscription')).toEqual(DONE);
      expect(stateOf(await look(), 'registration')).toEqual(['failed', 'setup_not_registered']);
      sim.number.pin = '314159';
      expect(await page.refused(SETUP_PATHS.register, { pin: PIN })).toBe('whatsapp_refused');
      sim.number.pin = null;
      expect(stateOf(await page.change(SETUP_PATHS.register, { pin: PIN }), 'registration')).toEqual(DONE);
    });

    it('shows the number, and whether it is one for tests', async () => {
      const number = {
        displayPhoneNumber: '+622150000001',
        verifiedName: 'Toko Saksi',
        qualityRating: 'GREEN',
      };
      expect((await look()).number).toMatchObject({ ...number, isTest: false, platformType: 'CLOUD_API' });
      sim.number.accountMode = 'SANDBOX';
      expect((await page.change(SETUP_PATHS.check, { step: 'status' })).number).toMatchObject({
        isTest: true,
      });
      sim.number.accountMode = 'LIVE';
    });

    it('shows what Meta tells of the account, as it comes', async () => {
      expect((await look()).standing).toEqual({ flagged: false, ban: 'none', restrictions: 0 });
      sim.world.tell('account_update', {
        event: 'DISABLED_UPDATE',
        ban_info: { waba_ban_state: 'SCHEDULE_FOR_DISABLE', waba_ban_date: 'tomorrow' },
      });
      await eventually(async () => (await look()).standing?.ban === 'scheduled', 'the news');
      expect(stateOf(await look(), 'status')).toEqual(['failed', null]);
      sim.world.tell('account_update', {
        event: 'DISABLED_UPDATE',
        ban_info: { waba_ban_state: 'REINSTATE' },
      });
      await eventually(async () => (await look()).standing?.ban === 'none', 'the good news');
      expect(stateOf(await look(), 'status')).toEqual(DONE);
    });

    it('follows the templates until they are approved', async () => {
      expect(stateOf(await look(), 'templates')).toEqual(['todo', null]);
      const submitted = await page.change(SETUP_PATHS.submitTemplates);
      expect(stateOf(submitted, 'templates')).toEqual(['saved', null]);
      expect(new Set(submitted.templates.map(({ status }) => status))).toEqual(new Set(['pending']));
      for (const template of sim.world.templates.values()) sim.world.setTemplateStatus(template, 'APPROVED');
      await eventually(async () => stateOf(await look(), 'templates')[0] === 'done', 'the approval');
    });

    it('sends a code that is good for nothing, and sees it arrive', async () => {
      const sent = await page.change(SETUP_PATHS.testMessage, { to: '0812-3456-7890', language: 'id' });
      expect(sent.message).toMatchObject({ to: '+62•••••••7890' });
      await eventually(async () => stateOf(await look(), 'message')[0] === 'done', 'the delivery');
      expect(sim.world.latestCode(PHONE.slice(1))?.code).toMatch(/^\d{6}$/);
    });

    it('tells a number that the test number may not write to from one that is not on WhatsApp', async () => {
      sim.world.allowList = new Set();
      const listed = await page.change(SETUP_PATHS.testMessage, { to: PHONE, language: 'id' });
      expect(listed.message).toMatchObject({ state: 'failed', reason: 'test_number_not_registered' });
      sim.world.allowList = undefined;
      await page.change(SETUP_PATHS.testMessage, { to: '+6281234567899', language: 'tr' });
      await eventually(async () => (await look()).message?.reason === 'not_on_whatsapp', 'the failure');
      expect(await page.refused(SETUP_PATHS.testMessage, { to: '12345', language: 'id' })).toBe(
        'phone_malformed',
      );
    });

    it('does not give a good token up for a bad one', async () => {
      expect(await page.refused(SETUP_PATHS.settings, { accessToken: 'other' })).toBe('setup_token_invalid');
      expect(stateOf(await page.change(SETUP_PATHS.check, { step: 'token' }), 'token')).toEqual(DONE);
    });

    it('writes down who did what, and no value of it', async () => {
      const events = await gateway.services.engine.kysely.selectFrom('web_events').selectAll().execute();
      expect(events.map(({ what }) => what)).toEqual(
        expect.arrayContaining(['sign_in', 'settings', 'register', 'subscribe', 'test-message']),
      );
      expect(events.map(({ what, detail }) => `${what} ${detail}`)).toContain(
        'register refused: whatsapp_refused',
      );
      const kept = JSON.stringify(events) + log.join('\n');
      for (const secret of [accessToken, appSecret, VERIFY_TOKEN, PIN, PHONE.slice(1), page.cookie]) {
        expect(kept).not.toContain(secret);
      }
      const tables = await gateway.services.engine.kysely
        .selectFrom('whatsapp_accounts')
        .selectAll()
        .execute();
      expect(JSON.stringify(tables)).not.toContain(accessToken);
      for (const secret of [accessToken, appSecret, VERIFY_TOKEN]) {
        expect(JSON.stringify(await look())).not.toContain(secret);
      }
    });

    it('forgets the token, and has Meta send nothing more', async () => {
      const state = await page.change(SETUP_PATHS.forgetToken);
      expect(state.settings.accessToken).toBe(false);
      expect(stateOf(state, 'token')).toEqual(['todo', null]);
      expect(stateOf(state, 'account')).toEqual(['saved', null]);
      expect(sim.number.subscribed).toBe(false);
      expect(await gateway.services.accounts.of(DEFAULT_ACCOUNT).client()).toBeNull();
    });
  });

  describe('by Embedded Signup', () => {
    beforeAll(() => open());
    afterAll(close);
    const given = (run: number) => ({ code: `${signupCode}-${run}`, wabaId, phoneNumberId });

    it('keeps nothing before the app is known, nor when the number is of another account', async () => {
      expect(await page.refused(SETUP_PATHS.signup, given(1))).toBe('whatsapp_not_set_up');
      await save({ appId, appSecret, configId: '7' });
      const foreign = { ...given(1), phoneNumberId: '42' };
      expect(await page.refused(SETUP_PATHS.signup, foreign)).toBe('setup_number_foreign');
      expect((await look()).settings).toMatchObject({
        accessToken: false,
        wabaId: null,
        phoneNumberId: null,
      });
    });

    it('exchanges the code for a token, once, and keeps what belongs together', async () => {
      const state = await page.change(SETUP_PATHS.signup, given(2));
      for (const step of ['account', 'number', 'token'] as const) expect(stateOf(state, step)).toEqual(DONE);
      expect(await page.refused(SETUP_PATHS.signup, given(2))).toBe('whatsapp_refused');
      expect(stateOf(await look(), 'token')).toEqual(DONE);
    });

    it("shares a partner's credit line by the partner's token, which it does not keep", async () => {
      const credit = { creditLineId: '77', currency: 'IDR' };
      const share = (partnerToken: string) => page.post(SETUP_PATHS.shareCredit, { ...credit, partnerToken });
      expect((await share('wrong')).body.error.code).toBe('whatsapp_refused');
      expect((await share(accessToken)).status).toBe(200);
      expect(sim.number.creditLine).toBe('77');
    });
  });

  it('what stands in the environment is shown as such, and is not changed here', async () => {
    await open({ phoneNumberId, accessToken });
    expect((await look()).fixed).toEqual(['phoneNumberId', 'accessToken']);
    expect(await page.refused(SETUP_PATHS.settings, { phoneNumberId: '42' })).toBe('setup_fixed');
    expect(await page.refused(SETUP_PATHS.forgetToken)).toBe('setup_fixed');
    await close();
  });
});
