import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/policy.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import {
  createBody,
  policyWith,
  redemptionWorld,
  standingClock,
  wrongCode,
} from '../../test/fixtures/redemption-world.ts';
import { checkLedger } from '../ledger/check.ts';
import { balancesOf } from '../ledger/ledger.ts';

/** Outcomes of calls at once, counted by name: 'ok' or the refusal's code. */
async function tally(calls: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(calls)) {
    if (result.status === 'rejected' && !(result.reason instanceof SaksiError)) throw result.reason;
    const name = result.status === 'fulfilled' ? 'ok' : result.reason.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

describeOnBothEngines(
  'redemptions under concurrency',
  (getEngine, kind) => {
    const scene = async (edit: (policy: Policy) => void = () => {}) => {
      const clock = standingClock();
      const world = redemptionWorld(getEngine(), clock);
      const storeId = await world.addStore(policyWith(edit));
      return { world, clock, storeId, till: await world.addTill(storeId) };
    };

    it('evaluates exactly as many wrong codes as there are tries', async () => {
      const { world, storeId, till } = await scene();
      const customer = await world.addCustomer(storeId, { deposit: 100 });
      const { redemption } = await world.service.create(till, world.newKey(), createBody(customer.id, 100));
      const code = await world.codeOf(redemption.id);
      const guess = (index: number) =>
        world.service.verify(till, redemption.id, world.newKey(), wrongCode(code, index + 1));
      const events = (await world.events(till.tillId)).length;
      expect(await tally(times(20, guess))).toEqual({ code_wrong: 4, code_tries_exhausted: 16 });
      expect(await world.events(till.tillId)).toHaveLength(events + 5);
      expect((await balancesOf(getEngine().kysely, customer.id))[0]).toMatchObject({
        available: 100,
        reserved: 0,
      });
    });

    it('authorises once when the right code comes many times', async () => {
      const { world, storeId, till } = await scene();
      const customer = await world.addCustomer(storeId, { deposit: 100 });
      const { redemption } = await world.service.create(till, world.newKey(), createBody(customer.id, 100));
      const code = await world.codeOf(redemption.id);
      const key = world.newKey();
      const events = (await world.events(till.tillId)).length;
      expect(await tally(times(10, () => world.service.verify(till, redemption.id, key, code)))).toEqual({
        ok: 10,
      });
      const others = times(10, () => world.service.verify(till, redemption.id, world.newKey(), code));
      expect(await tally(others)).toEqual({ code_used: 10 });
      expect(await world.events(till.tillId)).toHaveLength(events + 1);
    });

    it('makes one redemption of one create however often it is sent', async () => {
      const { world, storeId, till } = await scene();
      const customer = await world.addCustomer(storeId, { deposit: 100 });
      const key = world.newKey();
      const create = () => world.service.create(till, key, createBody(customer.id, 60));
      const answers = await Promise.all(times(12, create));
      expect(new Set(answers.map((answer) => answer.redemption.id)).size).toBe(1);
      expect((await balancesOf(getEngine().kysely, customer.id))[0]).toMatchObject({
        available: 40,
        reserved: 60,
      });
    });

    it('never reserves more than the balance', async () => {
      const { world, storeId } = await scene();
      const customer = await world.addCustomer(storeId, { deposit: 100 });
      const tills = await Promise.all(times(5, () => world.addTill(storeId)));
      const creates = tills.map((till) =>
        world.service.create(till, world.newKey(), createBody(customer.id, 30)),
      );
      expect(await tally(creates)).toEqual({ ok: 3, amount_above_balance: 2 });
    });

    it.each([
      ['phone', 7, 600],
      ['till', 9, 600],
      ['store', 11, 600],
      // Above the shared part of the store's limit, so that both ways of locking meet.
      ['store', 203, 600],
    ] as const)('never passes the limit per %s (%i codes)', async (scope, count, windowSeconds) => {
      const { world, storeId } = await scene(({ codes }) => {
        for (const limit of Object.values(codes.limits)) limit.count = 1_000_000;
        codes.limits[scope] = { count, windowSeconds };
      });
      const tills = await Promise.all(times(8, () => world.addTill(storeId)));
      const customers = await Promise.all(times(8, () => world.addCustomer(storeId, { deposit: 1_000_000 })));
      const wanted = count + 20;
      const calls = times(wanted, (index) => {
        const till = tills[scope === 'till' ? 0 : index % 8];
        const customer = customers[scope === 'phone' ? 0 : (index >> 3) % 8];
        if (till === undefined || customer === undefined) throw new Error('unreachable');
        return world.service.create(till, world.newKey(), createBody(customer.id, 1));
      });
      expect(await tally(calls)).toEqual({ ok: count, [`code_limit_${scope}`]: 20 });
    });

    it('lapses each redemption once when several gateways do it at once', async () => {
      const { world, clock, storeId, till } = await scene(({ codes }) => {
        codes.limits.phone.count = 100;
      });
      const customer = await world.addCustomer(storeId, { deposit: 100 });
      const create = () => world.service.create(till, world.newKey(), createBody(customer.id, 1));
      clock.advance(300_000);
      // What other tests left open goes first.
      while ((await world.service.lapseDue()).length > 0);
      await Promise.all(times(20, create));
      const before = (await world.events(till.tillId)).length;
      clock.advance(300_000);
      const lapsed = await Promise.all(times(6, () => world.service.lapseDue()));
      // Whoever finds a row locked leaves it: what one pass left, the next takes.
      const rest = await world.service.lapseDue();
      expect([...lapsed.flat(), ...rest]).toEqual(times(20, () => till.tillId));
      expect(await world.events(till.tillId)).toHaveLength(before + 20);
      expect((await balancesOf(getEngine().kysely, customer.id))[0]).toMatchObject({
        available: 100,
        reserved: 0,
      });
    });

    // What follows needs a second connection.
    const itWithMany = it.skipIf(kind === 'pglite');
    itWithMany('does not wait for a redemption that somebody else has in hand', async () => {
      const { world, clock, storeId, till } = await scene();
      const customer = await world.addCustomer(storeId, { deposit: 100 });
      clock.advance(300_000);
      while ((await world.service.lapseDue()).length > 0);
      const held = await world.service.create(till, world.newKey(), createBody(customer.id, 1));
      await world.service.create(till, world.newKey(), createBody(customer.id, 1));
      clock.advance(300_000);
      await getEngine()
        .kysely.transaction()
        .execute(async (trx) => {
          const { id } = held.redemption;
          await trx.selectFrom('redemptions').select('id').where('id', '=', id).forUpdate().execute();
          expect(await world.service.lapseDue()).toEqual([till.tillId]);
        });
      expect(await world.service.lapseDue()).toEqual([till.tillId]);
    });

    itWithMany(
      'shares a store’s limit only while as many codes as the server has connections are left',
      async () => {
        const { world, storeId } = await scene(({ codes }) => {
          for (const limit of Object.values(codes.limits)) limit.count = 1_000_000;
          codes.limits.store = { count: 203, windowSeconds: 600 };
        });
        const { kysely } = getEngine();
        const tills = await Promise.all(times(4, () => world.addTill(storeId)));
        const customers = await Promise.all(times(4, () => world.addCustomer(storeId, { deposit: 1_000 })));
        const create = (index: number) => {
          const [till, customer] = [tills[index % 4], customers[index % 4]];
          if (till === undefined || customer === undefined) throw new Error('unreachable');
          return world.service.create(till, world.newKey(), createBody(customer.id, 1));
        };
        const shared = async () => {
          const limits = JSON.stringify({
            ...DEFAULT_POLICY.codes.limits,
            till: { count: 1_000_000, windowSeconds: 600 },
            store: { count: 203, windowSeconds: 600 },
          });
          const { rows } = await sql<{ refused: { outcome: string } | null }>`select code_refusal(
          jsonb_populate_record(c, ${JSON.stringify({ phone_tag: '\\x00' })}::jsonb), ${limits}::jsonb, false) as refused
          from codes c where store_id = ${storeId} limit 1`.execute(kysely);
          return rows[0]?.refused?.outcome ?? null;
        };
        const connections = 100;
        await Promise.all(times(203 - connections - 1, create));
        expect(await shared()).toBeNull();
        await create(0);
        expect(await shared()).toBe('store_near_limit');
      },
    );

    it('settles crosswise traffic between tills and customers without a deadlock', async () => {
      const { world, storeId } = await scene(({ codes }) => {
        for (const limit of Object.values(codes.limits)) limit.count = 1_000_000;
      });
      const tills = await Promise.all(times(4, () => world.addTill(storeId)));
      const customers = await Promise.all(times(4, () => world.addCustomer(storeId, { deposit: 10_000 })));
      const life = async (index: number) => {
        const till = tills[index % 4];
        const customer = customers[(index >> 2) % 4];
        if (till === undefined || customer === undefined) throw new Error('unreachable');
        const { redemption } = await world.service.create(till, world.newKey(), createBody(customer.id, 5));
        const { id } = redemption;
        const code = await world.codeOf(id);
        await Promise.allSettled([world.service.verify(till, id, world.newKey(), wrongCode(code))]);
        await world.service.verify(till, id, world.newKey(), code);
        const settle = { settledAt: 1, slip: 'pending' } as const;
        return tally([
          world.service.capture(till, id, world.newKey(), settle),
          world.service.cancel(till, id, world.newKey(), { reason: 'customer' }),
        ]);
      };
      for (const outcome of await Promise.all(times(96, life))) {
        expect(outcome).toEqual({ ok: 1, redemption_state: 1 });
      }
      expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true });
    });
  },
  { poolSize: 16 },
);
