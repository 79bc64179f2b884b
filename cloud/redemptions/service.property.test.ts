import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import type { RedemptionAnswer } from '../../shared/gateway-api.ts';
import { describeOnBothEngines, describePostgres } from '../../test/fixtures/engines.ts';
import {
  createBody,
  policyWith,
  redemptionWorld,
  standingClock,
  wrongCode,
} from '../../test/fixtures/redemption-world.ts';
import type { Engine } from '../db/engine.ts';
import { checkLedger } from '../ledger/check.ts';
import { balancesOf, credit } from '../ledger/ledger.ts';

const RUNS = 25;
const TRIES = 2;
const TTL_SECONDS = 60;
const START = 30;
/** Seconds on a free machine; a busy one takes its time. */
const TIMEOUT_MS = 120_000;

/** `target`: which of the redemptions so far, counted round. `again`: with the idempotency key of the last such call. */
type Step =
  | { do: 'create'; customer: number; amount: number }
  | { do: 'credit'; customer: number; amount: number }
  | { do: 'verify'; target: number; right: boolean; again: boolean }
  | { do: 'capture' | 'cancel'; target: number; again: boolean }
  | { do: 'resend'; target: number }
  | { do: 'wait'; seconds: number }
  | { do: 'lapse' };

const target = fc.nat(5);
const again = fc.boolean();
const customer = fc.nat(1);
const amount = fc.integer({ min: 1, max: 20 });
const make = <K extends Step['do']>(kind: K) => fc.constant(kind);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: make('create'), customer, amount }) },
  { weight: 1, arbitrary: fc.record({ do: make('credit'), customer, amount }) },
  { weight: 4, arbitrary: fc.record({ do: make('verify'), target, right: fc.boolean(), again }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('capture' as const, 'cancel' as const), target, again }),
  },
  { weight: 1, arbitrary: fc.record({ do: make('resend'), target }) },
  { weight: 1, arbitrary: fc.record({ do: make('wait'), seconds: fc.constantFrom(1, 7, TTL_SECONDS) }) },
  { weight: 1, arbitrary: fc.record({ do: make('lapse') }) },
);
const steps = fc.array(step, { minLength: 5, maxLength: 40 });

interface Known {
  id: string;
  customer: number;
  amount: number;
  code: string;
  keys: Map<string, string>;
}

async function scene(engine: Engine) {
  const clock = standingClock();
  const world = redemptionWorld(engine, clock);
  const policy = policyWith(({ codes }) => {
    codes.tries = TRIES;
    codes.ttlSeconds = TTL_SECONDS;
    codes.resendAfterSeconds = 6;
    codes.limits.phone.count = 1000;
  });
  const storeId = await world.addStore(policy);
  const till = await world.addTill(storeId);
  const customers = [
    await world.addCustomer(storeId, { deposit: START }),
    await world.addCustomer(storeId, { deposit: START }),
  ];
  const known: Known[] = [];
  const { service, newKey } = world;
  const customerId = (index: number) => customers[index]?.id ?? '';

  async function create(step: Extract<Step, { do: 'create' }>): Promise<RedemptionAnswer> {
    const answer = await service.create(till, newKey(), createBody(customerId(step.customer), step.amount));
    const { id } = answer.redemption;
    const code = await world.codeOf(id);
    known.push({ id, customer: step.customer, amount: step.amount, code, keys: new Map() });
    return answer;
  }

  function keyOf(item: Known, name: string, repeat: boolean): string {
    const key = repeat ? (item.keys.get(name) ?? newKey()) : newKey();
    item.keys.set(name, key);
    return key;
  }

  /** Null: there is no redemption yet to do it with. */
  function perform(step: Step): Promise<RedemptionAnswer> | null {
    if (step.do === 'create') return create(step);
    if (!('target' in step)) return null;
    const item = known[step.target % Math.max(1, known.length)];
    if (item === undefined) return null;
    if (step.do === 'resend') return service.resend(till, item.id, newKey());
    if (step.do === 'verify') {
      const code = step.right ? item.code : wrongCode(item.code);
      return service.verify(till, item.id, keyOf(item, `verify/${step.right}`, step.again), code);
    }
    const key = keyOf(item, step.do, step.again);
    if (step.do === 'cancel') return service.cancel(till, item.id, key, { reason: 'cashier' });
    return service.capture(till, item.id, key, { settledAt: 1, slip: 'printed' });
  }

  /** Outcome by name: the status answered, or the refusal's code. */
  async function run(step: Step): Promise<string> {
    if (step.do === 'wait') clock.advance(step.seconds * 1000);
    else if (step.do === 'lapse') await service.lapseDue();
    else if (step.do === 'credit') {
      const idempotencyKey = newKey();
      const posting = {
        storeId,
        customerId: customerId(step.customer),
        asset: 'deposit' as const,
        refId: null,
        at: 0,
      };
      await credit(engine.kysely, { ...posting, idempotencyKey, amount: step.amount });
    } else {
      try {
        return (await perform(step))?.redemption.status ?? 'nothing';
      } catch (error) {
        if (error instanceof SaksiError && error.code !== 'internal') return error.code;
        throw error;
      }
    }
    return 'done';
  }

  const wallet = async (index: number) => {
    const [deposit] = await balancesOf(engine.kysely, customerId(index));
    return { available: deposit?.available ?? 0, reserved: deposit?.reserved ?? 0 };
  };
  const statusOf = async ({ id }: Known) => (await service.get(till, id)).redemption.status;
  return { run, wallet, known, statusOf, clock };
}

const HELD = ['awaiting_code', 'authorised'];
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** Each wallet is what was paid in, less what open redemptions hold and captured ones spent. */
async function expectWallets(world: Awaited<ReturnType<typeof scene>>, paidIn: number[]): Promise<void> {
  const statuses = await Promise.all(world.known.map(world.statusOf));
  for (const [index, paid] of paidIn.entries()) {
    const total = (wanted: string[]) =>
      sum(
        world.known
          .filter((item, at) => item.customer === index && wanted.includes(statuses[at] ?? ''))
          .map((item) => item.amount),
      );
    const reserved = total(HELD);
    expect(await world.wallet(index)).toEqual({ available: paid - reserved - total(['captured']), reserved });
  }
}

describeOnBothEngines('redemptions', (getEngine) => {
  it(
    'keep the money right through any sequence of requests, repeats, waits and lapses',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          const world = await scene(getEngine());
          const paidIn = [START, START];
          const settled = new Map<string, string>();
          for (const step of list) {
            await world.run(step);
            if (step.do === 'credit') paidIn[step.customer] = (paidIn[step.customer] ?? 0) + step.amount;
            await expectWallets(world, paidIn);
            for (const item of world.known) {
              const status = await world.statusOf(item);
              // What is settled stays as it is, whatever is asked later.
              const before = settled.get(item.id);
              if (before !== undefined) expect(status).toBe(before);
              if (!HELD.includes(status)) settled.set(item.id, status);
            }
          }
          expect(await checkLedger(getEngine().kysely)).toMatchObject({ ok: true });
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});

describePostgres(
  'redemptions under concurrency',
  (getEngine) => {
    it(
      'keep the money right when everything is asked at once',
      async () => {
        await fc.assert(
          fc.asyncProperty(steps, async (list) => {
            const engine = getEngine();
            const world = await scene(engine);
            const firsts = list.filter((step) => step.do === 'create' || step.do === 'credit');
            const rest = list.filter((step) => step.do !== 'create' && step.do !== 'credit');
            const paidIn = [0, 1].map(
              (index) =>
                START + sum(firsts.map((s) => (s.do === 'credit' && s.customer === index ? s.amount : 0))),
            );
            const watched = async () => expect(await checkLedger(engine.kysely)).toMatchObject({ ok: true });
            await Promise.all([...firsts.map(world.run), watched()]);
            await expectWallets(world, paidIn);
            // Each request three times at once, as from a till that repeats itself, among watchers of the whole ledger.
            await Promise.all(
              [...rest, ...rest, ...rest].map(world.run).concat([watched().then(() => 'ok')]),
            );
            await expectWallets(world, paidIn);
            await watched();
          }),
          { numRuns: RUNS },
        );
      },
      TIMEOUT_MS,
    );
  },
  { poolSize: 16 },
);
