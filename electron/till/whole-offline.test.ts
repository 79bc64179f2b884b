import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLedger } from '../../cloud/ledger/check.ts';
import { systemClock } from '../../shared/effects.ts';
import { enrolDemoStaff } from '../../test/fixtures/demo-phones.ts';
import { memoryDatabase } from '../../test/fixtures/postgres.ts';
import { openShop, openTill, type Shop, type ShopTill } from '../../test/fixtures/shop.ts';
import { startTcpProxy, type TcpProxy } from '../../test/fixtures/tcp-proxy.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { slipText } from '../../test/sim/mpop/paper.ts';

const DAY_MS = 86_400_000;
/** Codes of several tills share one message, which waits for them. */
const CODES_WITHIN_MS = 45_000;

let shop: Shop;
let line: TcpProxy;
const tills: ShopTill[] = [];
const names = ['Kasir Depan', 'Kasir Belakang'] as const;

function person(role: 'cashier' | 'supervisor' | 'manager') {
  const found = shop.demo.staff.find((one) => one.role === role);
  if (found === undefined) throw new Error(`no ${role}`);
  return found;
}

async function signIn({ till }: ShopTill, role: Parameters<typeof person>[0]): Promise<void> {
  const { id, pin } = person(role);
  await till.invoke('session.signIn', { staffId: id, pin });
}

beforeAll(async () => {
  shop = await openShop({ database: await memoryDatabase() });
  await enrolDemoStaff(shop);
  line = await startTcpProxy({ port: Number(new URL(shop.gatewayUrl).port) }, systemClock);
  for (const name of names) {
    const desk = await openTill();
    tills.push(desk);
    const gatewayUrl = `http://127.0.0.1:${line.port}`;
    await desk.till.invoke('pairing.pair', { gatewayUrl, pairingCode: await shop.pairingCode(name) });
    await signIn(desk, 'cashier');
  }
}, 120_000);

afterAll(async () => {
  for (const desk of tills) await desk.stop();
  await line?.close();
  await shop?.close();
  removeTempFolders();
});

/** What the supervisor reads on the phone for a till: 'Kasir Depan: K7QM-3XW9, …'. */
async function codesOnPhone(tillName: string): Promise<string[]> {
  const { phone } = person('supervisor');
  const until = performance.now() + CODES_WITHIN_MS;
  const listed = new RegExp(`${tillName}: ((?:[0-9A-Z]{4}-[0-9A-Z]{4}(?:, )?)+)`);
  for (;;) {
    const mine = shop.graph.world.messages.filter(({ number }) => `+${number}` === phone);
    const found = mine
      .map(({ rendered }) => listed.exec(rendered.body)?.[1])
      .find((one) => one !== undefined);
    if (found !== undefined) return found.split(', ');
    if (performance.now() > until) throw new Error('no sealed codes on the phone');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function spend({ till, redemptionAt }: ShopTill, customerId: string, amount: number, code: string) {
  const wish = { customerId, asset: 'deposit', amount, drawer: true } as const;
  const { redemptionId } = await till.invoke('redemption.start', wish);
  expect(till.view().redemption?.stage).toBe('awaiting_sealed');
  const supervisorId = person('supervisor').id;
  await till.invoke('redemption.submitSealed', { redemptionId, supervisorId, code });
  await redemptionAt('done', 'queued');
}

describe('without a line, on real parts', () => {
  it('two tills spent the same balance: both goods are paid for, the lack is the store’s loss, the books agree', async () => {
    const customer = await shop.addCustomer(150_000);
    for (const desk of tills) {
      await desk.until(
        ({ status }) => (status.sealed?.codesLeft ?? 0) > 0 && status.cache.customers > 0,
        'codes and wallets',
      );
    }
    const codes = await Promise.all(names.map(codesOnPhone));
    for (const desk of tills) {
      const found = async () => (await desk.till.invoke('customers.search', { q: customer.phone })).customers;
      expect((await found()).map(({ id }) => id)).toEqual([customer.id]);
    }

    line.mode('cut');
    line.drop();
    for (const [index, desk] of tills.entries()) {
      await desk.until(({ status }) => status.gateway.state === 'offline', 'the line down');
      await spend(desk, customer.id, 100_000, codes[index]?.[0] ?? '');
      expect(slipText(desk.mpop.slips.at(-1)?.elements ?? []).join('\n')).toContain('OFFLINE');
    }

    line.mode('pass');
    for (const desk of tills) {
      desk.till.wake();
      await desk.redemptionAt('done', 'confirmed');
    }
    expect(await shop.wallet(customer.id, 'deposit')).toEqual({ available: 0, reserved: 0 });

    let losses = 0;
    for (const desk of tills) {
      await desk.till.invoke('redemption.dismiss', { redemptionId: desk.till.view().redemption?.id ?? '' });
      await desk.till.invoke('session.signOut', {});
      await signIn(desk, 'manager');
      const now = Date.now();
      const { report } = await desk.till.invoke('report.reconcile', { from: now - DAY_MS, to: now + DAY_MS });
      expect(report).toMatchObject({
        agrees: true,
        unsent: 0,
        till: { offline: { deposit: { count: 1, sum: 100_000 } } },
        gateway: { offline: { deposit: { count: 1, sum: 100_000 } } },
        chain: { ok: true },
      });
      losses += report.losses.reduce((sum, { loss }) => sum + loss, 0);
    }
    expect(losses).toBe(50_000);
    const books = await checkLedger(shop.gateway.services.engine.kysely);
    expect(books).toMatchObject({ ok: true, sum: 0, overdrawn: [], losses: [] });
  }, 120_000);
});
