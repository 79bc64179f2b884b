import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openDatabase } from '../../electron/store/database.ts';
import { createOutbox } from '../../electron/store/outbox.ts';
import { createRedemptionRows } from '../../electron/store/redemption-rows.ts';
import { reserveWal } from '../../electron/store/wal-reserve.ts';
import { systemEffects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import { amountSchema } from '../../shared/money.ts';
import type { OutboxMessage } from '../../shared/offline.ts';
import { type Bench, type BenchResult, result } from './bench.ts';
import { outboxDrain } from './outbox-drain.ts';
import { openBarePeerQueue, openPeerQueue, type PeerQueue } from './outbox-peer.ts';

/**
 * The till's outbox on its disk. Each enqueue is a commit of its own, synced (`synchronous=FULL`, WAL), and so is each of the
 * floor: both do what a sale needs before its drawer may open. They take turns in rounds of the same length,
 * so that they see the same machine and the same disk.
 */
const ROUNDS = 30;
const ROUNDS_WARM_UP = 3;
const PER_ROUND = 200;
const STREAMS = 1_000;

const SMALL = 1_000;
const LARGE = 1_000_000;
const BATCH = 200;
const CYCLES = 40;
const CYCLES_WARM_UP = 5;

export const outboxBenches: readonly Bench[] = [
  {
    names: ['outbox.enqueue'],
    about: 'durable enqueues per second, against a bare insert of the same bytes, each its own synced commit',
    mark: '≥ 0.7',
    run: async () => ({ 'outbox.enqueue': await inFolder(enqueueAgainstFloor) }),
  },
  {
    names: ['outbox.enqueue_vs_peer'],
    about:
      'the same against a SQLite job queue from npm that keeps idempotency keys too (liteque), each its own synced commit',
    mark: '≥ 1.5',
    run: async () => ({ 'outbox.enqueue_vs_peer': await inFolder((dir) => againstPeer(dir, openPeerQueue)) }),
  },
  {
    names: ['outbox.enqueue_vs_bare_peer'],
    about: 'the same against one that keeps a text and one index (plainjob)',
    mark: 'none: both wait for one sync',
    run: async () => ({
      'outbox.enqueue_vs_bare_peer': await inFolder((dir) => againstPeer(dir, openBarePeerQueue)),
    }),
  },
  {
    names: ['outbox.growth'],
    about: `time for an item to be put in, taken in a batch of ${BATCH} and settled, with 10^6 waiting over that with 10^3`,
    mark: '≤ 1.3',
    run: async () => ({ 'outbox.growth': await inFolder(growth) }),
  },
  {
    names: ['outbox.drain'],
    about:
      'captures per second from batches of 200 into the embedded gateway, against bare batch inserts of their rows',
    mark: '≥ 0.5',
    run: async () => ({ 'outbox.drain': await inFolder(outboxDrain) }),
  },
];

async function againstPeer(dir: string, open: (file: string) => Promise<PeerQueue>): Promise<BenchResult> {
  const ours = openOutbox(join(dir, 'till.sqlite'));
  const peer = await open(join(dir, 'peer.sqlite'));
  const [oursMs, peerMs] = await inTurns(
    async () => ours.add(),
    () => peer.add(streamOf(0), capture()),
  );
  ours.db.close();
  peer.close();
  return rates(oursMs, peerMs);
}

async function inFolder(run: (dir: string) => Promise<BenchResult>): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'saksi-bench-'));
  try {
    return await run(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function capture(): OutboxMessage {
  const request = { settledAt: Date.now(), slip: 'printed' } as const;
  return { kind: 'capture', gatewayId: randomUUID(), request };
}

const streamOf = (index: number) =>
  `customer:00000000-0000-7000-8000-${String(index % STREAMS).padStart(12, '0')}`;

/** What a capture is about. */
function addSale(db: Database.Database): string {
  const id = createUuid(systemEffects);
  createRedemptionRows(db, systemEffects.clock).insert({
    id,
    startedBy: 'cashier',
    staffId: null,
    request: null,
    saleRef: 'INV-1',
    asset: 'deposit',
    amount: amountSchema.parse(50_000),
    currency: 'IDR',
    customer: null,
    settle: 'capture',
  });
  return id;
}

/** The outbox on a database as the till opens it. */
function openOutbox(file: string) {
  const db = openDatabase(file);
  reserveWal(db);
  const outbox = createOutbox(db, systemEffects);
  const saleId = addSale(db);
  let index = 0;
  const add = db.transaction(() => {
    index += 1;
    outbox.add(streamOf(index), saleId, capture());
  });
  const addMany = db.transaction((count: number) => {
    for (let n = 0; n < count; n += 1) outbox.add(streamOf(n), saleId, capture());
  });
  const cycle = {
    take: db.transaction(() => outbox.take(BATCH)),
    settle: db.transaction((items: ReturnType<typeof outbox.take>) => {
      for (const item of items) outbox.done(item);
    }),
  };
  return { db, add: () => add.immediate(), addMany, cycle };
}

/** One row of as many bytes, in a table with one key. */
function openFloor(file: string) {
  const db = new Database(file);
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE bare (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT');
  const insert = db.prepare('INSERT INTO bare (id, body) VALUES (?, ?)');
  let index = 0;
  return {
    db,
    add: () => {
      index += 1;
      insert.run(
        createUuid(systemEffects),
        `${streamOf(index)}capture${randomUUID()}pending${Date.now()}${JSON.stringify(capture())}`,
      );
    },
  };
}

async function enqueueAgainstFloor(dir: string): Promise<BenchResult> {
  const ours = openOutbox(join(dir, 'till.sqlite'));
  const floor = openFloor(join(dir, 'floor.sqlite'));
  const [oursMs, floorMs] = await inTurns(
    async () => ours.add(),
    async () => floor.add(),
  );
  ours.db.close();
  floor.db.close();
  return rates(oursMs, floorMs);
}

/** Milliseconds of each over all rounds. */
async function inTurns(one: () => Promise<void>, other: () => Promise<void>): Promise<[number, number]> {
  const total: [number, number] = [0, 0];
  for (let round = -ROUNDS_WARM_UP; round < ROUNDS; round += 1) {
    const first = await timed(one);
    const second = await timed(other);
    if (round < 0) continue;
    total[0] += first;
    total[1] += second;
  }
  return total;
}

async function timed(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  for (let n = 0; n < PER_ROUND; n += 1) await run();
  return performance.now() - started;
}

function rates(oursMs: number, floorMs: number): BenchResult {
  const n = ROUNDS * PER_ROUND;
  return result((n * 1000) / oursMs, '1/s', (n * 1000) / floorMs, n);
}

/** Microseconds for an item, with so many waiting all the time. */
async function growth(dir: string): Promise<BenchResult> {
  const small = openOutbox(join(dir, 'small.sqlite'));
  const large = openOutbox(join(dir, 'large.sqlite'));
  small.addMany(SMALL);
  for (let filled = 0; filled < LARGE; filled += 20_000) large.addMany(20_000);
  let [smallMs, largeMs] = [0, 0];
  for (let cycle = -CYCLES_WARM_UP; cycle < CYCLES; cycle += 1) {
    const first = cycleMs(small);
    const second = cycleMs(large);
    if (cycle < 0) continue;
    smallMs += first;
    largeMs += second;
  }
  small.db.close();
  large.db.close();
  const n = CYCLES * BATCH;
  return result((largeMs * 1000) / n, 'µs', (smallMs * 1000) / n, n);
}

function cycleMs({ add, cycle }: ReturnType<typeof openOutbox>): number {
  const started = performance.now();
  for (let n = 0; n < BATCH; n += 1) add();
  const items = cycle.take.immediate();
  if (items.length !== BATCH) throw new Error(`took ${items.length}`);
  cycle.settle.immediate(items);
  return performance.now() - started;
}
