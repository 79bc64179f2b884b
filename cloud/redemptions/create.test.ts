import { expect, it } from 'vitest';
import { systemRandom } from '../../shared/effects.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import {
  createBody,
  redemptionWorld,
  standingClock,
  TEST_KEYS,
  testPorts,
} from '../../test/fixtures/redemption-world.ts';
import type { RedemptionContext } from './context.ts';
import { createRedemption } from './create.ts';
import { createRecent } from './recent.ts';
import { createStatements } from './statements.ts';

/** The shop's rules are saved again and again, each time between what a redemption read and what it writes. */
describeOnBothEngines('a redemption whose ground moves', (getEngine) => {
  const scene = async (staleTimes: number) => {
    const engine = getEngine();
    const clock = standingClock();
    const world = redemptionWorld(engine, clock);
    const till = await world.addTill(await world.addStore());
    const customer = await world.addCustomer(till.storeId, { deposit: 10_000 });
    const real = createStatements(engine);
    let left = staleTimes;
    const context: RedemptionContext = {
      engine,
      effects: { clock, random: systemRandom },
      keys: TEST_KEYS,
      ports: testPorts(),
      recent: createRecent(),
      statements: {
        ...real,
        async create(item) {
          left -= 1;
          return left >= 0 ? { outcome: 'stale' } : real.create(item);
        },
      },
    };
    return { create: () => createRedemption(context, till, world.newKey(), createBody(customer.id, 100)) };
  };

  it('is made on the ground it has now', async () => {
    const { create } = await scene(3);
    expect((await create()).redemption.status).toBe('awaiting_code');
  });

  it('asks the till to ask again when that does not end, and nothing is written', async () => {
    const { create } = await scene(4);
    await expect(create()).rejects.toMatchObject({ code: 'not_ready', retry: true, http: 503 });
    expect((await create()).available).toBe(9_900);
  });
});
