import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import Fastify, { type FastifyInstance } from 'fastify';
import pg from 'pg';
import type { GatewayConfig } from '../../cloud/config.ts';
import { createGateway, type Gateway } from '../../cloud/gateway.ts';
import { verifySignature } from '../../cloud/whatsapp/signature.ts';
import { systemEffects } from '../../shared/effects.ts';
import { startCluster } from '../fixtures/postgres-cluster.ts';
import { redemptionWorld } from '../fixtures/redemption-world.ts';
import { addSentMessages } from '../fixtures/sent-messages.ts';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';
import { type Bench, type BenchResult, quantile, result } from './bench.ts';
import { settled } from './settled.ts';
import type { LoadOrder, LoadReport } from './webhook-load.ts';

/**
 * Meta's signed status webhooks over HTTP from another process, answered once they are durable on a PostgreSQL that syncs:
 * signature, parse, each status kept once, its message moved on, its till's event appended; all of it is counted in the
 * database afterwards. Floor, taking turns: a bare Fastify route that checks the same signature and inserts one row of the same
 * bytes. The times are those of a closed loop: at each moment as many webhooks are under way as there are lines times pipelined.
 */
const ROUNDS = 3;
const ROUNDS_WARM_UP = 1;
const MESSAGES_PER_ROUND = 12_000;
const STATUSES_PER_MESSAGE = 3;
/** The floor is slower: fewer, for about the same time. */
const FLOOR_MESSAGES_PER_ROUND = 1_500;
const TILLS = 50;
const CUSTOMERS = 500;
const CONNECTIONS = 32;
const PIPELINED = 32;
const FLOOR_POOL = 10;

export const webhookBench: Bench = {
  names: ['webhooks.ingest', 'webhooks.ingest_p50', 'webhooks.ingest_p99'],
  about:
    "Meta's signed statuses durable with all effects, one a webhook, against a bare route with signature and one insert",
  mark: '≥ 1.5 (rate)',
  async run(): Promise<Record<string, BenchResult>> {
    const cluster = await startCluster({ durable: true });
    try {
      return await measure(await cluster.createDatabase(), await cluster.createDatabase());
    } finally {
      await cluster.stop();
    }
  },
};

async function measure(databaseUrl: string, floorUrl: string): Promise<Record<string, BenchResult>> {
  const gateway = await createGateway({ config: configOf(databaseUrl) });
  const floor = await openFloor(floorUrl);
  const load = fork(fileURLToPath(new URL('./webhook-load.ts', import.meta.url)));
  try {
    const { port } = new URL(await gateway.listen());
    const shop = await openShop(gateway);
    const mine: LoadReport[] = [];
    const bare: LoadReport[] = [];
    for (let round = -ROUNDS_WARM_UP; round < ROUNDS; round += 1) {
      const from = (round + ROUNDS_WARM_UP) * MESSAGES_PER_ROUND;
      const lines = { connections: CONNECTIONS, pipelined: PIPELINED, from };
      const path = '/webhooks/whatsapp';
      const floorOrder = { ...lines, port: floor.port, path, count: FLOOR_MESSAGES_PER_ROUND };
      const floorReport = await run(load, floorOrder);
      await shop.add(from);
      const report = await run(load, { ...lines, port: Number(port), path, count: MESSAGES_PER_ROUND });
      if (round < 0) continue;
      bare.push(floorReport);
      mine.push(report);
    }
    await shop.check((ROUNDS + ROUNDS_WARM_UP) * MESSAGES_PER_ROUND);
    return figures(mine, bare);
  } finally {
    load.kill();
    await gateway.stop();
    await floor.close();
  }
}

function figures(mine: readonly LoadReport[], bare: readonly LoadReport[]): Record<string, BenchResult> {
  const n = mine.reduce((sum, { answered }) => sum + answered, 0);
  const rate = (reports: readonly LoadReport[]) =>
    reports.reduce((sum, { answered }) => sum + answered, 0) /
    reports.reduce((sum, { seconds }) => sum + seconds, 0);
  const at = (q: number) => {
    const of = (reports: readonly LoadReport[]) =>
      quantile(
        reports.flatMap(({ took }) => took),
        q,
      );
    return result(of(mine), 'ms', of(bare), n);
  };
  return {
    'webhooks.ingest': result(rate(mine), '1/s', rate(bare), n),
    'webhooks.ingest_p50': at(0.5),
    'webhooks.ingest_p99': at(0.99),
  };
}

function configOf(url: string): GatewayConfig {
  const { phoneNumberId, wabaId, accessToken, appSecret, verifyToken } = SIM_DEFAULTS;
  return {
    database: { kind: 'postgres', url },
    dataDir: 'unused',
    host: '127.0.0.1',
    port: 0,
    trustProxy: false,
    logLevel: 'error',
    masterKey: new Uint8Array(32).fill(9),
    graphUrl: 'http://127.0.0.1:9',
    graphVersion: 'v25.0',
    whatsapp: { phoneNumberId, wabaId, accessToken, appSecret, verifyToken },
  };
}

async function openShop({ services: { engine } }: Gateway) {
  const world = redemptionWorld(engine, systemEffects.clock);
  const storeId = await world.addStore();
  const tillIds: string[] = [];
  for (let n = 0; n < TILLS; n += 1) tillIds.push((await world.addTill(storeId)).tillId);
  const customerIds: string[] = [];
  for (let n = 0; n < CUSTOMERS; n += 1) customerIds.push((await world.addCustomer(storeId)).id);

  async function add(from: number): Promise<void> {
    const now = systemEffects.clock.now();
    await addSentMessages(engine, { storeId, tillIds, customerIds, from, count: MESSAGES_PER_ROUND, now });
    await settled(engine);
    // As autovacuum would within a minute.
    await engine.script('analyze');
    await engine.script('checkpoint');
  }

  /** Everything that was answered is there, with what follows from it. */
  async function check(messages: number): Promise<void> {
    const [counts] = await engine.script(`select (select count(*) from messages where state = 'read') as read,
      (select count(*) from message_events where applied_at is not null) as applied,
      (select count(*) from till_events) as events, (select sum(event_seq) from tills) as seq`);
    const { read, applied, events, seq } = (counts ?? {}) as Record<string, unknown>;
    const right =
      Number(read) === messages &&
      Number(applied) === messages * STATUSES_PER_MESSAGE &&
      Number(events) >= messages &&
      Number(events) === Number(seq);
    if (!right) throw new Error(`not all statuses were taken over: ${JSON.stringify(counts)}`);
  }

  return { add, check };
}

async function openFloor(connectionString: string) {
  const pool = new pg.Pool({ connectionString, max: FLOOR_POOL });
  // `end` does not wait for the server's goodbye to idle connections, and the server stops right after.
  let closing = false;
  pool.on('error', (error) => {
    if (!closing) throw error;
  });
  await pool.query(
    'create table bare (id bigint generated always as identity primary key, body text not null)',
  );
  const app: FastifyInstance = Fastify({ logger: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/webhooks/whatsapp', async (request, reply) => {
    const body = request.body as Buffer;
    if (!verifySignature(body, request.headers['x-hub-signature-256'], SIM_DEFAULTS.appSecret)) {
      return reply.code(401).send({ error: 'signature' });
    }
    await pool.query('insert into bare (body) values ($1)', [body.toString('utf8')]);
    return { received: true };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    port,
    async close() {
      closing = true;
      await app.close();
      await pool.end();
    },
  };
}

async function run(load: ChildProcess, order: LoadOrder): Promise<LoadReport> {
  load.send(order);
  await once(load, 'message');
  load.send('go');
  const [report] = (await once(load, 'message')) as [LoadReport];
  if (report.refused > 0) throw new Error(`${report.refused} webhooks were refused`);
  return report;
}
