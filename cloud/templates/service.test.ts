import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemEffects } from '../../shared/effects.ts';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import { eventually, startTestGateway, type TestGateway, wish } from '../../test/fixtures/gateway.ts';
import { SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';
import { loadTemplates } from '../whatsapp/templates.ts';
import { createTemplateBook } from './book.ts';
import { createTemplateService } from './service.ts';

const { wabaId } = SIM_DEFAULTS;
const CODE = 'saksi_redemption_code';
const OURS = loadTemplates();
const COUNT = OURS.authentication.length + OURS.utility.length;

describe('templates at Meta', () => {
  let gw: TestGateway;
  beforeAll(async () => {
    gw = await startTestGateway();
  });
  afterAll(() => gw.close());
  beforeEach(async () => {
    const { kysely } = gw.gateway.services.engine;
    await sql`delete from message_templates`.execute(kysely);
    await sql`delete from template_syncs`.execute(kysely);
    for (const template of gw.graph.world.templates.values()) template.status = 'APPROVED';
    await gw.graph.settled();
  });

  const run = ((...args: Parameters<TestGateway['gateway']['services']['admin']['run']>) =>
    gw.gateway.services.admin.run(...args)) as TestGateway['gateway']['services']['admin']['run'];
  const atMeta = (name: string, language = 'id') => {
    const template = gw.graph.world.templates.get(`${name}/${language}`);
    if (template === undefined) throw new Error('no such template');
    return template;
  };
  const row = (name: string, language = 'id') =>
    gw.gateway.services.engine.kysely
      .selectFrom('message_templates')
      .selectAll()
      .where('name', '=', name)
      .where('language', '=', language)
      .executeTakeFirst();
  const follows = (status: string, name = CODE) =>
    eventually(async () => (await row(name))?.status === status, `${name} ${status}`);

  /** With other words for the code than those in resources/. */
  function reworded(minutes: number) {
    const { engine, accounts } = gw.gateway.services;
    const authentication = OURS.authentication.map((template) =>
      template.name === CODE && template.language === 'id'
        ? {
            ...template,
            message_send_ttl_seconds: minutes * 60,
            components: [
              template.components[0],
              { ...template.components[1], code_expiration_minutes: minutes },
              template.components[2],
            ] as typeof template.components,
          }
        : template,
    );
    const templates = { ...OURS, authentication };
    const book = createTemplateBook({ engine, clock: systemEffects.clock, wabaId: async () => wabaId });
    const service = createTemplateService({
      ...{
        engine,
        templates,
        clock: systemEffects.clock,
        account: accounts.of(DEFAULT_ACCOUNT).graph,
        onChange: book.forget,
      },
      wabaId: async () => wabaId,
    });
    const wanted = authentication.filter(({ name, language }) => name === CODE && language === 'id');
    return { service, book, wanted };
  }

  it('are read with all their pages, and what others made is left alone', async () => {
    const sample = atMeta(CODE);
    for (let n = 0; n < 120; n += 1) {
      gw.graph.world.templates.set(`promo_${n}/id`, { ...sample, name: `promo_${n}`, id: `9${n}` });
    }
    expect(await run('templates sync', {})).toEqual({ ours: COUNT, others: 120 });
    for (let n = 0; n < 120; n += 1) gw.graph.world.templates.delete(`promo_${n}/id`);
    const listed = await run('templates list', {});
    expect(listed).toHaveLength(COUNT);
    expect(listed.every(({ status, version }) => status === 'approved' && version === 1)).toBe(true);
    expect(await row(CODE)).toMatchObject({
      meta_id: sample.id,
      shape: 'authentication',
      category: 'authentication',
    });
  });

  it('are submitted once: what Meta has is left, what it lacks is created and waits for its review', async () => {
    gw.graph.world.templates.delete(`${CODE}/id`);
    const results = await run('templates submit', {});
    expect(results.filter(({ outcome }) => outcome === 'submitted')).toEqual([
      { template: `${CODE}/id`, outcome: 'submitted' },
    ]);
    expect(results.filter(({ outcome }) => outcome === 'unchanged')).toHaveLength(COUNT - 1);
    expect(await row(CODE)).toMatchObject({ status: 'pending', version: 1, meta_id: atMeta(CODE).id });
    expect((await run('templates submit', {})).every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    gw.graph.world.setTemplateStatus(atMeta(CODE), 'APPROVED');
    await follows('approved');
  });

  it('get a new name with new words; the version before stands in until Meta has approved', async () => {
    await run('templates sync', {});
    const { service, book, wanted } = reworded(4);
    expect((await service.submit()).filter(({ outcome }) => outcome !== 'unchanged')).toEqual([
      { template: `${CODE}/id`, outcome: 'submitted' },
    ]);
    expect(await row(`${CODE}_v2`)).toMatchObject({ version: 2, base: CODE, status: 'pending' });
    expect(await book.choose(wanted)).toMatchObject({ template: { name: CODE } });
    expect((await service.submit()).every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    atMeta(`${CODE}_v2`).status = 'APPROVED';
    await service.sync();
    expect(await book.choose(wanted)).toMatchObject({
      template: { name: `${CODE}_v2`, message_send_ttl_seconds: 240 },
    });
    gw.graph.world.templates.delete(`${CODE}_v2/id`);
    await service.sync();
    expect(await row(`${CODE}_v2`)).toMatchObject({ status: 'draft', meta_id: null });
    expect(await book.choose(wanted)).toMatchObject({ template: { name: CODE } });
  });

  it('with words that Meta rejected are not submitted again', async () => {
    atMeta(CODE).status = 'REJECTED';
    const results = await run('templates submit', {});
    expect(results.find(({ template }) => template === `${CODE}/id`)).toEqual({
      template: `${CODE}/id`,
      outcome: 'rejected_before',
    });
  });

  it('say so when Meta refuses or cannot be asked', async () => {
    gw.graph.world.templates.delete(`${CODE}/id`);
    const { service } = reworded(4);
    await service.submit();
    await sql`delete from message_templates where name = ${CODE} and language = 'id'`.execute(
      gw.gateway.services.engine.kysely,
    );
    gw.graph.world.templates.delete(`${CODE}/id`);
    await gw.gateway.services.accounts.of(DEFAULT_ACCOUNT).set({});
    const template = atMeta('saksi_approval_code');
    expect(template.status).toBe('APPROVED');
    const nobody = createTemplateService({
      engine: gw.gateway.services.engine,
      clock: systemEffects.clock,
      templates: OURS,
      account: async () => ({
        wabaId: '999',
        graph: (await gw.gateway.services.accounts.of(DEFAULT_ACCOUNT).graph()).graph,
      }),
      wabaId: async () => '999',
      onChange: () => {},
    });
    await expect(nobody.sync()).rejects.toMatchObject({ code: 'whatsapp_refused', params: { code: 100 } });
    gw.graph.world.templates.set(`${CODE}/id`, { ...template, name: CODE, language: 'id' });
  });

  it('follow what webhooks tell, in whatever order they come; old news change nothing', async () => {
    await run('templates sync', {});
    const news = (event: string, reason: string | null = null) => ({
      ...{
        event,
        reason,
        message_template_id: 1,
        message_template_name: CODE,
        message_template_language: 'id',
      },
    });
    gw.graph.world.tell('message_template_status_update', news('REJECTED', 'INVALID_FORMAT'));
    await follows('rejected');
    expect(await row(CODE)).toMatchObject({ reason: 'INVALID_FORMAT' });
    gw.graph.world.tell('message_template_quality_update', {
      ...news(''),
      ...{ new_quality_score: 'yellow', previous_quality_score: 'GREEN' },
    });
    await eventually(async () => (await row(CODE))?.quality === 'YELLOW', 'the quality');
    gw.graph.world.tell('template_category_update', { ...news(''), new_category: 'MARKETING' });
    await eventually(async () => (await row(CODE))?.category === 'marketing', 'the category');
    await gw.gateway.services.account.keep([
      {
        ...{
          type: 'account',
          key: 'old',
          wabaId,
          field: 'message_template_status_update',
          timestampMs: 1_700_000_000_000,
        },
        facts: { event: 'APPROVED', message_template_name: CODE, message_template_language: 'id' },
      },
    ]);
    expect((await row(CODE))?.status).toBe('rejected');
    // A word that Meta added says nothing about whether it may be sent.
    gw.graph.world.tell('message_template_status_update', news('SOMETHING_NEW'));
    await gw.graph.settled();
    expect((await row(CODE))?.status).toBe('rejected');
  });

  it('are read again after an hour, once they were read', async () => {
    const { templates } = gw.gateway.services.sending.of(DEFAULT_ACCOUNT);
    const asked = () => gw.graph.requests.filter(({ path }) => path.endsWith('/message_templates')).length;
    const before = asked();
    await templates.syncDue();
    expect(asked()).toBe(before);
    await templates.sync();
    await templates.syncDue();
    expect(asked()).toBe(before + 1);
    gw.shiftClock(3_600_000);
    await templates.syncDue();
    expect(asked()).toBe(before + 2);
    gw.shiftClock(-3_600_000);
  });

  describe('and messages', () => {
    async function sent(index: number) {
      const till = await gw.pair();
      const created = await till.post('/v1/redemptions', wish(gw, index));
      const { id } = created.body.redemption;
      return eventually(async () => {
        const found = await gw.gateway.services.engine.kysely
          .selectFrom('messages')
          .select(['state', 'reason', 'template'])
          .where('redemption_id', '=', id)
          .executeTakeFirstOrThrow();
        return found.state === 'queued' ? null : found;
      }, 'the message');
    }

    it('go out before templates were read for the first time: Meta is the judge', async () => {
      expect(await sent(0)).toMatchObject({ reason: null, template: `${CODE}/id` });
    });

    it('never by one that is paused, and the till is told; in another language where that one is approved', async () => {
      await run('templates sync', {});
      gw.graph.world.setTemplateStatus(atMeta(CODE), 'PAUSED');
      await follows('paused');
      const calls = gw.graph.requests.filter(({ path }) => path.endsWith('/messages')).length;
      expect(await sent(1)).toMatchObject({ template: `${CODE}/en` });
      gw.graph.world.setTemplateStatus(atMeta(CODE, 'en'), 'DISABLED');
      await eventually(async () => (await row(CODE, 'en'))?.status === 'disabled', 'disabled');
      expect(await sent(2)).toMatchObject({ state: 'failed', reason: 'template_paused', template: null });
      expect(gw.graph.requests.filter(({ path }) => path.endsWith('/messages'))).toHaveLength(calls + 1);
      gw.graph.world.setTemplateStatus(atMeta(CODE), 'APPROVED');
      await follows('approved');
      expect(await sent(3)).toMatchObject({ reason: null, template: `${CODE}/id` });
    });

    it('never by one that waits or was rejected', async () => {
      atMeta(CODE).status = 'PENDING';
      atMeta(CODE, 'en').status = 'REJECTED';
      await run('templates sync', {});
      expect(await sent(4)).toMatchObject({ state: 'failed', reason: 'template_missing', template: null });
    });
  });
});
