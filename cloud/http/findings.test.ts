import { expect, it } from 'vitest';
import {
  FINDINGS_PAGE,
  FINDINGS_PATHS,
  findingDetailSchema,
  findingPageSchema,
} from '../../shared/findings-api.ts';
import { describeGateway } from '../../test/fixtures/gateway.ts';
import { addEvents, addFinding, openManagerDesk, staffOf } from '../../test/fixtures/manager-desk.ts';

describeGateway('findings', (getGateway) => {
  let window = 10_000;
  /** Of its own window, so that it is none of another test's. */
  const fresh = () => {
    window += 28;
    return { from: window, to: window + 28 };
  };
  const db = () => getGateway().gateway.services.engine.kysely;

  async function open() {
    const gateway = getGateway();
    const desk = await openManagerDesk(gateway);
    const list = async (query = '') => {
      const { status, body } = await desk.ask('GET', `${FINDINGS_PATHS.list}${query}`);
      expect(status, JSON.stringify(body)).toBe(200);
      return findingPageSchema.parse(body);
    };
    const get = (id: number) => desk.ask('GET', FINDINGS_PATHS.one.replace(':id', String(id)));
    const say = (id: number, said: object) =>
      desk.ask('POST', FINDINGS_PATHS.words.replace(':id', String(id)), said);
    return { ...desk, gateway, list, get, say };
  }

  it('are for managers who typed their PIN, of their store alone', async () => {
    const { gateway, till, list, get, say } = await open();
    const id = await addFinding(gateway, { window: fresh() });
    for (const path of [FINDINGS_PATHS.list, FINDINGS_PATHS.one.replace(':id', String(id))])
      expect((await till.get(path)).body.error.code).toBe('manager_proof_missing');
    const { storeId } = await gateway.gateway.services.admin.run('store add', {
      ...{ name: 'Lain', country: 'ID', currency: 'IDR', language: 'id', timezone: 'Asia/Jakarta' },
    });
    const foreign = await addFinding(gateway, { window: fresh(), storeId });
    expect((await list()).findings.map((one) => one.id)).not.toContain(foreign);
    expect((await get(foreign)).body.error.code).toBe('not_found');
    expect((await say(foreign, { state: 'seen' })).body.error.code).toBe('not_found');
  });

  it('are narrowed by signal, person, severity, score, time and state', async () => {
    const { gateway, list, say } = await open();
    const supervisor = staffOf(gateway, 'supervisor');
    const foundAt = Date.now() - 86_400_000 * 40;
    const id = await addFinding(gateway, {
      ...{ window: fresh(), signal: 'fast_approval', person: { kind: 'approver', id: supervisor.id } },
      ...{ severity: 'high', score: 91, foundAt },
    });
    const other = await addFinding(gateway, { window: fresh(), severity: 'low', score: 12 });
    const around = `from=${foundAt}&to=${foundAt + 1}`;
    for (const query of [
      'signal=fast_approval',
      `personId=${supervisor.id}`,
      'severity=high',
      'scoreFrom=91',
      around,
    ]) {
      const ids = (await list(`?${query}`)).findings.map((one) => one.id);
      expect(ids, query).toContain(id);
      expect(ids, query).not.toContain(other);
    }
    expect((await list('?severity=low')).findings.map((one) => one.id)).toEqual(
      expect.arrayContaining([id, other]),
    );
    await say(other, { state: 'seen' });
    const states = async (state: string) => (await list(`?state=${state}`)).findings.map((one) => one.id);
    expect(await states('new')).not.toContain(other);
    expect(await states('seen')).toEqual([other]);
    const { summary, findings } = await list();
    expect(summary?.signals).toContainEqual({ signal: 'fast_approval', fresh: 1, all: 1 });
    expect(summary?.people).toContainEqual({
      ...{ person: { kind: 'approver', id: supervisor.id }, name: supervisor.name, fresh: 1, all: 1 },
    });
    expect(findings.find((one) => one.id === id)?.personName).toBe(supervisor.name);
  });

  it('come page by page, each once at its newest revision', async () => {
    const { gateway, list } = await open();
    for (let n = 0; n < FINDINGS_PAGE + 5; n += 1) {
      const one = { window: fresh(), signal: 'no_sale' } as const;
      await addFinding(gateway, one);
      if (n % 10 === 0) await addFinding(gateway, { ...one, revision: 2, score: 60 });
    }
    const first = await list('?signal=no_sale');
    const second = await list(`?signal=no_sale&after=${first.next}`);
    expect([first.findings.length, second.findings.length, second.next, second.summary]).toEqual([
      ...[FINDINGS_PAGE, 5, null, null],
    ]);
    const keys = [...first.findings, ...second.findings].map(({ window: { from } }) => from);
    expect(new Set(keys).size).toBe(FINDINGS_PAGE + 5);
  });

  it('show the events behind them, and who said what when', async () => {
    const { gateway, till, manager, get, say } = await open();
    const events = await addEvents(gateway, till.tillId, [5_000, 6_000, 7_000]);
    const place = { window: fresh(), eventIds: events };
    const id = await addFinding(gateway, place);
    const { body } = await get(id);
    const detail = findingDetailSchema.parse(body);
    expect(detail.finding.state).toBe('new');
    expect(detail.events.map((one) => one.id)).toEqual(events);
    expect(detail.events[0]).toMatchObject({
      tillName: 'Kasir Kantor',
      staffName: staffOf(gateway, 'cashier').name,
    });
    expect((await say(id, { state: 'innocent', note: ' ' })).status).toBe(400);
    await say(id, { state: 'seen' });
    const told = await say(id, { state: 'innocent', note: 'kertas macet' });
    const said = findingDetailSchema.parse(told.body);
    expect(said.finding.state).toBe('dismissed');
    expect(said.words).toMatchObject([
      { state: 'seen', staffName: manager.name },
      { state: 'innocent', note: 'kertas macet', staffName: manager.name },
    ]);
    // More of it, and more severe: somebody has to look again. By the id of before it is the same finding.
    const worse = await addFinding(gateway, { ...place, revision: 2, severity: 'high' });
    const again = findingDetailSchema.parse((await get(id)).body);
    expect(again.finding).toMatchObject({ id: worse, state: 'new', acknowledged: null });
    expect(again.words).toHaveLength(2);
  });

  it('compare the stores that the operator put into one chain', async () => {
    const { gateway } = await open();
    const { admin } = gateway.gateway.services;
    const { storeId } = gateway.demo;
    const chainOf = async () =>
      (await db().selectFrom('stores').select('chain').where('id', '=', storeId).executeTakeFirstOrThrow())
        .chain;
    await admin.run('store chain', { storeId, chain: 'Melati' });
    expect(await chainOf()).toBe('Melati');
    await admin.run('store chain', { storeId, chain: null });
    expect(await chainOf()).toBeNull();
    const nowhere = { storeId: '0190a6e0-0000-7000-8000-00000000dead', chain: 'x' };
    await expect(admin.run('store chain', nowhere)).rejects.toMatchObject({ code: 'not_found' });
    expect(await admin.run('signals look', {})).toEqual({ found: 0 });
  });
});
