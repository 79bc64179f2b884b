import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DATABASE_FILE } from '../../electron/store/store.ts';
import { systemClock, systemEffects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import type { OfflineRedemption } from '../../shared/offline.ts';
import { createMigratedDatabase } from '../fixtures/postgres.ts';
import { openShop, type Shop } from '../fixtures/shop.ts';
import { startTcpProxy, type TcpProxy } from '../fixtures/tcp-proxy.ts';
import { removeTempFolders, tempFolder } from '../fixtures/temp-folder.ts';
import type { Drained, DrainOrders } from './offline-child.ts';

/**
 * Thirty days without a line, then drained over a line that is cut, slow and half closed, by a till that is killed again and
 * again: real processes, a real SQLite file, PostgreSQL, TCP. `SAKSI_OFFLINE_EVENTS` sets how many were queued.
 */
const EVENTS = Number(process.env.SAKSI_OFFLINE_EVENTS ?? 1500);
const KILLS = 5;
/** How long the line is bad before the power goes: longer each time. */
const SPOILT_MS = 60;
const LOOK_EVERY_MS = 5;
const DAYS_MS = 30 * 86_400_000;
const AMOUNT = 10;
/** What may be added while a backlog goes, whatever its length. */
const GROWTH_MIB = 96;
const CHILD = fileURLToPath(new URL('./offline-child.ts', import.meta.url));
const HOURS = 3_600_000;

let shop: Shop;
let proxy: TcpProxy;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await createMigratedDatabase();
  drop = database.drop;
  shop = await openShop({ databaseUrl: database.url });
  proxy = await startTcpProxy({ port: Number(new URL(shop.gatewayUrl).port) }, systemClock);
}, 180_000);
afterAll(async () => {
  await proxy?.close();
  await shop?.close();
  await drop?.();
  removeTempFolders();
});

function start(orders: DrainOrders): { child: ChildProcess; ended: Promise<Drained | null> } {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout?.on('data', (chunk) => {
    told += String(chunk);
  });
  const ended = new Promise<Drained | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(null);
      else if (code === 0) resolve(JSON.parse(told) as Drained);
      else reject(new Error(`the till ended with ${code}`));
    });
  });
  return { child, ended };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Spent by two customers in turn on sealed codes that the gateway knows of: the second one's wallet holds half of it. */
async function queue(dataDir: string, events: number) {
  const { kysely } = shop.gateway.services.engine;
  const supervisor = shop.demo.staff.find(({ role }) => role === 'supervisor');
  if (supervisor === undefined) throw new Error('no supervisor');
  const rich = await shop.addCustomer(AMOUNT * events);
  const poor = await shop.addCustomer((AMOUNT * events) / 4);
  const database = new SqliteDatabase(join(dataDir, DATABASE_FILE));
  const { till_id: tillId } = database
    .prepare<[], { till_id: string }>('SELECT till_id FROM identity')
    .get() ?? {
    till_id: '',
  };
  const insert = database.prepare(
    `INSERT INTO outbox (id, stream, kind, body, state, created_at) VALUES (?, ?, 'offline_redemption', ?, 'pending', ?)`,
  );
  const now = Date.now();
  const codes: string[] = [];
  database.transaction(() => {
    for (let index = 0; index < events; index += 1) {
      const spentAt = now - DAYS_MS + Math.floor((DAYS_MS * index) / events);
      const customerId = index % 2 === 0 ? rich.id : poor.id;
      const sealedCodeId = randomUUID();
      codes.push(sealedCodeId);
      const redemption = {
        id: createUuid(systemEffects),
        ...{ sealedCodeId, bundleSerial: 1, supervisorId: supervisor.id, customerId },
        ...{ asset: 'deposit', amount: AMOUNT, currency: 'IDR', saleRef: `S-${index}`, staffId: null },
        ...{ drawer: false, spentAt, slip: 'printed', believed: { available: AMOUNT, ageMs: 1_000 } },
      } as unknown as OfflineRedemption;
      const body = JSON.stringify({ kind: 'offline_redemption', redemption });
      insert.run(createUuid(systemEffects), `customer:${customerId}`, body, spentAt);
    }
  })();
  database.close();
  const at = now - DAYS_MS;
  await sql`insert into sealed_bundles (till_id, store_id, serial, signed, content, expires_at, look_at)
    values (${tillId}::uuid, ${shop.demo.storeId}::uuid, 1, null, '', null, ${now + DAYS_MS}::bigint)
    on conflict (till_id) do update set serial = greatest(sealed_bundles.serial, 1)`.execute(kysely);
  for (let from = 0; from < codes.length; from += 5_000) {
    await sql`insert into sealed_codes
        (id, store_id, till_id, staff_id, contact, hash, state, issued_at, expires_at, ended_at, last_serial)
      select id::uuid, ${shop.demo.storeId}::uuid, ${tillId}::uuid, ${supervisor.id}::uuid, '', null, 'replaced',
        ${at}::bigint, ${now}::bigint, ${now}::bigint, 1
      from unnest(${codes.slice(from, from + 5_000)}::text[]) as id`.execute(kysely);
  }
  return { tillId, rich, poor };
}

async function bookedAtLeast(tillId: string, count: number): Promise<void> {
  for (;;) {
    const { n } = await shop.gateway.services.engine.kysely
      .selectFrom('offline_redemptions')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('till_id', '=', tillId)
      .executeTakeFirstOrThrow();
    if (Number(n) >= count) return;
    await pause(LOOK_EVERY_MS);
  }
}

function waiting(dataDir: string): number {
  const database = new SqliteDatabase(join(dataDir, DATABASE_FILE));
  const { n } = database.prepare<[], { n: number }>('SELECT count(*) AS n FROM outbox').get() ?? { n: 0 };
  database.close();
  return n;
}

/** What happens to the line, in turn: each is a moment of a real shop's router. */
const MOODS: readonly ((line: TcpProxy) => void)[] = [
  (line) => line.mode('cut'),
  (line) => line.mode('half_close'),
  (line) => line.delay(150),
  (line) => line.mode('black_hole'),
  (line) => line.drop(),
];

it(
  `drains ${EVENTS} events of 30 days over a bad line through ${KILLS} kills: nothing lost, nothing doubled, memory flat`,
  async () => {
    const dataDir = tempFolder();
    const gatewayUrl = `http://127.0.0.1:${proxy.port}`;
    const pairing = { gatewayUrl, pairingCode: await shop.pairingCode() };
    await start({ dataDir, pairing }).ended;
    const { tillId, rich, poor } = await queue(dataDir, EVENTS);

    const leftAtKills: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const { child, ended } = start({ dataDir, pairing: null });
      // In the middle of the backlog, each time a further part of it.
      await bookedAtLeast(tillId, Math.floor((EVENTS * (kill + 1)) / (KILLS + 2)));
      MOODS[kill % MOODS.length]?.(proxy);
      await pause(SPOILT_MS * (kill + 1));
      child.kill('SIGKILL');
      await ended;
      proxy.mode('pass');
      proxy.delay(0);
      leftAtKills.push(waiting(dataDir));
    }
    // Killed with something done and something to do; on a fast machine the last kills may come too late for that.
    expect(leftAtKills.filter((left) => left > 0 && left < EVENTS).length).toBeGreaterThanOrEqual(3);
    const last = start({ dataDir, pairing: null });
    const drained = await last.ended;

    const { kysely } = shop.gateway.services.engine;
    const booked = await kysely
      .selectFrom('offline_redemptions')
      .select(['id', 'sale_ref', 'taken', 'lost'])
      .where('till_id', '=', tillId)
      .execute();
    expect(booked).toHaveLength(EVENTS);
    expect(new Set(booked.map((row) => row.sale_ref)).size).toBe(EVENTS);
    expect(booked.every(({ taken, lost }) => taken + lost === AMOUNT)).toBe(true);
    // The second customer's wallet held half of what was spent: the other half is the store's loss, to the unit.
    const perCustomer = (AMOUNT * EVENTS) / 2;
    expect((await shop.wallet(rich.id, 'deposit')).available).toBe(AMOUNT * EVENTS - perCustomer);
    expect((await shop.wallet(poor.id, 'deposit')).available).toBe(0);
    expect(booked.reduce((sum, { lost }) => sum + lost, 0)).toBe(perCustomer - (AMOUNT * EVENTS) / 4);
    expect(await shop.gateway.services.admin.run('ledger check', {})).toMatchObject({ ok: true });

    const database = new SqliteDatabase(join(dataDir, DATABASE_FILE));
    const count = (text: string) => database.prepare<[], { n: number }>(text).get()?.n;
    expect(count('SELECT count(*) AS n FROM outbox')).toBe(0);
    expect(count("SELECT count(*) AS n FROM outbox_settled WHERE state = 'done'")).toBe(EVENTS);
    database.close();
    const { rssFirst = 0, rssMost = 0 } = drained ?? {};
    console.log(
      `${EVENTS} events · left at the kills: ${leftAtKills.join(', ')} · till's memory ${rssFirst} MiB at first, ${rssMost} MiB at most`,
    );
    expect(rssMost - rssFirst).toBeLessThan(GROWTH_MIB);
  },
  4 * HOURS,
);
