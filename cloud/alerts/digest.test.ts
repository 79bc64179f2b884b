import { expect, it } from 'vitest';
import { DEFAULT_ALERTS } from '../../shared/alert-policy.ts';
import { ALERTS_PATHS, DIGEST_FILTERS, type DigestFilterName, digestSchema } from '../../shared/alerts.ts';
import { createLocalTime } from '../../shared/local-time.ts';
import { enrolStaff } from '../../test/fixtures/demo-phones.ts';
import { describeGateway, eventually } from '../../test/fixtures/gateway.ts';
import { addFinding, openManagerDesk } from '../../test/fixtures/manager-desk.ts';
import { yesterdayOf } from './digest.ts';

const TIMEZONE = 'Asia/Jakarta';
const HOUR_MS = 3_600_000;

describeGateway('the digest of a day', (getGateway) => {
  const services = () => getGateway().gateway.services;
  const db = () => services().engine.kysely;
  const now = () => services().effects.clock.now();

  /** A day of the past with some of everything, and something just outside it. */
  async function fill(day: number): Promise<void> {
    const { startOf } = createLocalTime(TIMEZONE);
    const [from, to] = [startOf(day), startOf(day + 1)];
    const { storeId } = getGateway().demo;
    const add = (at: number, kind: string, rest: object = {}) =>
      db()
        .insertInto('audit_staged')
        .values({ store_id: storeId, at, kind, outcome: 'ok', ...rest })
        .execute();
    for (const at of [from - 1, from, from + HOUR_MS, to - 1, to]) {
      await add(at, 'redemption.captured', { asset: 'deposit', amount: 10_000 });
      await add(at, 'drawer.opened');
    }
    await add(from + 5, 'redemption.captured', { asset: 'points', amount: 250 });
    await add(from + 6, 'approval.approved', { asset: 'cash', amount: 7_000, detail: '{"action":"void"}' });
    await add(from + 7, 'approval.approved', {
      asset: 'cash',
      amount: 2_000,
      detail: '{"action":"line_void"}',
    });
    await add(from + 8, 'approval.approved', { asset: 'cash', amount: 500, detail: '{"action":"discount"}' });
    await add(from + 9, 'approval.requested', { asset: 'cash', amount: 500, detail: '{"action":"void"}' });
    await add(from + 10, 'drawer.unexplained_opening');
    await add(from + 11, 'offline.spent', { asset: 'deposit', amount: 3_000 });
    await services().audit.link();
    const place = { window: { from: day, to: day + 1 } };
    await addFinding(getGateway(), { ...place, foundAt: from });
    await addFinding(getGateway(), { ...place, foundAt: from + 1, revision: 2 });
    await addFinding(getGateway(), { window: { from: day + 5, to: day + 6 }, foundAt: to });
  }

  it('counts what the audit list shows, by the store’s own days', async () => {
    const { ask, till, manager } = await openManagerDesk(getGateway());
    const day = 20_000;
    await fill(day);
    const { body } = await ask('GET', `${ALERTS_PATHS.digest}?day=${day}`);
    const digest = digestSchema.parse(body);
    expect(digest.figures).toEqual({
      redemptions: { count: 4, amount: 30_000, points: 250 },
      voids: { count: 2, amount: 9_000, points: null },
      discounts: { count: 1, amount: 500, points: null },
      openings: { count: 3, amount: null, points: null },
      unexplained: { count: 1, amount: null, points: null },
      offline: { count: 1, amount: 3_000, points: 0 },
      findings: { count: 1, amount: null, points: null },
      messages: { count: 0, amount: 0, points: null },
    });
    const scope = { storeId: getGateway().demo.storeId, staffId: manager.id };
    for (const name of Object.keys(DIGEST_FILTERS) as DigestFilterName[]) {
      const { kinds, ...rest } = DIGEST_FILTERS[name];
      const filter = { ...rest, kinds: [...kinds], from: digest.from, to: digest.to };
      const { events } = await services().audit.timeline.page(scope, filter);
      expect([name, events.length]).toEqual([name, digest.figures[name].count]);
    }
    expect((await till.get(ALERTS_PATHS.digest)).body.error.code).toBe('manager_proof_missing');
    const latest = digestSchema.parse((await ask('GET', ALERTS_PATHS.digest)).body);
    expect(latest.day).toBe(yesterdayOf(TIMEZONE, now()));
  });

  it('goes to managers once a day at the minute that the store chose, and only where it did', async () => {
    const gateway = getGateway();
    const { manager } = await openManagerDesk(gateway);
    const phone = manager.phone ?? '';
    await enrolStaff({ gateway: gateway.gateway, graph: gateway.graph }, manager.id, phone);
    const told = () =>
      gateway.graph.world.messages.filter(
        (it) =>
          it.number === phone.slice(1) &&
          it.direction === 'to_phone' &&
          it.rendered.body.includes('Pembatalan: 2'),
      );
    const { storeId } = gateway.demo;
    const allow = async (on: boolean, minute: number) => {
      const policy = (await services().admin.run('policy show', { storeId })) as Record<string, unknown>;
      const alerts = { ...DEFAULT_ALERTS, digest: { on, minute } };
      await services().admin.run('policy set', { storeId, policy: { ...policy, alerts } as never });
    };
    await fill(yesterdayOf(TIMEZONE, now()));
    const { minute } = createLocalTime(TIMEZONE).of(now());
    const look = () => services().lookForDigests();
    await look();
    await allow(true, Math.min(1439, minute + 5));
    await look();
    expect(await db().selectFrom('digests').selectAll().execute()).toEqual([]);
    await allow(true, Math.max(0, minute - 1));
    await Promise.all([look(), look(), look()]);
    await eventually(() => told().length > 0, 'the digest');
    await look();
    expect(told()).toHaveLength(1);
    expect(told()[0]?.rendered.body).toMatch(
      /Penukaran: 4 \(Rp\s30\.000, 250 poin\)\..*Dipakai luring: 1 \(Rp\s3\.000\)\. Temuan: 1\./,
    );
  });
});
