import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { describeOnBothEngines, describePostgres } from '../../test/fixtures/engines.ts';
import { redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import type { Engine } from '../db/engine.ts';
import type { TransferKind } from '../db/schema.ts';
import { checkLedger } from './check.ts';
import { balancesOf, post } from './ledger.ts';

/** Sequences per engine, and operations in each. */
const RUNS = 40;
const LENGTH = 40;
const CUSTOMERS = 2;
/** Seconds on a free machine; a busy one takes its time. */
const TIMEOUT_MS = 120_000;

interface Operation {
  readonly kind: OnlineKind;
  readonly customer: number;
  readonly asset: 'deposit' | 'points';
  readonly amount: number;
  /** Few keys, so that they are used again, with the same contents and with others. */
  readonly key: number;
}

const operation: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom<OnlineKind>('credit', 'credit', 'reserve', 'capture', 'release'),
  customer: fc.nat(CUSTOMERS - 1),
  asset: fc.constantFrom('deposit', 'points'),
  amount: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  key: fc.nat(60),
});
/** Operations with some of them said again right away or later, as a till does whose answer was lost. */
const operations = fc
  .tuple(
    fc.array(operation, { minLength: 1, maxLength: LENGTH }),
    fc.array(fc.nat(LENGTH), { maxLength: 10 }),
  )
  .map(([list, again]) => [...list, ...again.map((index) => list[index % list.length] as Operation)]);

interface Accounts {
  available: number;
  reserved: number;
  issued: number;
  redeemed: number;
}
/** Those of offline redemptions are tried where these are made (cloud/offline). */
type OnlineKind = Exclude<TransferKind, 'offline' | 'offline_loss'>;
const MOVES: Record<OnlineKind, [keyof Accounts, keyof Accounts]> = {
  credit: ['issued', 'available'],
  reserve: ['available', 'reserved'],
  capture: ['reserved', 'redeemed'],
  release: ['reserved', 'available'],
};

/** What the ledger should be, in plain JavaScript. */
class Model {
  readonly #seen = new Map<number, string>();
  readonly #wallets = new Map<string, Accounts>();
  readonly #stores = new Map<string, Accounts>();

  apply(op: Operation): string {
    const contents = JSON.stringify({ ...op, key: undefined });
    const seen = this.#seen.get(op.key);
    if (seen !== undefined) return seen === contents ? 'repeated' : 'idempotency_key_reused';
    const [from, to] = MOVES[op.kind];
    const source = this.#account(op, from);
    const target = this.#account(op, to);
    const outside = (value: number) => Math.abs(value) > Number.MAX_SAFE_INTEGER;
    if (from !== 'issued' && source[from] < op.amount) return 'amount_above_balance';
    if (outside(source[from] - op.amount) || outside(target[to] + op.amount)) return 'amount_invalid';
    source[from] -= op.amount;
    target[to] += op.amount;
    this.#seen.set(op.key, contents);
    return 'posted';
  }

  wallet(customer: number, asset: string): Accounts {
    return at(this.#wallets, `${customer}/${asset}`);
  }

  #account({ customer, asset }: Operation, name: keyof Accounts): Accounts {
    return name === 'issued' || name === 'redeemed' ? at(this.#stores, asset) : this.wallet(customer, asset);
  }
}

function at(map: Map<string, Accounts>, key: string): Accounts {
  const found = map.get(key) ?? { available: 0, reserved: 0, issued: 0, redeemed: 0 };
  map.set(key, found);
  return found;
}

/** A fresh store with empty wallets; posts operations into it and answers each outcome by its name. */
async function scene(engine: Engine, run: string) {
  const world = redemptionWorld(engine);
  const storeId = await world.addStore();
  const ids: string[] = [];
  for (let index = 0; index < CUSTOMERS; index += 1) ids.push((await world.addCustomer(storeId)).id);
  const execute = async ({ kind, customer, asset, amount, key }: Operation): Promise<string> => {
    const customerId = ids[customer] ?? '';
    const posting = {
      storeId,
      customerId,
      asset,
      amount,
      refId: null,
      at: 0,
      idempotencyKey: `${run}/${key}`,
    };
    try {
      return await post(engine.kysely, kind, posting);
    } catch (error) {
      if (error instanceof SaksiError) return error.code;
      throw error;
    }
  };
  return { ids, execute };
}

let runs = 0;
const nextRun = () => {
  runs += 1;
  return `run-${runs}`;
};

describeOnBothEngines('ledger', (getEngine) => {
  it(
    'does what the model does, whatever is asked in whatever order and however often',
    async () => {
      await fc.assert(
        fc.asyncProperty(operations, async (list) => {
          const engine = getEngine();
          const { ids, execute } = await scene(engine, nextRun());
          const model = new Model();
          for (const op of list) expect(await execute(op)).toBe(model.apply(op));
          for (const [customer, id] of ids.entries()) {
            for (const { asset, available, reserved } of await balancesOf(engine.kysely, id)) {
              const expected = model.wallet(customer, asset);
              expect({ asset, available, reserved }).toEqual({
                asset,
                available: expected.available,
                reserved: expected.reserved,
              });
            }
          }
          expect(await checkLedger(engine.kysely)).toMatchObject({ sum: 0, mismatched: [], overdrawn: [] });
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it('refuses to change, delete or empty what was posted', async () => {
    const { kysely } = getEngine();
    const appendOnly = /append-only/;
    await expect(kysely.updateTable('transfers').set({ amount: 1 }).execute()).rejects.toThrow(appendOnly);
    await expect(kysely.deleteFrom('transfers').execute()).rejects.toThrow(appendOnly);
    await expect(getEngine().script('truncate transfers cascade')).rejects.toThrow(appendOnly);
  });

  it('refuses amounts that are none, and a customer of another store', async () => {
    const { execute } = await scene(getEngine(), nextRun());
    const op = { kind: 'credit', customer: 0, asset: 'deposit', key: 1 } as const;
    for (const amount of [0, -5, 1.5, 2 ** 53]) {
      expect(await execute({ ...op, amount }), String(amount)).toBe('amount_invalid');
    }
    const world = redemptionWorld(getEngine());
    const customer = await world.addCustomer(await world.addStore());
    const posting = {
      storeId: await world.addStore(),
      customerId: customer.id,
      asset: 'deposit',
      amount: 1,
    } as const;
    const foreign = post(getEngine().kysely, 'credit', {
      ...posting,
      refId: null,
      at: 0,
      idempotencyKey: nextRun(),
    });
    await expect(foreign).rejects.toMatchObject({ code: 'customer_unknown' });
  });

  it('has constraints that catch a service gone wrong', async () => {
    const { kysely } = getEngine();
    const world = redemptionWorld(getEngine());
    const { id } = await world.addCustomer(await world.addStore(), { deposit: 5 });
    const wallet = kysely
      .updateTable('accounts')
      .where('customer_id', '=', id)
      .where('asset', '=', 'deposit');
    await expect(wallet.set({ balance: -1 }).execute()).rejects.toThrow('accounts_not_overdrawn');
    await expect(wallet.set({ may_go_negative: true }).execute()).rejects.toThrow('accounts_customers_hold');
  });
});

describePostgres(
  'ledger under concurrency',
  (getEngine) => {
    it(
      'stays balanced at every moment, and each key posts once',
      async () => {
        await fc.assert(
          fc.asyncProperty(operations, async (list) => {
            const engine = getEngine();
            const run = nextRun();
            const { ids, execute } = await scene(engine, run);
            const seed = { kind: 'credit', customer: 0, asset: 'deposit', amount: 20 } as const;
            await execute({ ...seed, key: 1000 });
            const watch = Promise.all([1, 2, 3].map(() => checkLedger(engine.kysely)));
            // Every operation twice at once: the second must find the first.
            const outcomes = await Promise.all([...list, ...list].map(execute));
            for (const check of await watch) {
              expect(check).toMatchObject({ sum: 0, mismatched: [], overdrawn: [] });
            }
            expect(await checkLedger(engine.kysely)).toMatchObject({ sum: 0, mismatched: [], overdrawn: [] });

            const posted = await engine.kysely
              .selectFrom('transfers')
              .select('idempotency_key')
              .where('idempotency_key', 'like', `${run}/%`)
              .execute();
            expect(outcomes.filter((outcome) => outcome === 'posted')).toHaveLength(posted.length - 1);
            const wallets = await Promise.all(ids.map((id) => balancesOf(engine.kysely, id)));
            for (const { available, reserved } of wallets.flat()) {
              expect(Math.min(available, reserved)).toBeGreaterThanOrEqual(0);
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
