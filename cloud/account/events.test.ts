import { expect, it } from 'vitest';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import { call, describeGateway, eventually, sign } from '../../test/fixtures/gateway.ts';
import { SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';

const { wabaId } = SIM_DEFAULTS;

describeGateway('what Meta tells about the account', (gw) => {
  const state = () => gw().gateway.services.admin.run('whatsapp state', {});
  const kept = () => gw().gateway.services.engine.kysely.selectFrom('account_events').selectAll().execute();

  it('is kept once and folded; news of another account is not ours', async () => {
    const { graph } = gw();
    graph.webhooks.knobs.duplicates = 1;
    graph.world.tell('phone_number_quality_update', {
      event: 'FLAGGED',
      current_limit: 'TIER_2K',
      display_phone_number: '62',
    });
    graph.world.tell('account_update', {
      event: 'DISABLED_UPDATE',
      ban_info: { waba_ban_state: 'SCHEDULE_FOR_DISABLE' },
    });
    graph.world.tell('security', { event: 'PIN_CHANGED', requester: '1' });
    await graph.settled();
    await eventually(async () => (await state()).security?.event === 'PIN_CHANGED', 'the news');
    graph.webhooks.knobs.duplicates = 0;
    expect(await state()).toMatchObject({ flagged: true, tier: 2000, ban: 'scheduled', quality: null });
    expect(await kept()).toHaveLength(3);

    const change = { field: 'account_update', value: { event: 'ACCOUNT_DELETED' } };
    const body = JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: '999', time: 1_790_000_000, changes: [change] }],
    });
    const headers = { 'x-hub-signature-256': sign(body) };
    expect((await call(gw().url, 'POST', '/webhooks/whatsapp', { raw: body, headers })).status).toBe(200);
    expect((await state()).ban).toBe('scheduled');
    expect((await kept()).map(({ waba_id }) => waba_id)).toContain('999');
  });

  it('is completed by what the Graph API says when it is asked', async () => {
    Object.assign(gw().graph.number, { qualityRating: 'RED', messagingLimit: 'TIER_UNLIMITED' });
    const said = await gw().gateway.services.admin.run('whatsapp check', {});
    expect(said).toMatchObject({ verifiedName: 'Toko Saksi', qualityRating: 'RED' });
    expect(JSON.stringify(said)).not.toContain(SIM_DEFAULTS.displayPhoneNumber);
    expect(await state()).toMatchObject({ quality: 'RED', tier: 'unlimited', flagged: true });
  });

  it('comes before its time by Meta’s clock only as far as ours goes', async () => {
    const ahead = Date.now() + 86_400_000;
    await gw().gateway.services.account.keep([
      {
        type: 'account',
        key: 'ahead',
        wabaId,
        field: 'security',
        timestampMs: ahead,
        facts: { event: 'PIN_RESET_SUCCESS' },
      },
    ]);
    expect((await state()).at).toBeLessThanOrEqual(Date.now());
  });

  it('is told to nobody who has not said which account is theirs', async () => {
    const { accounts, admin } = gw().gateway.services;
    const known = await accounts.of(DEFAULT_ACCOUNT).settings();
    expect(known.wabaId).toBe(wabaId);
    await expect(admin.run('whatsapp state', {})).resolves.toBeDefined();
  });
});
