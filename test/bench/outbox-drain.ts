import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createMetrics } from '../../cloud/http/metrics.ts';
import { createOutboxService } from '../../cloud/outbox/service.ts';
import { createServices, type Services } from '../../cloud/services.ts';
import { systemEffects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import { OUTBOX_BATCH_MAX, type OutboxBatch } from '../../shared/offline.ts';
import { createBody, policyWith, redemptionWorld } from '../fixtures/redemption-world.ts';
import { type BenchResult, result } from './bench.ts';

/**
 * A till's backlog of captures taken over by the gateway's own service, in batches as a till sends them, on the embedded
 * database. Floor: the rows that a capture must leave in any case (the redemption's, the remembered key, the transfer, the event), of the same
 * bytes, in tables with the same keys and no checks: one insert for each table and batch, one commit for the batch. Both by turns,
 * every commit synced.
 */
const ROUNDS = 8;
const ROUNDS_WARM_UP = 2;
const STORE_CUSTOMERS = 100;

export async function outboxDrain(dir: string): Promise<BenchResult> {
  const services = await openServices(dir);
  try {
    const { kysely } = services.engine;
    await sql`create table floor_keys (till uuid, key text, hash bytea, subject uuid, at bigint, primary key (till, key))`.execute(
      kysely,
    );
    await sql`create table floor_moves (id bigint generated always as identity primary key, debit bigint, credit bigint,
      amount bigint, kind text, ref uuid, key text unique, at bigint)`.execute(kysely);
    await sql`create table floor_rows (id uuid primary key, body text not null)`.execute(kysely);
    await sql`create table floor_events (till uuid, seq bigint, data jsonb, at bigint, primary key (till, seq))`.execute(
      kysely,
    );
    const shop = await openShop(services);
    let [serviceMs, floorMs] = [0, 0];
    for (let round = -ROUNDS_WARM_UP; round < ROUNDS; round += 1) {
      const floor = await floorRound(services, shop.till.tillId, round + ROUNDS_WARM_UP);
      const items = await shop.authorise();
      const service = await shop.drain(items);
      if (round < 0) continue;
      floorMs += floor;
      serviceMs += service;
    }
    const n = ROUNDS * OUTBOX_BATCH_MAX;
    return result((n * 1000) / serviceMs, '1/s', (n * 1000) / floorMs, n);
  } finally {
    await services.close();
  }
}

function openServices(dir: string): Promise<Services> {
  const config = {
    database: { kind: 'folder', folder: join(dir, 'gateway') },
    dataDir: dir,
    host: '127.0.0.1',
    port: 0,
    trustProxy: false,
    logLevel: 'silent',
    masterKey: new Uint8Array(32).fill(9),
    graphUrl: 'http://127.0.0.1:9',
    graphVersion: 'v25.0',
    whatsapp: {},
  } as const;
  return createServices({ config, effects: systemEffects, onError: report, metrics: createMetrics() });
}

async function openShop({ engine, redemptions, approvals, offline }: Services) {
  const world = redemptionWorld(engine, systemEffects.clock);
  const free = policyWith(({ codes }) => {
    codes.askFrom.deposit = 1_000_000;
  });
  const till = await world.addTill(await world.addStore(free));
  const customers: string[] = [];
  for (let index = 0; index < STORE_CUSTOMERS; index += 1) {
    customers.push((await world.addCustomer(till.storeId, { deposit: 1_000_000_000 })).id);
  }
  const parts = {
    db: engine.kysely,
    effects: systemEffects,
    redemptions,
    approvals,
    offline,
    drawer: { keep: async () => undefined },
    shift: { keep: async () => undefined },
    cashShifts: { keep: async () => undefined },
    onError: report,
  };
  const outbox = createOutboxService(parts);

  async function authorise(): Promise<OutboxBatch['items']> {
    const items: OutboxBatch['items'] = [];
    for (let n = 0; n < OUTBOX_BATCH_MAX; n += 1) {
      const customerId = customers[n % customers.length] ?? '';
      const { redemption } = await redemptions.create(till, randomUUID(), createBody(customerId, 1_000));
      const request = { settledAt: Date.now(), slip: 'printed' } as const;
      items.push({
        id: createUuid(systemEffects),
        stream: `customer:${customerId}`,
        message: { kind: 'capture', gatewayId: redemption.id, request },
      });
    }
    return items;
  }

  async function drain(items: OutboxBatch['items']): Promise<number> {
    const started = performance.now();
    const results = await outbox.apply(till, items);
    const ms = performance.now() - started;
    if (results.some(({ outcome }) => outcome !== 'done')) throw new Error('not all were taken');
    return ms;
  }

  return { till, authorise, drain };
}

/** Milliseconds. The rows are made before the clock runs, as a batch is read from its request before. */
async function floorRound({ engine }: Services, till: string, round: number): Promise<number> {
  const rows = Array.from({ length: OUTBOX_BATCH_MAX }, (_, n) => ({
    key: createUuid(systemEffects),
    hash: `\\x${'ab'.repeat(32)}`,
    subject: createUuid(systemEffects),
    seq: round * OUTBOX_BATCH_MAX + n,
    data: { type: 'redemption.changed', redemption: { text: 'x'.repeat(420) } },
  }));
  const started = performance.now();
  const json = JSON.stringify(rows);
  await engine.kysely.transaction().execute(async (trx) => {
    await sql`insert into floor_keys select ${till}::uuid, x.key, x.hash::bytea, x.subject, 1
      from jsonb_to_recordset(${json}::jsonb) as x(key text, hash text, subject uuid)`.execute(trx);
    await sql`insert into floor_rows select x.subject, repeat('x', 300)
      from jsonb_to_recordset(${json}::jsonb) as x(subject uuid)`.execute(trx);
    await sql`insert into floor_moves (debit, credit, amount, kind, ref, key, at)
      select 1, 2, 1000, 'capture', x.subject, 'redemption/' || x.subject || '/capture', 1
      from jsonb_to_recordset(${json}::jsonb) as x(subject uuid)`.execute(trx);
    await sql`insert into floor_events select ${till}::uuid, x.seq, x.data, 1
      from jsonb_to_recordset(${json}::jsonb) as x(seq bigint, data jsonb)`.execute(trx);
  });
  return performance.now() - started;
}

function report(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
}
