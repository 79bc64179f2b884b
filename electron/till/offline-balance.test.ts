import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../shared/effects.ts';
import type { Desk } from '../../test/fixtures/desk.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CUSTOMER_ID, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { CUSTOMER_PHONE } from '../../test/fixtures/fake-offline.ts';
import {
  beginOffline,
  cutLine,
  issueCodes,
  mendLine,
  openOfflineDesk,
  SEALED,
  say,
} from '../../test/fixtures/offline-desk.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { openStore } from '../store/store.ts';

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
const wish = { customerId: CUSTOMER_ID, asset: 'deposit', amount: 50_000, drawer: true } as const;

async function restarted(desk: Desk): Promise<Desk> {
  const next = await desk.restart();
  await next.signIn();
  return next;
}

describe('the limits', () => {
  it('hold for a customer and for the till in 24 hours that no clock shortens', async () => {
    const desk = await openOfflineDesk();
    await expect(beginOffline(desk, 200_001)).rejects.toMatchObject({
      code: 'offline_limit',
      params: { limit: 'code', left: 200_000 },
    });
    await beginOffline(desk, 150_000);
    await say(desk, SEALED[0]);
    const refusal = { code: 'offline_limit', params: { limit: 'customer', left: 50_000 } };
    await expect(beginOffline(desk, 50_001)).rejects.toMatchObject(refusal);
    desk.clock.setWall(desk.clock.now() + 25 * HOUR_MS);
    await expect(beginOffline(desk, 50_001)).rejects.toMatchObject(refusal);
    const next = await restarted(desk);
    await expect(beginOffline(next, 50_001)).rejects.toMatchObject(refusal);
    await next.clock.leap(24 * HOUR_MS);
    await next.run();
    await next.signIn();
    expect((await beginOffline(next, 50_001)).stage).toBe('awaiting_sealed');
  });

  it('are the ones that the gateway signed with the codes', async () => {
    const desk = await openDesk();
    desk.gateway.policy.offline.limits.perTill.deposit = 60_000;
    issueCodes(desk);
    desk.gateway.push({ type: 'sealed.changed' });
    await desk.run(2_000);
    await desk.signIn();
    await cutLine(desk);
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    await expect(beginOffline(desk)).rejects.toMatchObject({ params: { limit: 'till', left: 10_000 } });
  });
});

describe('the balance without a line', () => {
  it('is the cached one less what was spent since, until the gateway has booked it and told the new one', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk, 150_000);
    await say(desk, SEALED[0]);
    const search = () => desk.call(desk.till.invoke('customers.search', { q: 'ayu' }));
    const available = async () => (await search()).customers[0]?.balances[0]?.available;
    expect(await available()).toBe(350_000);
    // Still not booked, and the gateway's own answer does not hold it.
    desk.gateway.trouble.clear();
    desk.gateway.trouble.set('/v1/outbox', 'down');
    await desk.run(20_000);
    expect((await search()).ageMs).toBeNull();
    expect(await available()).toBe(350_000);
    await mendLine(desk);
    desk.gateway.customer.balances[0] = { asset: 'deposit', available: 350_000, reserved: 0 };
    expect(await available()).toBe(350_000);
    await cutLine(desk);
    expect(await available()).toBe(350_000);
  });

  it('is nothing, and not less, where others spent the same one', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk, 150_000);
    await say(desk, SEALED[0]);
    desk.gateway.customer.balances[0] = { asset: 'deposit', available: 100_000, reserved: 0 };
    desk.gateway.trouble.clear();
    desk.gateway.trouble.set('/v1/outbox', 'down');
    await desk.run(20_000);
    const { customers } = await desk.call(desk.till.invoke('customers.search', { q: 'ayu' }));
    expect(customers[0]?.balances[0]?.available).toBe(0);
  });

  it('is found by phone, member number and name, with its age, and is refused when it is too old', async () => {
    const desk = await openOfflineDesk();
    await desk.clock.leap(HOUR_MS / 2);
    await desk.run();
    await desk.signIn();
    for (const q of ['0812-3456-7801', 'M-1001', 'AYU p']) {
      const { customers, ageMs } = await desk.till.invoke('customers.search', { q });
      expect(customers.map(({ id }) => id)).toEqual([CUSTOMER_ID]);
      expect(ageMs).toBeGreaterThanOrEqual(HOUR_MS / 2);
    }
    expect(await desk.till.invoke('customers.search', { q: '0812-3456-7802' })).toMatchObject({
      customers: [],
    });
    await desk.clock.leap(73 * HOUR_MS);
    await desk.run();
    await desk.signIn();
    await expect(beginOffline(desk)).rejects.toMatchObject({ code: 'offline_balance_unknown' });
  });

  it('of nobody who was ever read is unknown; above it nothing is spent', async () => {
    const desk = await openOfflineDesk();
    const stranger = { ...wish, customerId: SUPERVISOR_ID };
    await expect(desk.till.invoke('redemption.start', stranger)).rejects.toMatchObject({
      code: 'offline_balance_unknown',
    });
    await expect(beginOffline(desk, 500_001)).rejects.toMatchObject({
      code: 'amount_above_balance',
      params: { available: 500_000 },
    });
  });

  it('grows younger with every sign that nothing has changed', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    await desk.run(60_000);
    desk.gateway.ping();
    await desk.run();
    expect(desk.till.view().status.cache.ageMs).toBeLessThan(15_000);
    // One that was long on its way says how it was when it was sent.
    await desk.run(11_000);
    desk.gateway.ping(0, desk.clock.now() - 11_000);
    await desk.run();
    expect(desk.till.view().status.cache.ageMs).toBeGreaterThan(10_900);
    desk.gateway.customer = { ...desk.gateway.customer, name: 'Bunga Citra' };
    desk.gateway.offline.walletCursor = 2;
    desk.gateway.offline.wallets = [
      { customer: desk.gateway.customer, phoneTag: null },
      { customer: desk.gateway.customer, phoneTag: null },
    ];
    desk.gateway.ping();
    await desk.run(1_000);
    await desk.signIn();
    await cutLine(desk);
    const { customers } = await desk.till.invoke('customers.search', { q: 'bunga' });
    expect(customers).toHaveLength(1);
    expect((await desk.till.invoke('customers.search', { q: 'ayu pratiwi' })).customers).toEqual([]);
  });

  it('shows no name and no number to whoever steals the disk', async () => {
    const desk = await openOfflineDesk();
    await desk.call(desk.till.stop());
    const files = readdirSync(desk.dataDir).filter((name) => name.startsWith('till.sqlite'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) {
      const bytes = readFileSync(join(desk.dataDir, name), 'latin1');
      for (const secret of ['Ayu Pratiwi', 'M-1001', '7801', CUSTOMER_PHONE]) {
        expect(bytes.includes(secret), `${secret} in ${name}`).toBe(false);
      }
    }
  });

  it('is read anew where the key of the cache was lost', async () => {
    const desk = await openOfflineDesk();
    await desk.call(desk.till.stop());
    const { clock, gateway, devices, dataDir } = desk;
    cpSync(join(dataDir, 'till-key.secret'), join(dataDir, 'cache-key.secret'), { force: true });
    const next = await openDesk({ clock, gateway, devices, dataDir });
    expect(next.till.view().status.cache).toEqual({ customers: 0, ageMs: null });
    await mendLine(next);
    expect(next.till.view().status.cache.customers).toBe(1);
  });
});

it('knows from its first minute how old balances are, though the power goes and its clock is set back', async () => {
  const desk = await openDesk();
  await desk.run(2_000);
  // What a power cut would leave now.
  const folder = tempFolder();
  cpSync(desk.dataDir, folder, { recursive: true });
  desk.clock.setWall(desk.clock.now() - 86_400_000);
  const store = openStore(folder, { clock: desk.clock, random: systemRandom });
  const { inStepAt } = store.customers.state();
  expect(store.time.ceiling()).toBeGreaterThanOrEqual((inStepAt ?? Number.POSITIVE_INFINITY) - 10_000);
  store.close();
});
