import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ACCOUNT, SETUP_PATHS } from '../../shared/setup-api.ts';
import { eventually, startTestGateway, type TestGateway, wish } from '../../test/fixtures/gateway.ts';
import { type GraphFront, startGraphFront } from '../../test/fixtures/graph-front.ts';
import { createMigratedDatabase, memoryDatabase } from '../../test/fixtures/postgres.ts';
import { type SetupPageClient, signedIn } from '../../test/fixtures/setup-page.ts';
import { createGraphSim, type GraphSim, SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';

const SECOND = {
  wabaId: '200000000000002',
  phoneNumberId: '100000000000002',
  displayPhoneNumber: '622150000002',
  businessName: 'Kopi Senja',
};
const SECOND_TOKEN = 'EAAsecondtokenoftheothershop';
const CUSTOMER = '+6281311112222';
const SUPERVISOR = '+6281311113333';

for (const kind of ['PGlite', 'PostgreSQL'] as const) {
  describe(`a WhatsApp account for each shop (${kind})`, () => {
    let front: GraphFront;
    let gw: TestGateway;
    let second: GraphSim;
    let page: SetupPageClient;
    let account: string;
    let storeId: string;
    let staffId: string;
    let drop = async () => {};

    beforeAll(async () => {
      const made = kind === 'PostgreSQL' ? await createMigratedDatabase() : null;
      drop = made?.drop ?? drop;
      const database =
        made === null ? await memoryDatabase() : ({ kind: 'postgres', url: made.url } as const);
      front = await startGraphFront();
      gw = await startTestGateway({ database, config: { graphUrl: front.url } });
      second = createGraphSim({
        account: SECOND,
        accessToken: SECOND_TOKEN,
        limits: { on: false },
        seed: 2,
        templates: [],
      });
      front.add([SIM_DEFAULTS.phoneNumberId, SIM_DEFAULTS.wabaId], gw.graphUrl);
      front.add([SECOND.phoneNumberId, SECOND.wabaId, SECOND_TOKEN], await second.listen(0));
      second.setWebhook(`${gw.url}/webhooks/whatsapp`);
      for (const number of [CUSTOMER, SUPERVISOR]) {
        second.addPhone({ number });
        gw.graph.addPhone({ number });
      }
      page = await signedIn(gw);
      const { admin } = gw.gateway.services;
      ({ storeId } = await admin.run('store add', {
        ...{ name: 'Kopi Senja Kemang', country: 'ID', currency: 'IDR', language: 'id' },
        timezone: 'Asia/Jakarta',
      }));
      ({ staffId } = await admin.run('staff add', {
        ...{ storeId, name: 'Sari', role: 'supervisor', pin: '2468', phone: SUPERVISOR },
      }));
      for (const id of [storeId, gw.demo.storeId]) {
        const { id: customerId } = await admin.run('customer add', {
          ...{ storeId: id, name: 'Ayu', phone: CUSTOMER, language: 'id' },
        });
        const amount = 100_000;
        const customer = { id: customerId };
        await admin.run('wallet credit', {
          storeId: id,
          customer,
          asset: 'deposit',
          amount,
          key: customerId,
        });
      }
    });
    afterAll(async () => {
      await gw.close();
      await second.close();
      await front.close();
      await drop();
    });

    const of = (path: string) => `${path}?account=${account}`;
    /** A redemption's code in a store, and from which number it came. */
    async function codeIn(store: string) {
      const till = await gw.pair('Kasir', store);
      const customer = { phone: CUSTOMER };
      const created = await till.post('/v1/redemptions', wish(gw, 0, { customer }));
      expect(created.status).toBe(200);
      const { id } = created.body.redemption;
      return eventually(async () => {
        const row = await gw.gateway.services.engine.kysely
          .selectFrom('messages')
          .select(['state', 'reason', 'wamid', 'template'])
          .where('redemption_id', '=', id)
          .executeTakeFirst();
        return row === undefined || row.state === 'queued' || row.state === 'accepted' ? null : row;
      }, 'what became of the code');
    }
    const sentBy = (sim: GraphSim, wamid: string | null) =>
      sim.world.messages.some((message) => message.wamid === wamid);

    it('is made by the operator, and has nothing of the first one but its app', async () => {
      const answer = await page.post(SETUP_PATHS.accounts, { name: 'Kopi Senja' });
      account = answer.body.account;
      const { body: state } = await page.get(of(SETUP_PATHS.state));
      expect(state).toMatchObject({
        account,
        accounts: [
          { id: DEFAULT_ACCOUNT, name: '' },
          { id: account, name: 'Kopi Senja' },
        ],
        settings: {
          wabaId: null,
          phoneNumberId: null,
          accessToken: false,
          appSecret: true,
          verifyToken: true,
        },
        // What the environment says of account and number is the first one's.
        fixed: ['appSecret', 'verifyToken'],
      });
      expect((await page.get(`${SETUP_PATHS.state}?account=${storeId}`)).body.error.code).toBe(
        'account_unknown',
      );
    });

    it('sends nothing by another shop’s number while it has none of its own', async () => {
      await page.change(SETUP_PATHS.assign, { storeId, account });
      expect(await codeIn(storeId)).toMatchObject({ state: 'failed', reason: 'not_connected' });
    });

    it('is checked with its own token', async () => {
      const { wabaId, phoneNumberId } = SECOND;
      const state = await page.change(of(SETUP_PATHS.settings), {
        ...{ wabaId, phoneNumberId, accessToken: SECOND_TOKEN },
      });
      const stateOf = (step: string) => state.steps.find((one) => one.step === step)?.state;
      expect([stateOf('account'), stateOf('number')]).toEqual(['done', 'done']);
      const { body: first } = await page.get(SETUP_PATHS.state);
      expect(first.settings).toMatchObject({
        wabaId: SIM_DEFAULTS.wabaId,
        phoneNumberId: SIM_DEFAULTS.phoneNumberId,
      });
    });

    it('has a number that no other account takes', async () => {
      const other = await gw.gateway.services.admin.run('whatsapp add', { name: 'Lain' });
      expect(
        await page.refused(`${SETUP_PATHS.settings}?account=${other.account}`, {
          phoneNumberId: SECOND.phoneNumberId,
        }),
      ).toBe('account_number_taken');
    });

    it('has templates of its own: what Meta approved for another is not sent', async () => {
      await page.change(of(SETUP_PATHS.check), { step: 'templates' });
      expect(await codeIn(storeId)).toMatchObject({ state: 'failed', reason: 'template_missing' });
      // Not even tried.
      expect(second.requests.filter(({ path }) => path.endsWith('/messages'))).toEqual([]);
      await page.change(of(SETUP_PATHS.submitTemplates));
      for (const template of second.world.templates.values()) {
        second.world.setTemplateStatus(template, 'APPROVED');
      }
      await second.settled();
      const templates = async () => (await page.get(of(SETUP_PATHS.state))).body.templates;
      await eventually(
        async () =>
          (await templates()).some(
            (one: { name: string; status: string }) =>
              one.name === 'saksi_redemption_code' && one.status === 'approved',
          ),
        'the approval',
      );
    });

    it('sends its shops’ codes, and the first one goes on sending all others’', async () => {
      const own = await codeIn(storeId);
      expect([sentBy(second, own.wamid), sentBy(gw.graph, own.wamid)]).toEqual([true, false]);
      expect(own.state).not.toBe('failed');
      const usual = await codeIn(gw.demo.storeId);
      expect([sentBy(second, usual.wamid), sentBy(gw.graph, usual.wamid)]).toEqual([false, true]);
    });

    it('may send what its own number may', async () => {
      const { admin } = gw.gateway.services;
      await admin.run('limits set', { account, perSecond: 7 });
      expect(await admin.run('limits show', { account })).toMatchObject({
        ...{ number_id: SECOND.phoneNumberId, per_second: 7 },
      });
      expect(await admin.run('limits show', {})).toMatchObject({
        ...{ number_id: SIM_DEFAULTS.phoneNumberId },
      });
      expect((await admin.run('limits show', {})).per_second).not.toBe(7);
      await codeIn(storeId);
      const buckets = await gw.gateway.services.engine.kysely
        .selectFrom('send_buckets')
        .select('number_id')
        .execute();
      expect(buckets).toContainEqual({ number_id: SECOND.phoneNumberId });
      second.world.tell('business_capability_update', { max_daily_conversations_per_business: 'TIER_2K' });
      await second.settled();
      await eventually(
        async () => (await admin.run('limits show', { account })).daily_people === 2000,
        'its news',
      );
      expect((await admin.run('limits show', {})).daily_people).not.toBe(2000);
      await admin.run('limits set', { account, perSecond: 0, dailyPeople: null });
    });

    it('answers whoever writes to it, by it: a window is with one number', async () => {
      const { admin, engine } = gw.gateway.services;
      const { word } = await admin.run('staff enrol', { staffId });
      second.world.reply(SUPERVISOR.slice(1), { text: word });
      const reply = await eventually(async () => {
        const rows = await engine.kysely
          .selectFrom('messages')
          .select(['state', 'wamid', 'whatsapp_account', 'template'])
          .where('kind', '=', 'note')
          .execute();
        return rows.find(({ wamid, state }) => wamid !== null && state !== 'queued') ?? null;
      }, 'the reply');
      expect(reply).toMatchObject({ whatsapp_account: account, template: 'text' });
      expect(sentBy(second, reply.wamid)).toBe(true);
      const windows = await engine.kysely.selectFrom('contact_windows').select('contact').execute();
      expect(windows.length).toBeGreaterThan(0);
      gw.graph.world.reply(SUPERVISOR.slice(1), { text: 'halo' });
      await eventually(async () => {
        const now = await engine.kysely.selectFrom('contact_windows').select('contact').execute();
        return now.length === 2 * windows.length;
      }, 'a window of its own');
    });

    it('lets go of a shop that goes back to the first one', async () => {
      await gw.gateway.services.admin.run('whatsapp assign', { storeId, account: DEFAULT_ACCOUNT });
      const own = await codeIn(storeId);
      expect(sentBy(gw.graph, own.wamid)).toBe(true);
      const listed = await gw.gateway.services.admin.run('whatsapp accounts', {});
      expect(listed.find(({ id }) => id === account)?.stores).toEqual([]);
      expect(
        await page.refused(SETUP_PATHS.assign, { storeId, account: '018f0000-0000-7000-8000-00000000dead' }),
      ).toBe('account_unknown');
    });
  });
}
