import { expect, it } from 'vitest';
import type { DrawerAlert } from '../../shared/offline.ts';
import { OFFLINE_PATHS } from '../../shared/offline.ts';
import { describeGateway, eventually, type TillClient } from '../../test/fixtures/gateway.ts';

describeGateway('what tills tell of their drawers', (getGateway) => {
  const person = (name: string) => {
    const found = getGateway().demo.staff.find((one) => one.name.startsWith(name));
    if (found?.phone == null) throw new Error(`no ${name}`);
    return { ...found, number: found.phone.slice(1) };
  };
  const cashier = () => {
    const found = getGateway().demo.staff.find(({ role }) => role === 'cashier');
    if (found === undefined) throw new Error('no cashier');
    return found;
  };
  const alertsTo = (number: string) =>
    getGateway().graph.world.messages.filter(
      (it) =>
        it.number === number &&
        it.shownAtMs !== undefined &&
        it.templateName?.startsWith('saksi_drawer') === true,
    );
  const alertOf = (change: Partial<DrawerAlert> = {}): DrawerAlert => ({
    ...{ openingId: crypto.randomUUID(), what: 'unexplained', openedAt: Date.UTC(2026, 0, 5, 3, 20) },
    ...{ openMs: 0, staffId: cashier().id },
    ...change,
  });
  const tell = async (till: TillClient, alert: DrawerAlert, id: string = crypto.randomUUID()) => {
    const items = [{ id, stream: `drawer:${alert.openingId}`, message: { kind: 'drawer_alert', alert } }];
    const { status, body } = await till.post(OFFLINE_PATHS.outbox, { items }, null);
    expect(status).toBe(200);
    return body.results[0];
  };

  it('reaches the managers once, with the time and who was signed in', async () => {
    const till = await getGateway().pair('Kasir 7');
    const { number } = person('Agus');
    const alert = alertOf();
    const id = crypto.randomUUID();
    expect(await tell(till, alert, id)).toEqual({ id, outcome: 'done' });
    expect(await tell(till, alert, id)).toEqual({ id, outcome: 'done' });
    const message = await eventually(() => alertsTo(number)[0], 'alert to the manager');
    expect(message.rendered.body).toMatch(/Kasir 7.*5 Januari.*10[.:]20/);
    expect(message.rendered.body).toContain(cashier().name);
    expect(await tell(till, alertOf(), id)).toMatchObject({ error: { code: 'idempotency_key_reused' } });
    // The next one goes out after it: nothing came twice.
    await tell(till, alertOf({ what: 'open_long', openMs: 320_000, staffId: null }));
    const long = await eventually(
      () => alertsTo(number).find(({ templateName }) => templateName === 'saksi_drawer_open_long'),
      'the second alert',
    );
    expect(long.rendered.body).toMatch(/Kasir 7.* 5 menit/);
    expect(
      alertsTo(number).filter(({ templateName }) => templateName === 'saksi_drawer_unexplained'),
    ).toHaveLength(1);
  });

  it('does not flood them: five an hour of one till, all of them kept', async () => {
    const till = await getGateway().pair('Kasir 8');
    for (let count = 0; count < 7; count += 1) await tell(till, alertOf());
    const { kysely } = getGateway().gateway.services.engine;
    const kept = await kysely
      .selectFrom('drawer_alerts')
      .select('id')
      .where('till_id', '=', till.tillId)
      .execute();
    expect(kept).toHaveLength(7);
    const queued = await kysely
      .selectFrom('messages')
      .select('id')
      .where('kind', '=', 'drawer_alert')
      .where('till_id', '=', till.tillId)
      .execute();
    const managers = getGateway().demo.staff.filter(({ role }) => role === 'manager');
    expect(queued).toHaveLength(5 * managers.length);
  });
});
