import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { sql } from 'kysely';
import { seedDemo } from '../../cloud/admin/demo.ts';
import { isDatabaseAway } from '../../cloud/db/away.ts';
import { openEngine } from '../../cloud/db/engine.ts';
import { createGateway } from '../../cloud/gateway.ts';
import { checkLedger } from '../../cloud/ledger/check.ts';
import { DATABASE_FILE } from '../../electron/store/store.ts';
import { systemClock, systemEffects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import { amountSchema } from '../../shared/money.ts';
import type { OfflineRedemption } from '../../shared/offline.ts';
import { createMigratedDatabase } from '../fixtures/postgres.ts';
import { startTcpProxy } from '../fixtures/tcp-proxy.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';
import { createGraphSim, SIM_DEFAULTS } from '../sim/graph/sim.ts';
import { startGatewayProcess } from './gateway-process.ts';
import type { Drained, DrainOrders } from './offline-child.ts';

/** Of each redemption, in rupiah. */
export const AMOUNT = 10;
export const DAYS_MS = 30 * 86_400_000;
const CHILD = fileURLToPath(new URL('./offline-child.ts', import.meta.url));
/** Often enough to kill in the middle of a short backlog; to look costs more the longer it is. */
const LOOK_EVERY_MS = 5;
const MS_PER_ITEM = 1 / 100;
const CODES_AT_ONCE = 5_000;

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Which till has what to tell. */
export interface Backlog {
  readonly dataDir: string;
  readonly tillId: string;
  /** Holds all that was spent in its name, and as much again. */
  readonly rich: string;
  /** Holds half of it. */
  readonly poor: string;
}

/** A gateway in a process of its own on PostgreSQL, and a line to it that can be spoilt. */
export async function openBacklogShop() {
  const database = await createMigratedDatabase();
  const graph = createGraphSim({ limits: { on: false } });
  const settings = {
    databaseUrl: database.url,
    masterKey: new Uint8Array(randomBytes(32)),
    graphUrl: await graph.listen(0),
    folder: tempFolder(),
  };
  // In this process and gone before the other starts: what it needs is written by its own admin.
  const seeding = await createGateway({
    config: {
      database: { kind: 'postgres', url: settings.databaseUrl },
      dataDir: settings.folder,
      host: '127.0.0.1',
      port: 0,
      trustProxy: false,
      logLevel: 'silent',
      masterKey: settings.masterKey,
      graphUrl: settings.graphUrl,
      graphVersion: SIM_DEFAULTS.version,
      whatsapp: {},
    },
  });
  const { admin } = seeding.services;
  const demo = await seedDemo(seeding.services);
  const { storeId } = demo;
  const supervisor = demo.staff.find(({ role }) => role === 'supervisor');
  if (supervisor === undefined) throw new Error('no supervisor');

  const engine = await openEngine({ databaseUrl: database.url });
  const { kysely } = engine;
  let gateway = await startGatewayProcess(settings);
  const target = {
    get port() {
      return gateway.port;
    },
  };
  const proxy = await startTcpProxy(target, systemClock);
  const gatewayUrl = `http://127.0.0.1:${proxy.port}`;
  let added = 0;

  async function customer(deposit: number): Promise<string> {
    added += 1;
    const phone = `+6281355${String(added).padStart(6, '0')}`;
    const { id } = await admin.run('customer add', { storeId, name: `Pelanggan ${added}`, phone });
    const money = { asset: 'deposit', amount: amountSchema.parse(deposit), key: `test-${id}` } as const;
    await admin.run('wallet credit', { storeId, customer: { id }, ...money });
    return id;
  }

  /** A till that was paired, and has spent since by two customers in turn on sealed codes that the gateway knows of. */
  async function backlog(events: number): Promise<Backlog> {
    const dataDir = tempFolder();
    const { pairingCode } = await admin.run('till add', { storeId, name: `Kasir ${added + 1}` });
    await startTill({ dataDir, pairing: { gatewayUrl, pairingCode } }).ended;
    const rich = await customer(AMOUNT * events);
    const poor = await customer((AMOUNT * events) / 4);
    const now = Date.now();
    const { tillId, codes } = queue(dataDir, { events, rich, poor, supervisorId: supervisor?.id ?? '', now });
    await sql`insert into sealed_bundles (till_id, store_id, serial, signed, content, expires_at, look_at)
      values (${tillId}::uuid, ${storeId}::uuid, 1, null, '', null, ${now + DAYS_MS}::bigint)
      on conflict (till_id) do update set serial = greatest(sealed_bundles.serial, 1)`.execute(kysely);
    for (let from = 0; from < codes.length; from += CODES_AT_ONCE) {
      await sql`insert into sealed_codes
          (id, store_id, till_id, staff_id, contact, hash, state, issued_at, expires_at, ended_at, last_serial)
        select id::uuid, ${storeId}::uuid, ${tillId}::uuid, ${supervisor?.id ?? ''}::uuid, '', null, 'replaced',
          ${now - DAYS_MS}::bigint, ${now}::bigint, ${now}::bigint, 1
        from unnest(${codes.slice(from, from + CODES_AT_ONCE)}::text[]) as id`.execute(kysely);
    }
    return { dataDir, tillId, rich, poor };
  }

  /** A machine that is busy enough lets nobody in for a while: that is no failure of what is looked at. */
  async function patiently<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        await pause(LOOK_EVERY_MS);
      }
    }
  }

  /** What is booked of this till's, in the order in which it was. */
  const booked = ({ tillId }: Backlog) =>
    patiently(async () => {
      const { rows } = await sql<{ customer_id: string; sale_ref: string; taken: number; lost: number }>`
        select o.customer_id, o.sale_ref, o.taken, o.lost from offline_redemptions o
        left join (select ref_id, min(id) as first from transfers group by ref_id) t on t.ref_id = o.id
        where o.till_id = ${tillId}::uuid
        order by t.first`.execute(kysely);
      return rows;
    });

  /** Resolves as soon as so many are booked. Throws where the till ended before. */
  async function bookedAtLeast({ tillId }: Backlog, count: number, till: ChildProcess): Promise<void> {
    const read = () =>
      kysely
        .selectFrom('offline_redemptions')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('till_id', '=', tillId)
        .executeTakeFirstOrThrow();
    for (;;) {
      // Before the look: what it had told by then is in it.
      const hasEnded = till.exitCode !== null;
      const { n } = await patiently(read);
      if (n >= count) return;
      if (hasEnded) throw new Error(`the till has nothing left to tell, and ${n} are booked`);
      await pause(Math.max(LOOK_EVERY_MS, (count - n) * MS_PER_ITEM));
    }
  }

  const available = (customerId: string) =>
    patiently(async () => {
      const { balance } = await kysely
        .selectFrom('accounts')
        .select('balance')
        .where('customer_id', '=', customerId)
        .where('asset', '=', 'deposit')
        .where('kind', '=', 'customer_available')
        .executeTakeFirstOrThrow();
      return balance;
    });

  return {
    ...{ proxy, backlog, booked, bookedAtLeast, available },
    ledger: () => patiently(() => checkLedger(kysely)),
    /** By SIGKILL. */
    killGateway: () => gateway.kill(),
    /** In the place of the one that was killed. */
    async startGateway(): Promise<void> {
      gateway = await startGatewayProcess(settings);
    },
    async close(): Promise<void> {
      for (const child of running) child.kill('SIGKILL');
      await proxy.close();
      await gateway.kill();
      await seeding.stop();
      await engine.close();
      await graph.close();
      await database.drop();
    },
  };
}

interface QueueOptions {
  events: number;
  rich: string;
  poor: string;
  supervisorId: string;
  now: number;
}

/** Into the outbox of a till that is off. */
function queue(dataDir: string, { events, rich, poor, supervisorId, now }: QueueOptions) {
  const database = new SqliteDatabase(join(dataDir, DATABASE_FILE));
  const own = database.prepare<[], { till_id: string }>('SELECT till_id FROM identity').get();
  const insert = database.prepare(
    `INSERT INTO outbox (id, stream, kind, body, state, created_at) VALUES (?, ?, 'offline_redemption', ?, 'pending', ?)`,
  );
  const codes: string[] = [];
  database.transaction(() => {
    for (let index = 0; index < events; index += 1) {
      const spentAt = now - DAYS_MS + Math.floor((DAYS_MS * index) / events);
      const customerId = index % 2 === 0 ? rich : poor;
      const sealedCodeId = randomUUID();
      codes.push(sealedCodeId);
      const redemption = {
        id: createUuid(systemEffects),
        ...{ sealedCodeId, bundleSerial: 1, supervisorId, customerId },
        ...{ asset: 'deposit', amount: AMOUNT, currency: 'IDR', saleRef: `S-${index}`, staffId: null },
        ...{ drawer: false, spentAt, slip: 'printed', believed: { available: AMOUNT, ageMs: 1_000 } },
      } as unknown as OfflineRedemption;
      const body = JSON.stringify({ kind: 'offline_redemption', redemption });
      insert.run(createUuid(systemEffects), `customer:${customerId}`, body, spentAt);
    }
  })();
  database.close();
  return { tillId: own?.till_id ?? '', codes };
}

/** Tills that have not ended. */
const running = new Set<ChildProcess>();

/** `ended`: null where it was killed. */
export function startTill(orders: DrainOrders): { child: ChildProcess; ended: Promise<Drained | null> } {
  const child = spawn(process.execPath, ['--expose-gc', CHILD, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  let told = '';
  child.stdout?.on('data', (chunk) => {
    told += String(chunk);
  });
  const ended = new Promise<Drained | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      if (signal === 'SIGKILL') resolve(null);
      else if (code === 0) resolve(JSON.parse(told) as Drained);
      else reject(new Error(`the till ended with ${code}`));
    });
  });
  return { child, ended };
}

/** Items in the outbox of a till that has ended, which holds its disk while it runs; how many were struck off as done. */
export function outboxOf(dataDir: string): { waiting: number; done: number } {
  const database = new SqliteDatabase(join(dataDir, DATABASE_FILE));
  const count = (text: string) => database.prepare<[], { n: number }>(text).get()?.n ?? 0;
  const counts = {
    waiting: count('SELECT count(*) AS n FROM outbox'),
    done: count("SELECT count(*) AS n FROM outbox_settled WHERE state = 'done'"),
  };
  database.close();
  return counts;
}
