import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BridgeOutput } from '../../shared/bridge.ts';
import { memoryDatabase } from '../../test/fixtures/postgres.ts';
import { openShop, openTill, type Shop, type ShopTill } from '../../test/fixtures/shop.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

let shop: Shop;
let desk: ShopTill;

beforeAll(async () => {
  shop = await openShop({ database: await memoryDatabase() });
  desk = await openTill();
  await desk.till.invoke('pairing.pair', {
    gatewayUrl: shop.gatewayUrl,
    pairingCode: await shop.pairingCode('Kasir Depan'),
  });
}, 120_000);

afterAll(async () => {
  await desk?.stop();
  await shop?.close();
  removeTempFolders();
});

const staffWith = (role: string) => {
  const found = shop.demo.staff.find((one) => one.role === role);
  if (found === undefined) throw new Error(`no ${role}`);
  return found;
};

/** Asks on until events of this kind came. */
async function untilNews(kind: string, after: number | null) {
  let asked: BridgeOutput<'audit.tail'> = { events: [], after };
  for (;;) {
    asked = await desk.till.invoke('audit.tail', { filter: { kinds: [kind] }, after: asked.after });
    if (asked.events.length > 0) return asked;
  }
}

const topUp = async () => {
  const { id } = await shop.addCustomer(10_000);
  return id;
};

describe('the audit list at the till, on real parts', () => {
  it('is for a manager who typed the PIN, and says whose it is', async () => {
    const [cashier, manager] = [staffWith('cashier'), staffWith('manager')];
    await desk.till.invoke('session.signIn', { staffId: cashier.id, pin: cashier.pin });
    await expect(desk.till.invoke('audit.about', {})).rejects.toMatchObject({ code: 'role_not_allowed' });
    await desk.till.invoke('session.signOut', {});
    await desk.till.invoke('session.signIn', { staffId: manager.id, pin: manager.pin });
    for (const ask of [
      () => desk.till.invoke('audit.about', {}),
      () => desk.till.invoke('audit.tail', { filter: {}, after: null }),
      () => desk.till.invoke('audit.charts', { from: 0, to: 1 }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'manager_proof_missing' });
    }
    await desk.till.invoke('audit.unlock', { pin: manager.pin });
    const about = await desk.till.invoke('audit.about', {});
    expect(about.stores).toMatchObject([
      { id: shop.demo.storeId, timezone: 'Asia/Jakarta', currency: 'IDR' },
    ]);
    expect(about.tills.map(({ name }) => name)).toContain('Kasir Depan');
    expect(about.staff).toContainEqual({ id: manager.id, name: manager.name, role: 'manager', active: true });
  });

  it('is followed by asking: all that comes, once each, also after a screen that came back', async () => {
    const before = await untilNews('wallet.topped_up', 0);
    const customerId = await topUp();
    const first = await untilNews('wallet.topped_up', before.after);
    expect(first.events).toMatchObject([{ kind: 'wallet.topped_up', customerId, amount: 10_000 }]);
    const [event] = first.events;
    const { events } = await desk.till.invoke('audit.list', {
      filter: { kinds: ['wallet.topped_up'], customerId },
      after: null,
    });
    expect(events).toEqual([event]);
    expect(event?.hash).toMatch(/^[0-9a-f]{64}$/);
    // A call that waits is answered by what comes.
    const waiting = untilNews('wallet.topped_up', first.after);
    const second = await topUp();
    expect((await waiting).events).toMatchObject([{ customerId: second }]);
    // The screen did not get that answer: it names what it had, and is told again.
    const again = await untilNews('wallet.topped_up', first.after);
    expect(again.events).toMatchObject([{ customerId: second }]);
  });

  it('is not followed any more once they left', async () => {
    const waiting = desk.till.invoke('audit.tail', { filter: { kinds: ['wallet.topped_up'] }, after: null });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'not_signed_in' });
    const manager = staffWith('manager');
    await desk.till.invoke('session.signOut', {});
    await topUp();
    await refused;
    await desk.till.invoke('session.signIn', { staffId: manager.id, pin: manager.pin });
  });

  it('has pictures of a span, and none of a longer one than a year', async () => {
    const to = Date.now() + 60_000;
    const charts = await desk.till.invoke('audit.charts', { from: to - 86_400_000, to });
    expect(charts.total.events).toBeGreaterThan(3);
    expect(charts.days.at(-1)?.to).toBe(to);
    await expect(desk.till.invoke('audit.charts', { from: to - 400 * 86_400_000, to })).rejects.toMatchObject(
      { code: 'bad_request' },
    );
  });
});
