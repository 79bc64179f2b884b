import { CompiledQuery, type KyselyPlugin } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { openMemoryDatabase } from '../../test/fixtures/engines.ts';
import { createBody, policyWith, redemptionWorld, wrongCode } from '../../test/fixtures/redemption-world.ts';
import type { Engine } from '../db/engine.ts';

/** Requests of tills that come at the same time, on the embedded database. */
const AT_ONCE = 24;

describe('the statements of redemptions on PGlite', () => {
  let engine: Engine;
  let statements = 0;
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      statements += 1;
      return result;
    },
  };
  beforeAll(async () => {
    const memory = await openMemoryDatabase();
    engine = { ...memory, kysely: memory.kysely.withPlugin(counting) };
  });
  afterAll(() => engine.close());

  async function scene(customers: number, deposit = 100) {
    const world = redemptionWorld(engine);
    const storeId = await world.addStore(
      policyWith(({ codes }) => {
        for (const limit of Object.values(codes.limits)) limit.count = 1_000_000;
      }),
    );
    const lanes = [];
    for (let index = 0; index < customers; index += 1) {
      const till = await world.addTill(storeId);
      lanes.push({ till, customer: await world.addCustomer(storeId, { deposit }) });
    }
    return { world, lanes };
  }

  it('share a commit when they come together, and each has its own answer', async () => {
    const { world, lanes } = await scene(AT_ONCE);
    const create = ({ till, customer }: (typeof lanes)[number], amount: number) =>
      world.service.create(till, world.newKey(), createBody(customer.id, amount));
    // The first of each store and customer is read before it is written.
    for (const lane of lanes) await create(lane, 1);
    statements = 0;
    await Promise.all(lanes.map((lane) => create(lane, 2)));
    expect(statements).toBe(1);
    const answers = await Promise.allSettled(lanes.map((lane, index) => create(lane, index + 88)));
    // Whoever has too little is looked at again, alone, for what is true now.
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(AT_ONCE - 10);
    const made = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value.redemption] : [],
    );
    expect(made.map(({ amount, availableAfter }) => [amount, availableAfter])).toEqual(
      Array.from({ length: 10 }, (_, index) => [index + 88, 97 - (index + 88)]),
    );

    const codes = await Promise.all(made.map(({ id }) => world.codeOf(id)));
    statements = 0;
    const verified = await Promise.allSettled(
      made.map(({ id }, index) => {
        const till = lanes[index]?.till;
        if (till === undefined) throw new Error('no till');
        const code = codes[index] ?? '';
        return world.service.verify(till, id, world.newKey(), index === 4 ? wrongCode(code) : code);
      }),
    );
    expect(statements).toBe(1);
    expect(verified.map(({ status }) => status === 'fulfilled')).toEqual(
      Array.from({ length: 10 }, (_, index) => index !== 4),
    );
    expect((verified[4] as PromiseRejectedResult).reason).toMatchObject({ code: 'code_wrong' });
  });

  it('fail alone: what the database refuses for one takes no other with it', async () => {
    const { world, lanes } = await scene(6);
    for (const { till, customer } of lanes) {
      await world.service.create(till, world.newKey(), createBody(customer.id, 1));
    }
    const [broken] = lanes;
    if (broken === undefined) throw new Error('no lane');
    // The database throws for this till: its event cannot be written.
    const text = `alter table till_events add constraint planted check (till_id <> '${broken.till.tillId}') not valid`;
    await engine.kysely.executeQuery(CompiledQuery.raw(text));
    const before = await engine.kysely.selectFrom('till_requests').select('redemption_id').execute();
    const answers = await Promise.allSettled(
      lanes.map(({ till, customer }) =>
        world.service.create(till, world.newKey(), createBody(customer.id, 5)),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(['rejected', ...Array(5).fill('fulfilled')]);
    expect((answers[0] as PromiseRejectedResult).reason).not.toBeInstanceOf(SaksiError);
    const after = await engine.kysely.selectFrom('till_requests').select('redemption_id').execute();
    expect(after.length - before.length).toBe(5);
    const { balance } = await engine.kysely
      .selectFrom('accounts')
      .select('balance')
      .where('customer_id', '=', broken.customer.id)
      .where('asset', '=', 'deposit')
      .where('kind', '=', 'customer_available')
      .executeTakeFirstOrThrow();
    expect(balance).toBe(99);
    await engine.kysely.executeQuery(CompiledQuery.raw('alter table till_events drop constraint planted'));
  });
});
