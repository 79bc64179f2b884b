import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amountSchema } from '../../shared/money.ts';
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

describe('a cash sale on real parts', () => {
  it('goes from the sign-in to the drawer, the gateway’s books and the manager’s report', async () => {
    const cashier = staffWith('cashier');
    await desk.till.invoke('session.signIn', { staffId: cashier.id, pin: cashier.pin });
    // Their own hundred and the till's spare twenty.
    await desk.until((view) => view.cashSale?.left === 120, 'the grants');
    const wish = { saleRef: 'INV/2026-8', amount: amountSchema.parse(187_500) };
    const sale = await desk.till.pos.openForCashSale('terminal-key-11', wish);
    expect(sale).toMatchObject({ drawer: 'opened', left: 119, error: null });
    expect(await desk.till.pos.openForCashSale('terminal-key-12', wish)).toEqual(sale);
    expect(desk.mpop.drawerPulses).toHaveLength(1);
    expect(desk.mpop.errors).toEqual([]);
    await desk.until((view) => view.status.outbox.pending === 0, 'the outbox');
    const { kysely } = shop.gateway.services.engine;
    expect(await kysely.selectFrom('cash_sales').selectAll().execute()).toMatchObject([
      { id: sale.id, sale_ref: 'INV/2026-8', amount: 187_500, staff_id: cashier.id, use_no: 1, flags: [] },
    ]);
    await desk.until((view) => view.status.drawer.state === 'open', 'the switch');
    expect(desk.till.view().drawerWatch.unexplained).toEqual([]);

    await desk.till.invoke('session.signOut', {});
    const manager = staffWith('manager');
    await desk.till.invoke('session.signIn', { staffId: manager.id, pin: manager.pin });
    const day = { from: 0, to: Date.now() + 60_000 };
    const { report } = await desk.till.invoke('report.reconcile', day);
    expect(report).toMatchObject({
      agrees: true,
      unsent: 0,
      cashSales: { till: { count: 1, sum: 187_500 }, gateway: { count: 1, sum: 187_500, flagged: 0 } },
    });
    expect(report.cashSales.gateway.granted).toBeGreaterThanOrEqual(120);
  });
});
