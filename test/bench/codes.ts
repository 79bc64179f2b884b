import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { codeForMessage } from '../../cloud/codes/code-for-message.ts';
import type { GatewayConfig } from '../../cloud/config.ts';
import { createCustomer } from '../../cloud/customers/customers.ts';
import type { Engine } from '../../cloud/db/engine.ts';
import { createMetrics } from '../../cloud/http/metrics.ts';
import { deriveKeys } from '../../cloud/keys/derive.ts';
import { credit } from '../../cloud/ledger/ledger.ts';
import type { TillIdentity } from '../../cloud/redemptions/context.ts';
import { createServices, type Services } from '../../cloud/services.ts';
import { systemEffects } from '../../shared/effects.ts';
import { startCluster } from '../fixtures/postgres-cluster.ts';
import { createBody, policyWith, storeRow } from '../fixtures/redemption-world.ts';
import { type Bench, type BenchResult, result } from './bench.ts';

/**
 * Redemptions created (reservation, code, queued message, till event: one transaction) and verified (grant signed: another)
 * per second by the gateway's own services, without HTTP. Floor: two bare single-row inserts each, every one its own
 * commit, on the same engine with the same number in flight (the embedded database has one connection: there what comes
 * together shares its commit, see cloud/redemptions/statements.ts, and the bare inserts do not). Both take turns in rounds, so that both see the same machine.
 * Durability as in the product: every commit is synced to disk, the floor's too.
 */
const ROUNDS = 20;
const ROUNDS_WARM_UP = 2;
const STORES = 4;
const TILLS_PER_STORE = 4;
const CUSTOMERS_PER_STORE = 16;
const MASTER_KEY = new Uint8Array(32).fill(9);

interface Setting {
  readonly database: GatewayConfig['database'];
  readonly dataDir: string;
  readonly perRound: number;
  readonly inFlight: number;
}

async function issueVerifyOnPglite(setting: Pick<Setting, 'perRound' | 'inFlight'>): Promise<BenchResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'saksi-bench-'));
  try {
    const database = { kind: 'folder', folder: join(dataDir, 'gateway') } as const;
    return await measure({ database, dataDir, ...setting });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function issueVerifyOnPostgres(): Promise<BenchResult> {
  const cluster = await startCluster({ durable: true });
  try {
    const database = { kind: 'postgres', url: await cluster.createDatabase() } as const;
    return await measure({ database, dataDir: tmpdir(), perRound: 240, inFlight: 16 });
  } finally {
    await cluster.stop();
  }
}

export const codeBenches: readonly Bench[] = [
  {
    names: ['codes.issue_verify'],
    about:
      'redemptions issued and verified per second on the embedded database with 16 in flight, against two bare inserts each',
    mark: '≥ 0.25',
    run: async () => ({ 'codes.issue_verify': await issueVerifyOnPglite({ perRound: 64, inFlight: 16 }) }),
  },
  {
    names: ['codes.issue_verify_alone'],
    about: 'the same for one till at a time, which shares its commits with nobody',
    mark: '',
    run: async () => ({
      'codes.issue_verify_alone': await issueVerifyOnPglite({ perRound: 64, inFlight: 1 }),
    }),
  },
  {
    names: ['codes.issue_verify_postgres'],
    about:
      'the same on PostgreSQL with 16 in flight, where the floor shares its syncs of the disk among 16 too',
    mark: '',
    run: async () => ({ 'codes.issue_verify_postgres': await issueVerifyOnPostgres() }),
  },
];

async function measure(setting: Setting): Promise<BenchResult> {
  const services = await openServices(setting);
  try {
    const lanes = await addShops(services);
    await sql`create table bench_floor (id uuid primary key, body text not null)`.execute(
      services.engine.kysely,
    );
    let serviceMs = 0;
    let floorMs = 0;
    for (let round = -ROUNDS_WARM_UP; round < ROUNDS; round += 1) {
      const inserts = await floorRound(services.engine, setting);
      const redemptions = await serviceRound(services, setting, lanes);
      if (round < 0) continue;
      floorMs += inserts;
      serviceMs += redemptions;
    }
    const n = ROUNDS * setting.perRound;
    return result((n * 1000) / serviceMs, '1/s', (n * 1000) / floorMs, n);
  } finally {
    await services.close();
  }
}

async function openServices({ database, dataDir }: Setting): Promise<Services> {
  const config: GatewayConfig = {
    database,
    dataDir,
    host: '127.0.0.1',
    port: 0,
    trustProxy: false,
    logLevel: 'silent',
    masterKey: MASTER_KEY,
    graphUrl: 'http://127.0.0.1:9',
    graphVersion: 'v25.0',
    whatsapp: {},
  };
  const onError = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  return createServices({ config, effects: systemEffects, onError, metrics: createMetrics() });
}

interface Lane {
  readonly till: TillIdentity;
  readonly customerId: string;
}

/** Shops with their tills and customers, as pairs of a till and a customer of its store. */
async function addShops({ engine }: Services): Promise<Lane[]> {
  // The limits count over a second here, so that they hold about as many codes as a busy shop's hour.
  const policy = policyWith(({ codes }) => {
    for (const limit of Object.values(codes.limits))
      Object.assign(limit, { count: 1_000_000, windowSeconds: 1 });
  });
  const lanes: Lane[] = [];
  for (let store = 0; store < STORES; store += 1) {
    const storeId = randomUUID();
    await engine.kysely
      .insertInto('stores')
      .values(storeRow(storeId, policy, 0))
      .execute();
    const tills: TillIdentity[] = [];
    for (let index = 0; index < TILLS_PER_STORE; index += 1) {
      const till = { tillId: randomUUID(), storeId };
      const row = { id: till.tillId, store_id: storeId, name: `Till ${index}`, created_at: 0 };
      await engine.kysely.insertInto('tills').values(row).execute();
      tills.push(till);
    }
    for (let index = 0; index < CUSTOMERS_PER_STORE; index += 1) {
      lanes.push({ till: pick(tills, index), customerId: await addCustomer(engine, storeId, index) });
    }
  }
  // Neighbours are of different stores and tills.
  return lanes.map((_, index) => pick(lanes, index * CUSTOMERS_PER_STORE + Math.floor(index / STORES)));
}

async function addCustomer({ kysely }: Engine, storeId: string, index: number): Promise<string> {
  const phone = `+62811${String(2_000_000 + index)}`;
  const input = { storeId, name: `Customer ${index}`, memberNo: null, phone };
  const { id } = await createCustomer(kysely, systemEffects, input);
  const posting = {
    storeId,
    customerId: id,
    asset: 'deposit',
    amount: 1_000_000_000,
    refId: null,
    at: 0,
  } as const;
  await credit(kysely, { ...posting, idempotencyKey: randomUUID() });
  return id;
}

/** Milliseconds of creating and verifying; reading the code, as the message's sender does, is not counted. */
async function serviceRound(
  { redemptions, engine }: Services,
  { perRound, inFlight }: Setting,
  lanes: readonly Lane[],
): Promise<number> {
  const keys = deriveKeys(MASTER_KEY);
  const made: { till: TillIdentity; id: string; code: string }[] = [];
  const createMs = await timed(perRound, inFlight, async (index) => {
    const { till, customerId } = pick(lanes, index);
    const body = createBody(customerId, 1_000);
    const { redemption } = await redemptions.create(till, randomUUID(), body);
    made.push({ till, id: redemption.id, code: '' });
  });
  for (const item of made) {
    const message = { redemptionId: item.id, serial: 1, now: systemEffects.clock.now() };
    item.code = (await codeForMessage(engine.kysely, keys, message))?.code ?? '';
  }
  const verifyMs = await timed(perRound, inFlight, async (index) => {
    const { till, id, code } = pick(made, index);
    const { grant } = await redemptions.verify(till, id, randomUUID(), code);
    if (grant === null) throw new Error('no grant');
  });
  return createMs + verifyMs;
}

function floorRound({ kysely }: Engine, { perRound, inFlight }: Setting): Promise<number> {
  return timed(2 * perRound, inFlight, async () => {
    await sql`insert into bench_floor (id, body) values (${randomUUID()}, ${'x'.repeat(64)})`.execute(kysely);
  });
}

/** Milliseconds for `count` calls, `inFlight` of them at a time. */
async function timed(
  count: number,
  inFlight: number,
  run: (index: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  const started = performance.now();
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await run(index);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return performance.now() - started;
}

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
