import { beforeAll, expect, it } from 'vitest';
import { SHOP_PATHS, shopDeskSchema } from '../../shared/shop-desk.ts';
import { webStorePath } from '../../shared/web-api.ts';
import { call, describeGateway } from '../../test/fixtures/gateway.ts';
import { staffOf } from '../../test/fixtures/manager-desk.ts';
import { pageOf, type SetupPageClient, signedIn } from '../../test/fixtures/setup-page.ts';

describeGateway('a shop’s tills, people and rules on the gateway’s own page', (gw) => {
  let page: SetupPageClient;
  const admin = () => gw().gateway.services.admin;
  const at = (path: string, storeId = gw().demo.storeId) => webStorePath(storeId, path);
  const desk = async () => shopDeskSchema.parse((await page.get(at(SHOP_PATHS.desk))).body);
  const ask = (path: string, body: unknown) => page.post(at(path), body);
  async function byLink(staffId: string): Promise<SetupPageClient> {
    const { link } = await admin().run('web link', { staffId });
    const client = pageOf(gw());
    await client.signIn(link.split('#token=')[1] ?? '');
    return client;
  }
  beforeAll(async () => {
    page = await byLink(staffOf(gw(), 'manager').id);
  });

  it('a till is added, paired with its code, and taken away for good', async () => {
    const { body, status } = await ask(SHOP_PATHS.tills, { name: 'Kasir Teras' });
    expect(status, JSON.stringify(body)).toBe(200);
    const { tillId } = body;
    expect(body.desk.tills).toContainEqual({
      ...{ id: tillId, name: 'Kasir Teras', state: 'waiting', appVersion: null },
    });
    const again = (await ask(SHOP_PATHS.pair, { tillId })).body;
    const secret = (code: string) => code.split('.').at(-1);
    expect(secret(again.pairingCode)).not.toBe(secret(body.pairingCode));
    const revoked = await ask(SHOP_PATHS.revoke, { tillId });
    expect(revoked.body.tills).toContainEqual(expect.objectContaining({ id: tillId, state: 'revoked' }));
    expect((await ask(SHOP_PATHS.pair, { tillId })).body.error.code).toBe('till_revoked');
    expect((await ask(SHOP_PATHS.tills, { name: ' ' })).body.error.code).toBe('bad_request');
  });

  it('a cashier comes and goes; who agrees to others’ doings is the operator’s', async () => {
    const added = await ask(SHOP_PATHS.cashiers, { name: 'Putri', pin: '2468', phone: '0812 3450 0777' });
    const putri = shopDeskSchema.parse(added.body).people.find(({ name }) => name === 'Putri');
    expect(putri).toMatchObject({ role: 'cashier', verified: false, phone: expect.stringMatching(/•/) });
    const malformed = { name: 'X', pin: '2468', phone: '12345' };
    expect((await ask(SHOP_PATHS.cashiers, malformed)).body.error.code).toBe('phone_malformed');
    const word = await ask(SHOP_PATHS.enrol, { staffId: putri?.id });
    expect(word.body).toMatchObject({ staffId: putri?.id, word: expect.any(String) });
    expect((await ask(SHOP_PATHS.forget, { staffId: putri?.id })).status).toBe(200);
    const left = await ask(SHOP_PATHS.leave, { staffId: putri?.id });
    expect(left.body.people.map(({ name }: { name: string }) => name)).not.toContain('Putri');
    expect((await ask(SHOP_PATHS.leave, { staffId: putri?.id })).body.error.code).toBe('staff_unknown');
    const supervisor = staffOf(gw(), 'supervisor').id;
    // A word for a supervisor, sent from one's own phone, would make oneself the second person.
    for (const path of [SHOP_PATHS.leave, SHOP_PATHS.enrol])
      expect((await ask(path, { staffId: supervisor })).body.error.code, path).toBe('role_not_allowed');
    expect((await ask(SHOP_PATHS.forget, { staffId: supervisor })).status).toBe(200);
    const role = { name: 'X', pin: '2468', phone: null, role: 'supervisor' };
    expect((await ask(SHOP_PATHS.cashiers, role)).body.error.code).toBe('bad_request');
  });

  it('the rules have a history: who changed what, who agreed, and what of it weakened them', async () => {
    const { storeId } = gw().demo;
    const { version: _, ...policy } = await admin().run('policy show', { storeId });
    const before = (await desk()).rules[0]?.version ?? 0;
    const { policies } = gw().gateway.services;
    const till = await gw().pair();
    const [manager, supervisor] = [staffOf(gw(), 'manager'), staffOf(gw(), 'supervisor')];
    const weaker = { ...policy, pin: { ...policy.pin, tries: policy.pin.tries + 1 } };
    await policies.change({ tillId: till.tillId, storeId }, 'a-key-for-this', {
      ...{ staffId: manager.id, pin: manager.pin, baseVersion: before, policy: weaker },
      second: { staffId: supervisor.id, pin: supervisor.pin },
    });
    await policies.set(storeId, before + 1, { ...weaker, slips: { copiesMax: 0 } });
    expect((await desk()).rules.slice(0, 2)).toMatchObject([
      { version: before + 2, by: null, second: null, changed: ['slips'], weaker: [] },
      {
        ...{ version: before + 1, by: manager.name, second: supervisor.name },
        ...{ changed: ['pin'], weaker: ['pin'] },
      },
    ]);
    expect((await desk()).rules.at(-1)?.changed).toBeNull();
  });

  it('is its own managers’ alone', async () => {
    const foreign = await admin().run('store add', {
      ...{ name: 'Elsewhere', country: 'ID', currency: 'IDR', timezone: 'Asia/Jakarta', language: 'id' },
    });
    const { tillId } = await admin().run('till add', { storeId: foreign.storeId, name: 'Kasir' });
    const cashier = { storeId: foreign.storeId, name: 'Eka', role: 'cashier', pin: '864201' } as const;
    const { staffId } = await admin().run('staff add', cashier);
    for (const [path, body, code] of [
      [SHOP_PATHS.pair, { tillId }, 'not_found'],
      [SHOP_PATHS.revoke, { tillId }, 'not_found'],
      [SHOP_PATHS.leave, { staffId }, 'staff_unknown'],
      [SHOP_PATHS.enrol, { staffId }, 'staff_unknown'],
      [SHOP_PATHS.forget, { staffId }, 'staff_unknown'],
    ] as const)
      expect((await ask(path, body)).body.error.code, path).toBe(code);
    const supervisor = await byLink(staffOf(gw(), 'supervisor').id);
    const operator = await signedIn(gw());
    for (const other of [supervisor, operator, pageOf(gw())]) {
      expect((await other.get(at(SHOP_PATHS.desk))).status).toBeGreaterThanOrEqual(401);
      expect((await other.post(at(SHOP_PATHS.tills), { name: 'x' })).status).toBeGreaterThanOrEqual(401);
    }
    const evil = { origin: 'https://evil.example' };
    expect((await page.post(at(SHOP_PATHS.tills), { name: 'x' }, evil)).body.error.code).toBe(
      'origin_forbidden',
    );
    // It is no path of a till's.
    expect((await call(gw().url, 'GET', SHOP_PATHS.desk)).status).toBe(404);
  });
});
