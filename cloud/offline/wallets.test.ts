import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { describeOnBothEngines, describePostgres } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld } from '../../test/fixtures/offline-world.ts';
import { olderTransactionsEnded } from '../../test/fixtures/older-transactions.ts';
import { createBody } from '../../test/fixtures/redemption-world.ts';
import { post } from '../ledger/ledger.ts';
import { tagOf } from './wallets.ts';

const RUNS = 12;
const LOOKS = 20;
const TIMEOUT_MS = 120_000;

describeOnBothEngines('wallets for the cache', (getEngine) => {
  let world: OfflineWorld;
  let storeId: string;
  beforeEach(async () => {
    world = offlineWorld(getEngine());
    storeId = await world.shop.addStore();
  });
  const page = async (after: number) => {
    await olderTransactionsEnded(getEngine().kysely);
    return world.service.wallets.page(storeId, after);
  };
  const ids = async (after: number) => (await page(after)).wallets.map(({ customer }) => customer.id);

  it('shows all at first, then only what changed, each once', async () => {
    const one = await world.shop.addCustomer(storeId, { deposit: 100, points: 7 });
    const two = await world.shop.addCustomer(storeId, {}, false);
    await world.shop.addCustomer(await world.shop.addStore());
    const first = await page(0);
    expect(first.more).toBe(false);
    expect(first.wallets.map(({ customer }) => customer.id).sort()).toEqual([one.id, two.id].sort());
    const shown = first.wallets.find(({ customer }) => customer.id === one.id);
    expect(shown?.customer.balances).toEqual([
      { asset: 'deposit', available: 100, reserved: 0 },
      { asset: 'points', available: 7, reserved: 0 },
    ]);
    expect(await page(first.next)).toEqual({ wallets: [], gone: [], next: first.next, more: false });

    await world.topUp(storeId, two.id, 5);
    await world.topUp(storeId, two.id, 6);
    const till = await world.shop.addTill(storeId);
    await world.shop.service.create(till, world.shop.newKey(), createBody(one.id, 30));
    const second = await page(first.next);
    expect(second.wallets).toHaveLength(2);
    const reserved = second.wallets.find(({ customer }) => customer.id === one.id)?.customer.balances[0];
    expect(reserved).toEqual({ asset: 'deposit', available: 70, reserved: 30 });
    expect(await ids(second.next)).toEqual([]);
  });

  it('shows what changed about a person, and what was spent without a line', async () => {
    const one = await world.shop.addCustomer(storeId, { deposit: 100 });
    const { next } = await page(0);
    const { kysely } = getEngine();
    await kysely.updateTable('customers').set({ name: 'Nama Baru' }).where('id', '=', one.id).execute();
    const renamed = await page(next);
    expect(renamed.wallets.map(({ customer }) => customer.name)).toEqual(['Nama Baru']);
    const till = await world.shop.addTill(storeId);
    const supervisor = await world.addStaff(storeId, 'supervisor');
    const code = { id: await world.addCode(till, supervisor), staffId: supervisor };
    await world.service.applyOffline(till, 'k', world.spending(code, one.id, 60));
    expect((await page(renamed.next)).wallets[0]?.customer.balances[0]?.available).toBe(40);
  });

  it('names a number by a tag that only this store’s tills can make', async () => {
    const one = await world.shop.addCustomer(storeId);
    const [wallet] = (await page(0)).wallets;
    const key = Buffer.from(world.service.wallets.tagKeyOf(storeId), 'base64url');
    expect(key).toHaveLength(32);
    expect(wallet?.phoneTag).toBe(tagOf(key, one.phone ?? ''));
    expect(JSON.stringify(wallet)).not.toContain(one.phone);
    const elsewhere = Buffer.from(world.service.wallets.tagKeyOf(await world.shop.addStore()), 'base64url');
    expect(tagOf(elsewhere, one.phone ?? '')).not.toBe(wallet?.phoneTag);
  });

  it('comes in pages when there is much', async () => {
    const { kysely } = getEngine();
    const count = 1203;
    await kysely
      .insertInto('customers')
      .values(
        Array.from({ length: count }, (_, index) => ({
          ...{ id: crypto.randomUUID(), store_id: storeId, name: `P ${index}`, name_search: `p ${index}` },
          ...{ member_no: `N-${index}`, phone_e164: null, language: 'id' as const, created_at: 0 },
        })),
      )
      .execute();
    const seen = new Set<string>();
    let pages = 0;
    let after = 0;
    for (let more = true; more; pages += 1) {
      const found = await page(after);
      for (const { customer } of found.wallets) seen.add(customer.id);
      ({ next: after, more } = found);
    }
    expect([seen.size, pages]).toEqual([count, 3]);
    expect((await world.service.wallets.cursors([storeId])).get(storeId)).toBe(after);
  });
});

describePostgres(
  'wallets while many write',
  (getEngine) => {
    it(
      'a reader that goes by the cursor misses no change, whichever is committed first',
      async () => {
        /** One transaction: which customers it tops up, how long it stays open, whether it is given up. */
        const writer = fc.record({
          customers: fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }),
          holdMs: fc.integer({ min: 0, max: 25 }),
          abort: fc.boolean(),
          startMs: fc.integer({ min: 0, max: 25 }),
        });
        await fc.assert(
          fc.asyncProperty(fc.array(writer, { minLength: 4, maxLength: 10 }), async (writers) => {
            const { kysely } = getEngine();
            const world = offlineWorld(getEngine());
            const storeId = await world.shop.addStore();
            const customers: { id: string }[] = [];
            for (let count = 0; count < 5; count += 1) {
              customers.push(await world.shop.addCustomer(storeId, { deposit: 1000 }));
            }
            const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
            let writing = true;
            const written = Promise.all(
              writers.map(async ({ customers: indexes, holdMs, abort, startMs }) => {
                await pause(startMs);
                await kysely
                  .transaction()
                  .execute(async (trx) => {
                    // In one order, so that two writers never wait for each other.
                    for (const index of [...new Set(indexes)].sort()) {
                      const customerId = customers[index]?.id ?? '';
                      // Reserving touches the customer's own accounts only: these transactions do run beside each other.
                      await post(trx, 'reserve', {
                        ...{ storeId, customerId, asset: 'deposit', amount: 1, refId: null, at: 0 },
                        idempotencyKey: `w/${crypto.randomUUID()}`,
                      });
                      await pause(holdMs);
                    }
                    if (abort) throw new Error('given up');
                  })
                  .catch((error: Error) => {
                    if (error.message !== 'given up') throw error;
                  });
              }),
            ).finally(() => {
              writing = false;
            });
            /** A till's cache. Two of them, so that both have changes numbered at once. */
            const reader = () => {
              const cache = new Map<string, number>();
              let cursor = 0;
              const look = async () => {
                const found = await world.restarted().wallets.page(storeId, cursor);
                expect(found.next).toBeGreaterThanOrEqual(cursor);
                cursor = found.next;
                for (const { customer } of found.wallets) {
                  cache.set(customer.id, customer.balances[0]?.available ?? -1);
                }
                return JSON.stringify([...cache].sort());
              };
              return look;
            };
            const readers = [reader(), reader()];
            await Promise.all(
              readers.map(async (look) => {
                while (writing) {
                  await look();
                  await pause(2);
                }
              }),
            );
            await written;
            const truth = await kysely
              .selectFrom('accounts')
              .select(['customer_id', 'balance'])
              .where('store_id', '=', storeId)
              .where('kind', '=', 'customer_available')
              .where('asset', '=', 'deposit')
              .execute();
            const wanted = JSON.stringify(truth.map((row) => [row.customer_id, row.balance]).sort());
            // What was missed for good no later look brings; what another process is numbering, the next one does.
            await olderTransactionsEnded(kysely);
            for (const look of readers) {
              let seen = await look();
              for (let more = 0; more < LOOKS && seen !== wanted; more += 1) seen = await look();
              expect(seen).toBe(wanted);
            }
          }),
          { numRuns: RUNS },
        );
      },
      TIMEOUT_MS,
    );
  },
  { poolSize: 16 },
);
