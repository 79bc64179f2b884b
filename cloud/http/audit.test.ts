import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { afterAll, expect, it } from 'vitest';
import { verifyEvidence } from '../../scripts/verify-evidence.ts';
import { CHAIN_START, nextEntry } from '../../shared/audit/chain.ts';
import { auditChartsSchema } from '../../shared/audit/charts.ts';
import { AUDIT_ENTRIES_PATH } from '../../shared/audit/entries.ts';
import {
  AUDIT_PATHS,
  auditAboutSchema,
  auditPageSchema,
  MANAGER_HEADER,
  type TimelineEvent,
} from '../../shared/audit/timeline.ts';
import {
  call,
  describeGateway,
  eventually,
  type TestGateway,
  type TillClient,
  wish,
} from '../../test/fixtures/gateway.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { sha256 } from '../audit/sha256.ts';

afterAll(removeTempFolders);

describeGateway('the audit list', (getGateway) => {
  const staffOf = (gw: TestGateway, role: string) => {
    const found = gw.demo.staff.find((one) => one.role === role);
    if (found === undefined) throw new Error(`no ${role}`);
    return found;
  };

  async function open() {
    const gw = getGateway();
    const till = await gw.pair('Kasir Audit');
    const manager = staffOf(gw, 'manager');
    const answer = await till.post(AUDIT_PATHS.access, { staffId: manager.id, pin: manager.pin });
    expect(answer.status).toBe(200);
    const { token } = answer.body;
    const ask = (method: string, path: string, body?: unknown, proof: string = token) =>
      call(gw.url, method, path, {
        ...(body === undefined ? {} : { body }),
        headers: { authorization: `Bearer ${till.key}`, [MANAGER_HEADER]: proof },
      });
    const page = async (query = ''): Promise<{ events: TimelineEvent[]; next: string | null }> => {
      await gw.gateway.services.audit.link();
      const { status, body } = await ask('GET', `${AUDIT_PATHS.events}${query}`);
      expect(status, JSON.stringify(body)).toBe(200);
      return auditPageSchema.parse(body);
    };
    return { gw, till, manager, ask, page, token };
  }

  async function redeem(
    gw: TestGateway,
    till: TillClient,
    customer: number,
    fields: Record<string, unknown>,
  ) {
    const { body, status } = await till.post('/v1/redemptions', wish(gw, customer, fields));
    expect(status).toBe(200);
    return body.redemption.id as string;
  }

  it('is for managers who typed their PIN at this till, and tells of it', async () => {
    const { gw, till, manager, ask, page, token } = await open();
    expect((await till.get(AUDIT_PATHS.events)).body.error.code).toBe('manager_proof_missing');
    const cashier = staffOf(gw, 'cashier');
    const asCashier = await till.post(AUDIT_PATHS.access, { staffId: cashier.id, pin: cashier.pin });
    expect(asCashier.body.error.code).toBe('role_not_allowed');
    const wrong = await till.post(AUDIT_PATHS.access, { staffId: manager.id, pin: '00000000' });
    expect(wrong.body.error.code).toBe('pin_wrong');
    const other = await gw.pair('Kasir Lain');
    const elsewhere = await call(gw.url, 'GET', AUDIT_PATHS.events, {
      headers: { authorization: `Bearer ${other.key}`, [MANAGER_HEADER]: token },
    });
    expect(elsewhere.body.error.code).toBe('manager_proof_missing');
    // Not the very last letter: some of its bits say nothing.
    const forged = token.replace(/.(?=.{4}$)/, (letter: string) => (letter === 'A' ? 'B' : 'A'));
    expect((await ask('GET', AUDIT_PATHS.events, undefined, forged)).body.error.code).toBe(
      'manager_proof_missing',
    );
    expect((await page('?kinds=audit.read')).events[0]).toMatchObject({
      staffId: manager.id,
      staffName: manager.name,
    });
    gw.shiftClock(31 * 60_000);
    expect((await ask('GET', AUDIT_PATHS.events)).body.error.code).toBe('manager_proof_missing');
    gw.shiftClock(-31 * 60_000);
  });

  it('is narrowed by what a manager looks for, and nothing of another store is in it', async () => {
    const { gw, till, page, ask } = await open();
    const cashier = staffOf(gw, 'cashier');
    const id = await redeem(gw, till, 0, { saleRef: 'AUD-77/x', staffId: cashier.id, amount: 4_321 });
    const kinds = async (query: string) => (await page(query)).events.map(({ kind }) => kind);
    const asked = ['code.sent', 'redemption.requested'];
    for (const query of [
      '?q=aud-77/x',
      '?q=AUD%20requ',
      `?q=${encodeURIComponent(cashier.name.split(' ')[0]?.toLowerCase() ?? '')}%2077`,
      `?subjectId=${id}`,
      `?tillId=${till.tillId}&groups=redemptions,codes`,
      `?tillId=${till.tillId}&kinds=redemption.requested,code.sent`,
      `?staffId=${cashier.id}&tillId=${till.tillId}`,
      `?customerId=${gw.demo.customers[0]?.id}&tillId=${till.tillId}`,
      `?amountFrom=4321&amountTo=4321&tillId=${till.tillId}`,
      `?from=${Date.now() - 60_000}&q=aud-77`,
    ]) {
      const wanted = query.endsWith('requ') ? ['redemption.requested'] : asked;
      expect([...new Set(await kinds(query))].sort(), query).toEqual(wanted);
    }
    expect(await kinds(`?groups=redemptions,codes&to=${Date.now() - 86_400_000 * 365}`)).toEqual([]);
    expect(await kinds('?q=nowhere-to-be-found')).toEqual([]);
    expect(await kinds('?q=%27%29%20%5C%20%7C%20%21%2A')).toEqual([]);
    expect(await kinds(`?outcomes=refused&tillId=${till.tillId}`)).toEqual([]);
    expect((await ask('GET', `${AUDIT_PATHS.events}?kinds=nonsense`)).status).toBe(400);
    const { storeId } = await gw.gateway.services.admin.run('store add', {
      ...{ name: 'Lain', address: '', footer: '', country: 'ID', currency: 'IDR', language: 'id' },
      timezone: 'Asia/Jakarta',
    });
    const foreign = await ask('GET', `${AUDIT_PATHS.events}?storeId=${storeId}`);
    expect(foreign.body.error.code).toBe('role_not_allowed');
    const theirs = await gw.gateway.services.audit.timeline.page({ storeId, staffId: '' }, {});
    expect(theirs.events.filter((event) => event.storeId !== storeId)).toEqual([]);
  });

  it('shows no name of another store, whoever an event says it is of', async () => {
    const { gw } = await open();
    const { storeId } = await gw.gateway.services.admin.run('store add', {
      ...{ name: 'Lain', address: '', footer: '', country: 'ID', currency: 'IDR', language: 'id' },
      timezone: 'Asia/Jakarta',
    });
    const ours = { staff_id: staffOf(gw, 'cashier').id, customer_id: gw.demo.customers[0]?.id ?? null };
    await gw.gateway.services.engine.kysely
      .insertInto('audit_staged')
      .values({ store_id: storeId, at: Date.now(), kind: 'audit.read', outcome: 'ok', ...ours })
      .execute();
    const read = () =>
      gw.gateway.services.audit.timeline.page({ storeId, staffId: '' }, { kinds: ['audit.read'] });
    const { events } = await eventually(
      async () => ((await read()).events.length > 0 ? await read() : null),
      'the event',
    );
    expect(events).toMatchObject([
      { staffId: ours.staff_id, customerId: ours.customer_id, staffName: null, customerName: null },
    ]);
  });

  it('goes page by page through all of them once', async () => {
    const { gw, page } = await open();
    const rows = Array.from({ length: 130 }, () => ({
      store_id: gw.demo.storeId,
      at: 5_000,
      kind: 'web.did',
    }));
    await gw.gateway.services.engine.kysely.insertInto('audit_staged').values(rows).execute();
    const seen: number[] = [];
    let after = '';
    do {
      const { events, next } = await page(`?kinds=web.did,policy.changed&to=6000${after}`);
      seen.push(...events.map(({ id }) => id));
      after = next === null ? '' : `&after=${next}`;
    } while (after !== '');
    expect(seen).toHaveLength(130);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
  });

  it('says whose it is and counts a span, for whoever may read it', async () => {
    const { gw, till, manager, ask, page } = await open();
    const now = Date.now();
    const span = `?from=${now - 86_400_000}&to=${now + 60_000}`;
    for (const path of [AUDIT_PATHS.about, `${AUDIT_PATHS.charts}${span}`]) {
      expect((await till.get(path)).body.error.code).toBe('manager_proof_missing');
    }
    const about = auditAboutSchema.parse((await ask('GET', AUDIT_PATHS.about)).body);
    expect(about.stores).toMatchObject([{ id: gw.demo.storeId }]);
    expect(about.staff.map(({ id }) => id).sort()).toEqual(gw.demo.staff.map(({ id }) => id).sort());
    await redeem(gw, till, 0, { amount: 10_000 });
    const { events } = await page(`${span}&kinds=audit.read,redemption.requested`);
    const charts = auditChartsSchema.parse((await ask('GET', `${AUDIT_PATHS.charts}${span}`)).body);
    expect(charts.total.events).toBeGreaterThanOrEqual(events.length);
    expect(charts.cashiers.map(({ staffId }) => staffId)).toContain(manager.id);
    for (const wrong of ['', `?from=${now}&to=${now}`, `?from=0&to=${now}`, '?from=a&to=b']) {
      expect((await ask('GET', `${AUDIT_PATHS.charts}${wrong}`)).body.error.code).toBe('bad_request');
    }
  });

  it('keeps views for the one who made them', async () => {
    const { ask } = await open();
    const filter = { groups: ['approvals'], amountFrom: 100_000 };
    const saved = await ask('PUT', AUDIT_PATHS.views, { name: 'Besar', filter });
    expect(saved.body.views).toMatchObject([{ name: 'Besar', filter }]);
    await ask('PUT', AUDIT_PATHS.views, { name: 'Besar', filter: {} });
    const [view] = (await ask('GET', AUDIT_PATHS.views)).body.views;
    expect(view).toMatchObject({ name: 'Besar', filter: {} });
    const removed = await ask('DELETE', AUDIT_PATHS.view.replace(':id', view.id));
    expect(removed.body.views).toEqual([]);
    expect((await ask('DELETE', AUDIT_PATHS.view.replace(':id', view.id))).status).toBe(404);
  });

  it('is followed live', async () => {
    const { gw, till, token } = await open();
    const headers = { authorization: `Bearer ${till.key}`, [MANAGER_HEADER]: token };
    const abort = new AbortController();
    const response = await fetch(`${gw.url}${AUDIT_PATHS.tail}?groups=redemptions`, {
      headers,
      signal: abort.signal,
    });
    expect(response.status).toBe(200);
    const seen: TimelineEvent[] = [];
    const reading = (async () => {
      const events = response.body
        ?.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>)
        .pipeThrough(new EventSourceParserStream());
      for await (const event of events ?? []) seen.push(JSON.parse(event.data));
    })().catch(() => undefined);
    const id = await redeem(gw, till, 1, { saleRef: 'TAIL-1' });
    await eventually(() => seen.some(({ subjectId }) => subjectId === id), 'the event on the tail');
    expect(seen.every(({ kind }) => kind.startsWith('redemption.'))).toBe(true);
    abort.abort();
    await reading;
  });

  it('takes entries under gzip, and makes evidence that the verifier finds whole', async () => {
    const { gw, till, ask } = await open();
    const since = Date.now() - 60_000;
    await redeem(gw, till, 2, { saleRef: 'EVI-1' });
    const entry = nextEntry(sha256, CHAIN_START, {
      at: Date.now(),
      kind: 'session.signed_in',
      body: '{"staffId":null}',
    });
    const { at, kind, body, hash } = entry;
    const raw = gzipSync(JSON.stringify({ after: CHAIN_START, entries: [{ at, kind, body, hash }] }));
    const authorization = `Bearer ${till.key}`;
    const packed = { authorization, 'content-encoding': 'gzip', 'content-type': 'application/json' };
    const taken = await call(gw.url, 'POST', AUDIT_ENTRIES_PATH, { raw, headers: packed });
    expect(taken.body).toEqual({ newest: { seq: 1, hash } });
    const bad = await call(gw.url, 'POST', AUDIT_ENTRIES_PATH, { raw: raw.subarray(0, 20), headers: packed });
    expect(bad.status).toBe(400);
    const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
    expect((await call(gw.url, 'POST', AUDIT_ENTRIES_PATH, { raw: bomb, headers: packed })).status).toBe(413);

    const { status, body: text } = await ask(
      'GET',
      `${AUDIT_PATHS.evidence}?from=${since}&to=${Date.now() + 1000}`,
    );
    expect(status).toBe(200);
    const verdict = await verifyEvidence([text]);
    expect(verdict).toMatchObject({ ok: true, fault: null });
    expect(verdict.events).toBeGreaterThan(3);
    expect(verdict.header?.chains.map(({ chain }) => chain.split('/')[0])).toContain('till');
    expect(text).not.toMatch(/\+62\d{6}/);
    expect((await gw.gateway.services.audit.check()).faults).toEqual([]);

    const file = join(tempFolder(), 'evidence.jsonl');
    const wish = { storeId: gw.demo.storeId, from: since, to: Date.now() + 1000, file };
    const { lines } = await gw.gateway.services.admin.run('audit export', wish);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(lines + 1);
    expect((await verifyEvidence([readFileSync(file)])).ok).toBe(true);
    await expect(gw.gateway.services.admin.run('audit export', wish)).rejects.toThrow('EEXIST');
    const { status: exit } = spawnSync(process.execPath, ['scripts/verify.ts', file]);
    expect(exit).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace('EVI-1', 'EVI-2'));
    const altered = spawnSync(process.execPath, ['scripts/verify.ts', file]);
    expect([altered.status, String(altered.stderr)]).toEqual([
      1,
      expect.stringMatching(/event \d+ of store/),
    ]);
  });
});
