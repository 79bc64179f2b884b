import { beforeEach, expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld } from '../../test/fixtures/offline-world.ts';
import { policyWith } from '../../test/fixtures/redemption-world.ts';
import { checkLedger } from '../ledger/check.ts';
import type { TillIdentity } from '../redemptions/context.ts';

const LIMITED = policyWith(({ offline }) => {
  offline.limits = {
    perCode: { deposit: 9_000, points: 9_000 },
    perCustomer: { deposit: 20_000, points: 20_000 },
    perTill: { deposit: 30_000, points: 30_000 },
  };
});
const always = () => true;

describeOnBothEngines('many redemptions of a till at once', (getEngine) => {
  let world: OfflineWorld;
  let storeId: string;
  let till: TillIdentity;
  let supervisor: string;

  beforeEach(async () => {
    world = offlineWorld(getEngine());
    storeId = await world.shop.addStore(LIMITED);
    till = await world.shop.addTill(storeId);
    supervisor = await world.addStaff(storeId, 'supervisor');
    await world.addStaff(storeId, 'manager');
  });

  async function spending(customerId: string, amount: number, of = till) {
    const code = { id: await world.addCode(of, supervisor), staffId: supervisor };
    return world.spending(code, customerId, amount);
  }
  const customer = async (deposit: number) => (await world.shop.addCustomer(storeId, { deposit })).id;
  const outcomeOf = async ({ id }: { id: string }) => {
    const row = await world.booked(id);
    return row === undefined ? null : { taken: row.taken, lost: row.lost, flags: row.flags };
  };

  it('come out as one by one: wallets, losses, flags, who is told', async () => {
    const amounts = [8_000, 9_500, 4_000, 7_000, 6_000, 5_000];
    const [alone, together] = [till, await world.shop.addTill(storeId)];
    const run = async (of: TillIdentity, book: (list: never[]) => Promise<unknown>) => {
      const [one, two] = [await customer(20_000), await customer(3_000)];
      const list = [];
      for (const [index, amount] of amounts.entries()) {
        list.push(await spending(index % 2 === 0 ? one : two, amount, of));
      }
      world.told.length = 0;
      await book(list as never[]);
      const words = world.told.map(({ kind, content }) => [
        kind,
        content?.kind === 'utility' ? content.words.map((word) => word.replace(/^Pelanggan \d+$/, '')) : null,
      ]);
      return { words, outcomes: await Promise.all(list.map(outcomeOf)) };
    };
    const expected = await run(alone, async (list) => {
      for (const one of list) await world.service.applyOffline(alone, 'k', one);
    });
    const found = await run(together, async (list) => {
      expect(await world.service.applyOfflineMany(together, list, always)).toHaveLength(amounts.length);
    });
    expect(found).toEqual(expected);
    expect(expected.outcomes.map((one) => one?.lost)).toEqual([0, 6_500, 0, 7_000, 0, 5_000]);
    expect(expected.outcomes.map((one) => one?.flags)).toEqual([
      [],
      ['over_code_limit'],
      [],
      [],
      ['over_till_limit'],
      ['over_customer_limit', 'over_till_limit'],
    ]);
    expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true, sum: 0 });
  });

  it('are booked once, whether they came before or not', async () => {
    const id = await customer(20_000);
    const list = [await spending(id, 1_000), await spending(id, 2_000), await spending(id, 3_000)];
    const [first] = list;
    if (first === undefined) throw new Error('none');
    await world.service.applyOffline(till, 'k', first);
    const all = list.map((one) => one.id);
    expect([...(await world.service.applyOfflineMany(till, list, always))]).toEqual(all);
    const twice = [1, 2].map(() => world.restarted().applyOfflineMany(till, list, always));
    expect((await Promise.all(twice)).map((done) => [...done])).toEqual([all, all]);
    expect(world.observed.filter((outcome) => outcome === 'booked')).toHaveLength(3);
    expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true, sum: 0 });
  });

  it('stop before the transaction in which one is refused, and that one books nothing', async () => {
    const id = await customer(1_000_000);
    const list = [];
    for (let index = 0; index < 60; index += 1) list.push(await spending(id, 10));
    const [bad, used] = [list[30], list[29]];
    if (bad === undefined || used === undefined) throw new Error('none');
    // The code of the one before it, in the same transaction.
    list[30] = { ...bad, sealedCodeId: used.sealedCodeId };
    const done = await world.service.applyOfflineMany(till, list, always);
    expect([...done]).toEqual(list.slice(0, 25).map((one) => one.id));
    expect(await outcomeOf(used)).toBeNull();
  });

  it('end where there is no time left', async () => {
    const id = await customer(1_000);
    const list = [await spending(id, 10)];
    expect(await world.service.applyOfflineMany(till, list, () => false)).toEqual(new Set());
  });
});
