import { afterEach, expect, it } from 'vitest';
import { type AlertPolicy, DEFAULT_ALERTS, isQuiet } from '../../shared/alert-policy.ts';
import { ALERTS_PATHS, alertListSchema } from '../../shared/alerts.ts';
import { FINDINGS_PATHS } from '../../shared/findings-api.ts';
import { createLocalTime } from '../../shared/local-time.ts';
import { enrolStaff } from '../../test/fixtures/demo-phones.ts';
import { describeGateway, eventually } from '../../test/fixtures/gateway.ts';
import { addFinding, openManagerDesk, staffOf } from '../../test/fixtures/manager-desk.ts';

const MINUTE_MS = 60_000;

describeGateway('alerts of findings', (getGateway) => {
  const services = () => getGateway().gateway.services;
  let window = 10_000;
  let shifted = 0;
  const shift = (ms: number) => {
    shifted += ms;
    getGateway().shiftClock(ms);
  };
  const find = (change: Parameters<typeof addFinding>[1] = {}) => {
    window += 28;
    const foundAt = services().effects.clock.now();
    return addFinding(getGateway(), {
      window: { from: window, to: window + 28 },
      severity: 'high',
      foundAt,
      ...change,
    });
  };
  const never = { from: 0, to: 0 };

  async function allow(wanted: Partial<AlertPolicy>): Promise<void> {
    const { storeId } = getGateway().demo;
    const policy = (await services().admin.run('policy show', { storeId })) as Record<string, unknown>;
    const alerts = { ...DEFAULT_ALERTS, quiet: never, groupMinutes: 0, ...wanted };
    await services().admin.run('policy set', { storeId, policy: { ...policy, alerts } as never });
  }

  /** What the manager's phone got of it since the last time this was asked. */
  async function open(wanted: Partial<AlertPolicy> = {}) {
    const gateway = getGateway();
    const desk = await openManagerDesk(gateway);
    const phone = desk.manager.phone ?? '';
    await enrolStaff({ gateway: gateway.gateway, graph: gateway.graph }, desk.manager.id, phone);
    // Of tests before this one.
    const waiting = async () => alertListSchema.parse((await desk.ask('GET', ALERTS_PATHS.list)).body).alerts;
    const left = (await waiting()).map(({ id }) => id);
    if (left.length > 0) await desk.ask('POST', ALERTS_PATHS.acknowledge, { ids: left });
    await allow(wanted);
    const inbox = () =>
      gateway.graph.world.messages.filter(
        (it) =>
          it.number === phone.slice(1) &&
          it.direction === 'to_phone' &&
          /Temuan baru:/.test(it.rendered.body),
      );
    const before = inbox().length;
    const told = () =>
      inbox()
        .slice(before)
        .map(({ rendered }) => rendered.body);
    const look = () => services().alerts.look();
    const count = async () => (await desk.till.get(ALERTS_PATHS.waiting)).body.count;
    return { ...desk, gateway, told, look, waiting, count };
  }

  afterEach(async () => {
    // What is left over would be told in the next test.
    await services()
      .engine.kysely.updateTable('alerts')
      .set({ sent_at: 1 })
      .where('sent_at', 'is', null)
      .execute();
    await services().engine.kysely.updateTable('alert_turns').set({ sent_at: 0 }).execute();
    shift(-shifted);
  });

  it('go to managers once for each finding, many in one message, by however many gateways', async () => {
    const { told, look, waiting, count } = await open();
    await find({ signal: 'late_void', score: 90 });
    await find({ signal: 'reprints', score: 70 });
    await Promise.all([look(), look(), look()]);
    await eventually(() => told().length > 0, 'the alert');
    await look();
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatch(/Temuan baru: 2\. Yang terberat: Pembatalan setelah pelanggan pergi\./);
    expect(await count()).toBe(2);
    expect((await waiting())[0]?.sentAt).not.toBeNull();
  });

  it('are not of what is less severe, was looked at, or grew no worse after it was told', async () => {
    const { told, look, count, ask } = await open({ from: 'medium' });
    await find({ severity: 'low' });
    const seen = await find();
    await ask('POST', FINDINGS_PATHS.words.replace(':id', String(seen)), { state: 'seen' });
    await look();
    expect(await count()).toBe(0);
    const place = { window: { from: 90_000, to: 90_028 } };
    await find({ severity: 'medium', ...place });
    await look();
    await eventually(() => told().length === 1, 'the alert');
    await find({ severity: 'medium', score: 99, revision: 2, ...place });
    await look();
    expect(await count()).toBe(1);
    expect(told()).toHaveLength(1);
  });

  it('come again, though somebody acknowledged them, once what they are of became more severe', async () => {
    const { told, look, count, waiting, ask } = await open({ from: 'medium' });
    const place = { window: { from: 91_000, to: 91_028 } };
    await find({ severity: 'medium', ...place });
    await look();
    await eventually(() => told().length === 1, 'the alert');
    const ids = (await waiting()).map(({ id }) => id);
    await ask('POST', ALERTS_PATHS.acknowledge, { ids });
    expect(await count()).toBe(0);
    await find({ severity: 'high', revision: 2, ...place });
    await Promise.all([look(), look()]);
    await eventually(() => told().length === 2, 'the alert again');
    expect((await waiting()).map(({ finding }) => finding.severity)).toEqual(['high']);
    await find({ severity: 'medium', revision: 3, ...place });
    await look();
    expect(told()).toHaveLength(2);
  });

  it('wait for the end of quiet hours, and are grouped then', async () => {
    const { gateway, told, look, count } = await open();
    const { timezone } = await services()
      .engine.kysely.selectFrom('stores')
      .select('timezone')
      .where('id', '=', gateway.demo.storeId)
      .executeTakeFirstOrThrow();
    const { minute } = createLocalTime(timezone).of(services().effects.clock.now());
    await allow({ quiet: { from: minute, to: (minute + 30) % 1440 } });
    await find();
    await look();
    await find();
    await look();
    expect(await count()).toBe(2);
    expect(told()).toEqual([]);
    shift(31 * MINUTE_MS);
    await look();
    await eventually(() => told().length === 1, 'the alert after the quiet hours');
    expect(told()[0]).toContain('Temuan baru: 2.');
  });

  it('come no more often than the store wants, and not of what was acknowledged meanwhile', async () => {
    const { told, look, ask, waiting, gateway, till } = await open({ groupMinutes: 20 });
    await find();
    await look();
    await eventually(() => told().length === 1, 'the first');
    await find();
    await look();
    const [late] = await waiting();
    expect((await ask('POST', ALERTS_PATHS.acknowledge, { ids: [late?.id] })).status).toBe(200);
    await find();
    shift(21 * MINUTE_MS);
    await look();
    await eventually(() => told().length === 2, 'the second');
    expect(told()[1]).toContain('Temuan baru: 1.');
    const row = await services()
      .engine.kysely.selectFrom('alerts')
      .select('acknowledged_by')
      .where('id', '=', late?.id ?? 0)
      .executeTakeFirst();
    expect(row?.acknowledged_by).toBe(staffOf(gateway, 'manager').id);
    expect((await till.get(ALERTS_PATHS.list)).body.error.code).toBe('manager_proof_missing');
  });

  it('are none where the store wants none, nor of what was found long ago', async () => {
    const { told, look, count } = await open({ from: 'off' });
    await find();
    await look();
    expect(await count()).toBe(0);
    await allow({ from: 'off' });
    await services().engine.kysely.deleteFrom('alerts').execute();
    await allow({});
    shift(25 * 60 * MINUTE_MS);
    await look();
    expect(told()).toEqual([]);
  });
});

it.each([
  [{ from: 1320, to: 420 }, [1320, 1439, 0, 419], [420, 1319]],
  [{ from: 60, to: 120 }, [60, 119], [59, 120, 1400]],
  [{ from: 300, to: 300 }, [], [0, 300, 1439]],
])('quiet %j', (quiet, silent, loud) => {
  const policy = { ...DEFAULT_ALERTS, quiet };
  for (const minute of silent) expect([minute, isQuiet(policy, minute)]).toEqual([minute, true]);
  for (const minute of loud) expect([minute, isQuiet(policy, minute)]).toEqual([minute, false]);
});
