import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeOnBothEngines, describePostgres } from '../../test/fixtures/engines.ts';
import { offlineWorld, ROOMY } from '../../test/fixtures/offline-world.ts';
import { createBody } from '../../test/fixtures/redemption-world.ts';
import type { Engine } from '../db/engine.ts';
import { checkLedger } from '../ledger/check.ts';
import { balancesOf } from '../ledger/ledger.ts';

const RUNS = 30;
const START = 60;
const TIMEOUT_MS = 120_000;

/** `again`: the spending said last is said once more, as a till does whose answer was lost. */
type Step =
  | { do: 'offline'; till: number; amount: number; again: boolean }
  | { do: 'online'; till: number; amount: number; end: 'capture' | 'cancel' }
  | { do: 'credit'; amount: number };

const till = fc.nat(1);
const amount = fc.integer({ min: 1, max: 40 });
const make = <K extends Step['do']>(kind: K) => fc.constant(kind);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: make('offline'), till, amount, again: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ do: make('online'), till, amount },
      end: fc.constantFrom('capture' as const, 'cancel' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: make('credit'), amount }) },
);

/** A shop with two tills and one customer; no code is asked online, so that only money is in question. */
async function scene(engine: Engine) {
  const world = offlineWorld(engine);
  const policy = structuredClone(ROOMY);
  policy.codes.askFrom = { deposit: 1_000_000, points: 1_000_000 };
  const storeId = await world.shop.addStore(policy);
  const tills = [await world.shop.addTill(storeId), await world.shop.addTill(storeId)] as const;
  const supervisor = await world.addStaff(storeId, 'supervisor');
  const customer = await world.shop.addCustomer(storeId, { deposit: START });
  const tillAt = (index: number) => tills[index % 2] ?? tills[0];

  async function spendOffline(index: number, spent: number, times: number): Promise<string> {
    const of = tillAt(index);
    const code = { id: await world.addCode(of, supervisor), staffId: supervisor };
    const redemption = world.spending(code, customer.id, spent);
    await Promise.all(
      Array.from({ length: times }, () => world.restarted().applyOffline(of, 'k', redemption)),
    );
    return redemption.id;
  }

  async function spendOnline(index: number, wish: number, end: 'capture' | 'cancel'): Promise<boolean> {
    const { service, newKey } = world.shop;
    const of = tillAt(index);
    const created = await service.create(of, newKey(), createBody(customer.id, wish)).catch((error) => {
      if (error.code !== 'amount_above_balance') throw error;
      return null;
    });
    if (created === null) return false;
    const { id } = created.redemption;
    if (end === 'capture') {
      await service.capture(of, id, newKey(), { settledAt: world.clock.now(), slip: 'printed' });
    } else await service.cancel(of, id, newKey(), { reason: 'cashier' });
    return true;
  }

  async function deposit() {
    const found = (await balancesOf(engine.kysely, customer.id)).find(({ asset }) => asset === 'deposit');
    return found ?? { available: 0, reserved: 0 };
  }
  return { world, storeId, customer, spendOffline, spendOnline, deposit };
}

describeOnBothEngines('one balance spent with and without a line (odoo#108240)', (getEngine) => {
  it(
    'loses exactly what the wallet lacked, whatever came in whatever order',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
          const shop = await scene(getEngine());
          const { kysely } = getEngine();
          let available = START;
          for (const one of steps) {
            if (one.do === 'credit') {
              await shop.world.topUp(shop.storeId, shop.customer.id, one.amount);
              available += one.amount;
            } else if (one.do === 'online') {
              const went = await shop.spendOnline(one.till, one.amount, one.end);
              expect(went).toBe(one.amount <= available);
              if (went && one.end === 'capture') available -= one.amount;
            } else {
              const id = await shop.spendOffline(one.till, one.amount, one.again ? 2 : 1);
              const taken = Math.min(available, one.amount);
              available -= taken;
              expect(await shop.world.booked(id)).toMatchObject({ taken, lost: one.amount - taken });
            }
            expect(await shop.deposit()).toMatchObject({ available, reserved: 0 });
          }
          expect(await checkLedger(kysely)).toMatchObject({ ok: true, sum: 0 });
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});

describePostgres(
  'one balance spent by two tills at the same moment',
  (getEngine) => {
    it(
      'is spent once each, and lost is what was spent beyond it',
      async () => {
        const spending = fc.record({ till, amount, times: fc.integer({ min: 1, max: 3 }) });
        await fc.assert(
          fc.asyncProperty(
            fc.array(spending, { minLength: 2, maxLength: 8 }),
            fc.array(amount, { maxLength: 3 }),
            async (offline, online) => {
              const shop = await scene(getEngine());
              const went = await Promise.all([
                ...offline.map(async (one) => {
                  await shop.spendOffline(one.till, one.amount, one.times);
                  return 0;
                }),
                ...online.map(async (wish, index) =>
                  (await shop.spendOnline(index, wish, 'capture')) ? wish : 0,
                ),
              ]);
              const rows = await getEngine()
                .kysely.selectFrom('offline_redemptions')
                .select(['taken', 'lost'])
                .where('store_id', '=', shop.storeId)
                .execute();
              const sum = (of: (row: (typeof rows)[number]) => number) =>
                rows.reduce((total, row) => total + of(row), 0);
              const spent = offline.reduce((total, one) => total + one.amount, 0);
              const captured = went.reduce((total, one) => total + one, 0);
              expect(rows).toHaveLength(offline.length);
              expect(sum((row) => row.taken + row.lost)).toBe(spent);
              expect(sum((row) => row.lost)).toBe(Math.max(0, spent + captured - START));
              expect((await shop.deposit()).available).toBe(Math.max(0, START - spent - captured));
              expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true, sum: 0 });
            },
          ),
          { numRuns: RUNS },
        );
      },
      TIMEOUT_MS,
    );
  },
  { poolSize: 16 },
);
