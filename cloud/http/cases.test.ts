import { expect, it } from 'vitest';
import { verifyEvidence } from '../../scripts/verify-evidence.ts';
import { canonicalJson } from '../../shared/audit/chain.ts';
import { AUDIT_PATHS, auditPageSchema } from '../../shared/audit/timeline.ts';
import { CASES_PATHS, caseDetailSchema, casePageSchema } from '../../shared/cases.ts';
import { systemEffects } from '../../shared/effects.ts';
import { FINDINGS_PATHS } from '../../shared/findings-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { describeGateway } from '../../test/fixtures/gateway.ts';
import { addEvents, addFinding, openManagerDesk, staffOf } from '../../test/fixtures/manager-desk.ts';

const fresh = () => createUuid(systemEffects);

describeGateway('cases', (getGateway) => {
  let window = 10_000;
  const place = () => {
    window += 28;
    return { from: window, to: window + 28 };
  };

  async function open() {
    const gateway = getGateway();
    const desk = await openManagerDesk(gateway);
    const { ask, till } = desk;
    const opened = async (wish: object = {}, id = fresh()) => {
      const { status, body } = await ask('POST', CASES_PATHS.list, { id, title: 'Pembatalan Ayu', ...wish });
      expect(status, JSON.stringify(body)).toBe(200);
      return caseDetailSchema.parse(body);
    };
    const step = (id: string, wish: object, entryId = fresh()) =>
      ask('POST', CASES_PATHS.entries.replace(':id', id), { id: entryId, ...wish });
    const get = async (id: string) =>
      caseDetailSchema.parse((await ask('GET', CASES_PATHS.one.replace(':id', id))).body);
    const finding = async (times: readonly number[] = [8_000, 9_000]) => {
      const eventIds = await addEvents(gateway, till.tillId, times);
      return { eventIds, id: await addFinding(gateway, { window: place(), eventIds }) };
    };
    const stateOf = async (id: number) =>
      (await ask('GET', FINDINGS_PATHS.one.replace(':id', String(id)))).body.finding.state;
    return { ...desk, gateway, opened, step, get, finding, stateOf };
  }

  it('are numbered without gaps, however many are opened at once, and whatever fails between', async () => {
    const { ask, opened } = await open();
    const before = (await opened()).case.number;
    const foreign = { id: fresh(), title: 'x', eventIds: [999_999_999] };
    const same = fresh();
    await Promise.all([
      ...Array.from({ length: 6 }, () => opened()),
      ask('POST', CASES_PATHS.list, foreign).then(({ body }) => expect(body.error.code).toBe('not_found')),
      ...[opened({}, same), opened({}, same)],
    ]);
    const { cases } = casePageSchema.parse(
      (await ask('GET', `${CASES_PATHS.list}?after=${before + 8}`)).body,
    );
    const numbers = cases.map(({ number }) => number);
    expect(numbers.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, n) => before + 7 - n));
    expect((await opened()).case.number).toBe(before + 8);
  });

  it('collect findings and events, each step once and for good', async () => {
    const { gateway, manager, opened, step, get, finding, stateOf } = await open();
    const first = await finding([8_000]);
    const second = await finding([9_000]);
    const [loose] = await addEvents(gateway, (await open()).till.tillId, [7_000]);
    const { case: made } = await opened({ findingIds: [first.id] });
    expect(await stateOf(first.id)).toBe('in_case');
    const again = fresh();
    for (let n = 0; n < 2; n += 1) {
      const wish = { kind: 'collected', findingIds: [second.id], eventIds: [loose] };
      expect((await step(made.id, wish, again)).status).toBe(200);
    }
    await step(made.id, { kind: 'noted', text: 'Ditanya pukul 9' });
    await step(made.id, { kind: 'assigned', assigneeId: manager.id });
    const detail = await get(made.id);
    expect(detail.entries.map(({ kind }) => kind)).toEqual(['opened', 'collected', 'noted', 'assigned']);
    expect(detail.case).toMatchObject({ status: 'open', assignee: { name: manager.name } });
    expect(detail.findings.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(detail.events.map(({ id }) => id)).toEqual([loose, ...first.eventIds, ...second.eventIds]);
    expect(detail.events[0]).toMatchObject({ chain: `store/${gateway.demo.storeId}` });
    const { kysely } = gateway.gateway.services.engine;
    const entries = kysely.updateTable('case_entries').set({ text: '' }).where('case_id', '=', made.id);
    await expect(entries.execute()).rejects.toThrow(/append-only/);
    const number = kysely.updateTable('cases').set({ number: 999 }).where('id', '=', made.id);
    await expect(number.execute()).rejects.toThrow(/append-only/);
    await expect(kysely.deleteFrom('cases').execute()).rejects.toThrow(/append-only/);
  });

  it('are given to managers only', async () => {
    const { gateway, opened, step } = await open();
    const { case: made } = await opened();
    const assigned = async (assigneeId: string) =>
      (await step(made.id, { kind: 'assigned', assigneeId })).body.error?.code;
    expect(await assigned(staffOf(gateway, 'cashier').id)).toBe('role_not_allowed');
    expect(await assigned(fresh())).toBe('staff_unknown');
  });

  it('are watched, closed with what they came to, and opened again', async () => {
    const { opened, step, get, finding, stateOf } = await open();
    const { id: findingId } = await finding();
    const { case: made } = await opened({ findingIds: [findingId] });
    await step(made.id, { kind: 'moved', status: 'watching' });
    await step(made.id, { kind: 'closed', outcome: 'unfounded', text: 'Stok dipindahkan' });
    expect((await get(made.id)).case).toMatchObject({ status: 'closed', outcome: 'unfounded' });
    expect(await stateOf(findingId)).toBe('dismissed');
    const late = await step(made.id, { kind: 'collected', findingIds: [findingId] });
    expect(late.body.error.code).toBe('case_closed');
    await step(made.id, { kind: 'moved', status: 'open' });
    expect((await get(made.id)).case).toMatchObject({ status: 'open', outcome: null });
    expect(await stateOf(findingId)).toBe('in_case');
  });

  it('have each step in the audit list, in canonical JSON, with the hash of what was written', async () => {
    const { gateway, ask, opened, step, finding } = await open();
    const { case: made } = await opened({ findingIds: [(await finding()).id] });
    await step(made.id, { kind: 'noted', text: 'Sari di kasir 2: "saya lihat"' });
    await step(made.id, { kind: 'closed', outcome: 'fraud' });
    await gateway.gateway.services.audit.link();
    const page = auditPageSchema.parse((await ask('GET', `${AUDIT_PATHS.events}?subjectId=${made.id}`)).body);
    expect(page.events.map(({ kind }) => kind)).toEqual(['case.moved', 'case.noted', 'case.opened']);
    expect(page.events[1]?.detail).toMatchObject({
      case: made.number,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(page.events)).not.toContain('Sari');
    const rows = await gateway.gateway.services.engine.kysely
      .selectFrom('audit_events')
      .select('body')
      .where('subject_id', '=', made.id)
      .execute();
    for (const { body } of rows) expect(canonicalJson(JSON.parse(body))).toBe(body);
  });

  it('make evidence of the time of their events, which the verifier finds whole', async () => {
    const { ask, opened, finding, get } = await open();
    const base = Date.now() - 90_000;
    const { id, eventIds } = await finding([base, base + 40_000]);
    const { case: made } = await opened({ findingIds: [id] });
    const path = CASES_PATHS.evidence.replace(':id', made.id);
    const { status, body: text } = await ask('GET', path);
    expect(status).toBe(200);
    const verdict = await verifyEvidence([text]);
    expect(verdict).toMatchObject({ ok: true, header: { from: base, to: base + 40_001 } });
    const { events, entries } = await get(made.id);
    expect(events.map((one) => one.id)).toEqual(eventIds);
    for (const { hash } of events) expect(text).toContain(`"hash":"${hash}"`);
    expect(entries.at(-1)?.kind).toBe('exported');
    const altered = await verifyEvidence([text.replace('slip.reprint', 'slip.reprant')]);
    expect(altered.ok).toBe(false);
    const { case: empty } = await opened();
    const nothing = await ask('GET', CASES_PATHS.evidence.replace(':id', empty.id));
    expect(nothing.body.error.code).toBe('case_empty');
  });

  it('are of one store, and need the proof', async () => {
    const { gateway, till, ask, opened } = await open();
    const { case: made } = await opened();
    const path = CASES_PATHS.one.replace(':id', made.id);
    expect((await till.get(path)).body.error.code).toBe('manager_proof_missing');
    const { storeId } = await gateway.gateway.services.admin.run('store add', {
      ...{ name: 'Lain', country: 'ID', currency: 'IDR', language: 'id', timezone: 'Asia/Jakarta' },
    });
    const { cases } = gateway.gateway.services;
    const scope = { storeId, staffId: staffOf(gateway, 'manager').id };
    await expect(cases.get(scope, made.id)).rejects.toMatchObject({ code: 'not_found' });
    const note = { kind: 'noted', id: fresh(), text: 'x' } as const;
    await expect(cases.step(scope, made.id, note)).rejects.toMatchObject({ code: 'not_found' });
    expect((await cases.page(scope, {})).cases).toEqual([]);
    expect((await ask('GET', CASES_PATHS.one.replace(':id', fresh()))).status).toBe(404);
  });
});
