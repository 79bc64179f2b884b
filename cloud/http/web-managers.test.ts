import { expect, it } from 'vitest';
import { ALERTS_PATHS } from '../../shared/alerts.ts';
import { AUDIT_PATHS, auditPageSchema } from '../../shared/audit/timeline.ts';
import { CASES_PATHS, caseDetailSchema } from '../../shared/cases.ts';
import { systemEffects } from '../../shared/effects.ts';
import { FINDINGS_PATHS, findingPageSchema } from '../../shared/findings-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { WEB_PATHS, webStorePath } from '../../shared/web-api.ts';
import { call, describeGateway, type TestGateway } from '../../test/fixtures/gateway.ts';
import { addEvents, addFinding, openManagerDesk, staffOf } from '../../test/fixtures/manager-desk.ts';
import { pageOf, signedIn } from '../../test/fixtures/setup-page.ts';

const fresh = () => createUuid(systemEffects);

async function signedInManager(gateway: TestGateway) {
  const manager = staffOf(gateway, 'manager');
  const { link } = await gateway.gateway.services.admin.run('web link', { staffId: manager.id });
  const page = pageOf(gateway);
  const { status } = await page.signIn(link.split('#token=')[1] ?? '');
  if (status !== 200) throw new Error(`signing in: ${status}`);
  const at = (path: string, storeId = gateway.demo.storeId) => webStorePath(storeId, path);
  return { manager, page, at };
}

describeGateway('managers on the gateway’s own pages', (gw) => {
  it('read what they read at a till, word for word', async () => {
    const { page, at } = await signedInManager(gw());
    const { ask, till } = await openManagerDesk(gw());
    await addEvents(gw(), till.tillId, [8_000, 9_000]);
    await addFinding(gw());
    for (const path of [
      AUDIT_PATHS.about,
      `${AUDIT_PATHS.events}?kinds=slip.reprint`,
      `${AUDIT_PATHS.charts}?from=1&to=10000`,
      FINDINGS_PATHS.list,
      CASES_PATHS.list,
      ALERTS_PATHS.list,
      ALERTS_PATHS.waiting,
      ALERTS_PATHS.digest,
    ]) {
      const [here, there] = [await page.get(at(path)), await ask('GET', path)];
      expect(here.status, path).toBe(200);
      expect(here.body, path).toEqual(there.body);
    }
    const { events } = auditPageSchema.parse((await page.get(at(AUDIT_PATHS.events))).body);
    expect(events.length).toBeGreaterThan(0);
  });

  it('are in the list themselves: that they may read it', async () => {
    const { page, at, manager } = await signedInManager(gw());
    await gw().gateway.services.audit.link();
    const { events } = auditPageSchema.parse(
      (await page.get(at(`${AUDIT_PATHS.events}?kinds=audit.read`))).body,
    );
    expect(events[0]).toMatchObject({
      kind: 'audit.read',
      staffId: manager.id,
      tillId: null,
      source: 'gateway',
    });
  });

  it('decide, collect and take the evidence with them', async () => {
    const { page, at, manager } = await signedInManager(gw());
    const { till } = await openManagerDesk(gw());
    const eventIds = await addEvents(gw(), till.tillId, [8_000]);
    await addFinding(gw(), { eventIds, window: { from: 20_000, to: 20_028 } });
    const { findings } = findingPageSchema.parse((await page.get(at(FINDINGS_PATHS.list))).body);
    const id = String(findings[0]?.id);
    const said = await page.post(at(FINDINGS_PATHS.words.replace(':id', id)), { state: 'seen' });
    expect(said.status, JSON.stringify(said.body)).toBe(200);
    const wish = { id: fresh(), title: 'Cetak ulang', findingIds: [findings[0]?.id] };
    const opened = caseDetailSchema.parse((await page.post(at(CASES_PATHS.list), wish)).body);
    expect(opened.case.openedBy).toBe(manager.name);
    const evidence = await fetch(`${gw().url}${at(CASES_PATHS.evidence.replace(':id', opened.case.id))}`, {
      headers: { cookie: page.cookie },
    });
    expect(evidence.status).toBe(200);
    expect((await evidence.text()).split('\n').length).toBeGreaterThan(2);
  });

  it('see what is new as it comes', async () => {
    const { page, at } = await signedInManager(gw());
    const { till } = await openManagerDesk(gw());
    const stop = new AbortController();
    const answer = await fetch(`${gw().url}${at(AUDIT_PATHS.tail)}?kinds=slip.reprint`, {
      headers: { cookie: page.cookie },
      signal: stop.signal,
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = answer.body?.getReader();
    await addEvents(gw(), till.tillId, [11_000]);
    let text = '';
    while (!text.includes('slip.reprint')) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new Error('the stream ended');
      text += new TextDecoder().decode(value);
    }
    stop.abort();
  });

  it('see their own outlet alone, while they are its managers', async () => {
    const { page, at, manager } = await signedInManager(gw());
    const { admin, engine } = gw().gateway.services;
    const other = await admin.run('store add', {
      name: 'Toko lain',
      timezone: 'Asia/Jakarta',
      currency: 'IDR',
      country: 'ID',
      language: 'id',
    });
    for (const storeId of [String((other as { storeId: string }).storeId), fresh(), 'x']) {
      const { status, body } = await page.get(at(AUDIT_PATHS.about, storeId));
      expect([status, body.error.code]).toEqual([403, 'role_not_allowed']);
    }
    const operator = await signedIn(gw());
    expect((await operator.get(at(AUDIT_PATHS.about))).body.error.code).toBe('role_not_allowed');
    expect((await pageOf(gw()).get(at(AUDIT_PATHS.about))).body.error.code).toBe('web_session_ended');
    const role = (to: 'cashier' | 'manager') =>
      engine.kysely.updateTable('staff').set({ role: to }).where('id', '=', manager.id).execute();
    await role('cashier');
    expect((await page.get(at(AUDIT_PATHS.about))).body.error.code).toBe('web_session_ended');
    await role('manager');
    expect((await page.get(at(AUDIT_PATHS.about))).status).toBe(200);
  });

  it('change something from our own page only, and never by the till’s way in', async () => {
    const { page, at } = await signedInManager(gw());
    const wish = { id: fresh(), title: 'x' };
    const foreign = await page.post(at(CASES_PATHS.list), wish, { origin: 'https://evil.example' });
    expect([foreign.status, foreign.body.error.code]).toEqual([403, 'origin_forbidden']);
    const view = await call(gw().url, 'PUT', at(AUDIT_PATHS.views), {
      body: { name: 'x', filter: {} },
      headers: { cookie: page.cookie, origin: 'https://evil.example' },
    });
    expect(view.body.error.code).toBe('origin_forbidden');
    // A session is no till's key, and there is no PIN to give here.
    expect((await page.get(AUDIT_PATHS.about)).status).toBe(401);
    expect((await page.post(at(AUDIT_PATHS.access), { staffId: fresh(), pin: '1234' })).status).toBe(404);
  });

  it('are not described a second time, and the page is where it is said to be', async () => {
    const { body } = await call(gw().url, 'GET', '/openapi.json');
    expect(Object.keys(body.paths).filter((path) => path.startsWith(WEB_PATHS.page))).toEqual([]);
    expect(Object.keys(body.paths)).toContain(AUDIT_PATHS.events);
    const moved = await fetch(`${gw().url}/web`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([308, WEB_PATHS.page]);
  });
});
