import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { TcpProxy } from '../fixtures/tcp-proxy.ts';
import { removeTempFolders } from '../fixtures/temp-folder.ts';
import { AMOUNT, openBacklogShop, outboxOf, pause, startTill } from './offline-backlog.ts';

/**
 * Thirty days without a line, then drained over a line that is cut, slow and half closed, while the till, the gateway or
 * both are killed again and again: real processes, a real SQLite file, PostgreSQL, TCP. `SAKSI_OFFLINE_EVENTS` sets how
 * many were queued.
 */
const EVENTS = Number(process.env.SAKSI_OFFLINE_EVENTS ?? 600);
/** How long the line is bad before the power goes: longer each time. */
const SPOILT_MS = 60;
/** MiB that a till may hold more while a backlog goes, whatever its length. */
const GROWTH_MIB = 24;
const HOURS = 3_600_000;

let shop: Awaited<ReturnType<typeof openBacklogShop>>;
beforeAll(async () => {
  shop = await openBacklogShop();
}, 180_000);
beforeEach(() => {
  shop.proxy.mode('pass');
  shop.proxy.delay(0);
});
afterAll(async () => {
  await shop?.close();
  removeTempFolders();
});

/** What happens to the line, in turn: each is a moment of a real shop's router. */
const MOODS: readonly ((line: TcpProxy) => void)[] = [
  (line) => line.mode('cut'),
  (line) => line.mode('half_close'),
  (line) => line.delay(150),
  (line) => line.mode('black_hole'),
  (line) => line.drop(),
];

it.each([
  { dies: 'till', kills: 5 },
  { dies: 'gateway', kills: 5 },
  { dies: 'both', kills: 4 },
] as const)(
  `drains ${EVENTS} events of 30 days over a bad line through $kills kills ($dies): nothing lost, nothing doubled, memory flat`,
  async ({ dies, kills }) => {
    const backlog = await shop.backlog(EVENTS);
    const { dataDir, rich, poor } = backlog;
    const leftAtKills: number[] = [];
    let till = startTill({ dataDir, pairing: null });
    for (let kill = 0; kill < kills; kill += 1) {
      // In the middle of the backlog, each time a further part of it.
      await shop.bookedAtLeast(backlog, Math.floor((EVENTS * (kill + 1)) / (kills + 2)), till.child);
      MOODS[kill % MOODS.length]?.(shop.proxy);
      await pause(SPOILT_MS * (kill + 1));
      if (dies !== 'till') await shop.killGateway();
      if (dies !== 'gateway') {
        till.child.kill('SIGKILL');
        await till.ended;
      }
      leftAtKills.push(EVENTS - (await shop.booked(backlog)).length);
      shop.proxy.mode('pass');
      shop.proxy.delay(0);
      if (dies !== 'gateway') till = startTill({ dataDir, pairing: null });
      if (dies !== 'till') await shop.startGateway();
    }
    // Killed with something done and something to do; on a fast machine the last kills may come too late for that.
    expect(leftAtKills.filter((left) => left > 0 && left < EVENTS).length).toBeGreaterThanOrEqual(3);
    const drained = await till.ended;

    const booked = await shop.booked(backlog);
    expect(booked).toHaveLength(EVENTS);
    expect(new Set(booked.map((row) => row.sale_ref)).size).toBe(EVENTS);
    expect(booked.every(({ taken, lost }) => taken + lost === AMOUNT)).toBe(true);
    for (const customer of [rich, poor]) {
      const sales = booked
        .filter((row) => row.customer_id === customer)
        .map((row) => Number(row.sale_ref.slice(2)));
      expect(sales).toEqual(sales.toSorted((one, other) => one - other));
    }
    // The second customer's wallet held half of what was spent: the other half is the store's loss, to the unit.
    const perCustomer = (AMOUNT * EVENTS) / 2;
    expect(await shop.available(rich)).toBe(AMOUNT * EVENTS - perCustomer);
    expect(await shop.available(poor)).toBe(0);
    expect(booked.reduce((sum, { lost }) => sum + lost, 0)).toBe(perCustomer - (AMOUNT * EVENTS) / 4);
    expect(await shop.ledger()).toMatchObject({ ok: true });

    expect(outboxOf(dataDir)).toEqual({ waiting: 0, done: EVENTS });
    const { rssFirst = 0, rssMost = 0, heldFirst = 0, heldMost = 0 } = drained ?? {};
    console.log(
      `${EVENTS} events, ${dies} killed · left at the kills: ${leftAtKills.join(', ')} · till held ${heldFirst} MiB at first, ${heldMost} at most (resident ${rssFirst}, ${rssMost})`,
    );
    expect(heldMost - heldFirst).toBeLessThan(GROWTH_MIB);
  },
  4 * HOURS,
);
