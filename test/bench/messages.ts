import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { GatewayConfig } from '../../cloud/config.ts';
import { createCustomer } from '../../cloud/customers/customers.ts';
import { createGateway, type Gateway } from '../../cloud/gateway.ts';
import { createLogger } from '../../cloud/http/logger.ts';
import { createMetrics } from '../../cloud/http/metrics.ts';
import { credit } from '../../cloud/ledger/ledger.ts';
import { createMessageQueue, type MessageQueue } from '../../cloud/messages/queue.ts';
import { createServices, type Services } from '../../cloud/services.ts';
import { systemEffects } from '../../shared/effects.ts';
import { startCluster } from '../fixtures/postgres-cluster.ts';
import { createBody, policyWith, storeRow } from '../fixtures/redemption-world.ts';
import { codeBody } from '../sim/graph/testing.ts';
import { type Bench, type BenchResult, result } from './bench.ts';
import { settled } from './settled.ts';

/**
 * Customers' codes sent per second by a whole gateway on PostgreSQL, every commit synced: fetched from the queue, read, made,
 * handed to simulated WhatsApp in a process of its own, recorded, their tills told. The number's limits are lifted on both
 * sides. Floor: bare POSTs of the same bytes to the same simulator from this process, over kept-alive connections, as many at
 * once as the gateway's client may have. Both by turns.
 */
/** Long enough that a round is sending, and not the start of it. */
const ROUNDS = 12;
const ROUNDS_WARM_UP = 1;
const PER_ROUND = 1_200;
const STORES = 4;
const TILLS_PER_STORE = 4;
const CUSTOMERS_PER_STORE = 25;
const IN_FLIGHT = 100;
const CREATE_LANES = 16;
const HOUR_MS = 3_600_000;

export const messagesBench: Bench = {
  names: ['messages.send'],
  about: 'codes sent to simulated WhatsApp per second by a whole gateway, against bare POSTs to the same',
  mark: '≥ 0.5',
  run: async () => ({ 'messages.send': await measure() }),
};

async function measure(): Promise<BenchResult> {
  const cluster = await startCluster({ durable: true });
  const sim = await startSim();
  try {
    const config = configOf(await cluster.createDatabase(), sim);
    await queueCodes(config, (ROUNDS + ROUNDS_WARM_UP) * PER_ROUND);
    const sent = createCount();
    const messageQueue: typeof createMessageQueue = (...given) => sent.counting(createMessageQueue(...given));
    const gateway = await createGateway({ config, logger: createLogger('silent'), parts: { messageQueue } });
    try {
      await settled(gateway.services.engine);
      // As autovacuum would within a minute: thousands of rows came at once.
      await gateway.services.engine.script('analyze');
      let [serviceMs, floorMs] = [0, 0];
      const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
      for (let round = -ROUNDS_WARM_UP; round < ROUNDS; round += 1) {
        const floor = await floorRound(sim, agent);
        const service = await sendRound(gateway, sent, (round + ROUNDS_WARM_UP + 1) * PER_ROUND);
        if (round < 0) continue;
        floorMs += floor;
        serviceMs += service;
      }
      agent.destroy();
      const n = ROUNDS * PER_ROUND;
      return result((n * 1000) / serviceMs, '1/s', (n * 1000) / floorMs, n);
    } finally {
      await gateway.stop();
    }
  } finally {
    sim.process.kill();
    await cluster.stop();
  }
}

interface Sim {
  readonly process: ChildProcess;
  readonly url: string;
  readonly version: string;
  readonly phoneNumberId: string;
  readonly accessToken: string;
}

async function startSim(): Promise<Sim> {
  const main = fileURLToPath(new URL('../sim/graph/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const sim: Sim = { ...JSON.parse(line), process: child };
    await fetch(`${sim.url}/_sim/limits`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ on: false }),
    });
    return sim;
  }
  throw new Error('the simulator did not start');
}

function configOf(databaseUrl: string, sim: Sim): GatewayConfig {
  return {
    database: { kind: 'postgres', url: databaseUrl },
    dataDir: tmpdir(),
    host: '127.0.0.1',
    port: 0,
    trustProxy: false,
    logLevel: 'silent',
    masterKey: new Uint8Array(32).fill(9),
    graphUrl: sim.url,
    graphVersion: sim.version,
    whatsapp: { phoneNumberId: sim.phoneNumberId, accessToken: sim.accessToken },
  };
}

/** Redemptions whose codes wait, out of the queue until a round puts them there: a queue holds what is due, not the rounds to come. */
async function queueCodes(config: GatewayConfig, count: number): Promise<void> {
  const onError = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  const services = await createServices({
    config,
    effects: systemEffects,
    onError,
    metrics: createMetrics(),
  });
  try {
    await services.admin.run('limits set', { perSecond: 0, pairPeriodMs: 0 });
    const lanes = await addShops(services);
    let next = 0;
    const work = async () => {
      for (let index = next++; index < count; index = next++) {
        const lane = lanes[index % lanes.length];
        if (lane === undefined) throw new RangeError('no lanes');
        await services.redemptions.create(lane.till, randomUUID(), createBody(lane.customerId, 1_000));
      }
    };
    await Promise.all(Array.from({ length: CREATE_LANES }, work));
    await services.engine.script(`create table held_jobs as select * from pgboss.job with no data;
      with held as (delete from pgboss.job returning *) insert into held_jobs select * from held`);
  } finally {
    await services.close();
  }
}

async function addShops({ engine }: Services) {
  const policy = policyWith(({ codes }) => {
    codes.ttlSeconds = 900;
    for (const limit of Object.values(codes.limits))
      Object.assign(limit, { count: 1_000_000, windowSeconds: 1 });
  });
  const lanes: { till: { tillId: string; storeId: string }; customerId: string }[] = [];
  for (let store = 0; store < STORES; store += 1) {
    const storeId = randomUUID();
    await engine.kysely
      .insertInto('stores')
      .values(storeRow(storeId, policy, 0))
      .execute();
    const tills = Array.from({ length: TILLS_PER_STORE }, () => ({ tillId: randomUUID(), storeId }));
    for (const { tillId } of tills) {
      await engine.kysely
        .insertInto('tills')
        .values({ id: tillId, store_id: storeId, name: 'Till', created_at: 0 })
        .execute();
    }
    for (let index = 0; index < CUSTOMERS_PER_STORE; index += 1) {
      const phone = `+62811${store}${String(100_000 + index)}`;
      const who = { storeId, name: `Pelanggan ${index}`, memberNo: null, phone };
      const { id: customerId } = await createCustomer(engine.kysely, systemEffects, who);
      const at = Date.now();
      const wallet = {
        storeId,
        customerId,
        asset: 'deposit',
        amount: 1_000_000_000,
        refId: null,
        at,
      } as const;
      await credit(engine.kysely, { ...wallet, idempotencyKey: `bench/${customerId}` });
      const till = tills[index % TILLS_PER_STORE];
      if (till !== undefined) lanes.push({ till, customerId });
    }
  }
  return lanes;
}

interface Count {
  /** The queue, whose messages are counted as they are done with: sent, and recorded. */
  counting(queue: MessageQueue): MessageQueue;
  reached(total: number): Promise<void>;
}

function createCount(): Count {
  let count = 0;
  let wanted = { total: Number.POSITIVE_INFINITY, reached: () => {} };
  return {
    counting: (queue) => ({
      ...queue,
      work: (handle) =>
        queue.work(async (taken) => {
          await handle(taken);
          count += 1;
          if (count >= wanted.total) wanted.reached();
        }),
    }),
    reached: (total) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('not all were sent')), HOUR_MS);
        const reached = () => {
          clearTimeout(late);
          resolve();
        };
        wanted = { total, reached };
        if (count >= total) reached();
      }),
  };
}

/** Milliseconds until `total` messages in all were taken by WhatsApp and recorded, and their tills told. */
async function sendRound({ services }: Gateway, sent: Count, total: number): Promise<number> {
  const { kysely } = services.engine;
  const events = async () => {
    const { rows } = await sql<{ sum: number }>`select sum(event_seq)::bigint as sum from tills`.execute(
      kysely,
    );
    return rows[0]?.sum ?? 0;
  };
  const before = await events();
  await sql`with due as (delete from held_jobs where id in (select id from held_jobs order by created_on limit ${PER_ROUND})
      returning *)
    insert into pgboss.job select * from due`.execute(kysely);
  const started = performance.now();
  services.queue.wake();
  await sent.reached(total);
  const ms = performance.now() - started;
  const { rows } = await sql<{
    count: number;
  }>`select count(*) from messages where state = 'accepted'`.execute(kysely);
  if (rows[0]?.count !== total || (await events()) !== before + PER_ROUND)
    throw new Error('a message failed');
  return ms;
}

async function floorRound(sim: Sim, agent: Agent): Promise<number> {
  const url = `${sim.url}/${sim.version}/${sim.phoneNumberId}/messages`;
  const headers = { authorization: `Bearer ${sim.accessToken}`, 'content-type': 'application/json' };
  const bodies = Array.from({ length: PER_ROUND }, () =>
    JSON.stringify({ ...codeBody(), biz_opaque_callback_data: randomUUID() }),
  );
  const started = performance.now();
  const lane = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      await post(agent, url, headers, body);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return performance.now() - started;
}

function post(agent: Agent, url: string, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`HTTP ${answer.statusCode}`));
        answer.resume().once('end', resolve).once('error', reject);
      },
    );
    sent.once('error', reject).end(body);
  });
}
