import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { Clock } from '../../shared/effects.ts';
import { amountSchema } from '../../shared/money.ts';
import { chainOf, cutLine, mendCashLine } from '../../test/fixtures/cash-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { CASHIER_ID, FakeGateway, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import type { CashSaleStep } from './steps.ts';

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
const STEPS: readonly CashSaleStep[] = ['cash_sale_saved', 'cash_sale_consumed', 'cash_sale_drawer_written'];
const MOVES = [
  'sell',
  'sell',
  'sell',
  'sell',
  'sign_in',
  'restart',
  'die',
  'wall',
  'hours',
  'line',
  'drawer',
];
const move = fc.record({ what: fc.constantFrom(...MOVES), n: fc.nat({ max: 11 }) });
const STAFF = [CASHIER_ID, SUPERVISOR_ID];

/** A gateway whose clock nobody at the till can set. */
function rightClock(clock: FakeClock): Clock {
  const start = clock.now();
  return {
    now: () => start + Math.floor(clock.monotonic()),
    monotonic: () => clock.monotonic(),
    schedule: (delayMs, fn) => clock.schedule(delayMs, fn),
  };
}

async function play(moves: readonly { what: string; n: number }[]): Promise<void> {
  const clock = new FakeClock();
  const right = rightClock(clock);
  const gateway = new FakeGateway(right);
  Object.assign(gateway.policy.shift, {
    openings: 10,
    hours: 2,
    renewAt: 2,
    spareOpenings: 3,
    spareHours: 4,
  });
  let diesAt: CashSaleStep | null = null;
  /** True time of each use, as it was committed. */
  const usedAt: number[] = [];
  const onStep = (step: string) => {
    if (step === 'cash_sale_consumed') usedAt.push(right.now());
    if (step === diesAt) throw new Error('died');
  };
  let desk: Desk = await openDesk({ clock, gateway, onStep });
  await desk.run(300);
  for (const { what, n } of moves) {
    if (what === 'sell' || what === 'die') {
      diesAt = what === 'die' ? (STEPS[n % 3] ?? null) : null;
      const wish = { saleRef: `S-${n}-${usedAt.length % 7}`, amount: amountSchema.parse(1_000) };
      await desk.call(desk.till.pos.openForCashSale(`key-of-sale-${n}-${right.now()}`, wish)).catch(() => {});
      diesAt = null;
      if (what === 'die') desk = await desk.restart();
    }
    if (what === 'sign_in') {
      await desk.till.invoke('session.signOut', {});
      await desk.signIn(STAFF[n % 2]);
    }
    if (what === 'restart') desk = await desk.restart();
    if (what === 'wall') clock.setWall(right.now() + (n - 6) * HOUR_MS);
    if (what === 'hours') await clock.leap((n / 4) * HOUR_MS);
    if (what === 'line') await (gateway.trouble.size > 0 ? mendCashLine(desk) : cutLine(desk));
    if (what === 'drawer') desk.devices.drawer = n % 2 === 0 ? 'confirms' : 'silent';
    await desk.run(100);
  }
  const uses = (await chainOf(desk, 'shift.used')).map(({ body }) => body);
  // Never an opening that is not on the chain.
  expect(desk.devices.pulses).toBeLessThanOrEqual(uses.length);
  const granted = [...gateway.shift.granted.values()];
  for (const { jti, uses: most, staffId } of granted) {
    const ofGrant = uses.filter((use) => use.jti === jti);
    // Never more than granted, each counted once, none by another person.
    expect(ofGrant.length).toBeLessThanOrEqual(most);
    expect(ofGrant.map(({ useNo }) => useNo)).toEqual(ofGrant.map((_, index) => index + 1));
    if (staffId !== null) expect(ofGrant.every((use) => use.staffId === staffId)).toBe(true);
  }
  expect(uses.filter(({ jti }) => !granted.some((grant) => grant.jti === jti))).toEqual([]);
  // None after its end, by the true time.
  const ends = new Map(granted.map(({ jti, jws }) => [jti, expOf(jws)]));
  expect(usedAt).toHaveLength(uses.length);
  expect(uses.filter(({ jti }, index) => (usedAt[index] ?? 0) >= (ends.get(String(jti)) ?? 0))).toEqual([]);
}

const expOf = (jws: string): number =>
  Number(JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()).exp) * 1000;

it('over any order of sales, deaths, clocks, people and lines: never more openings than granted, none off the chain', async () => {
  await fc.assert(fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 40 }), play), {
    numRuns: 25,
    examples: [
      [
        [
          { what: 'sign_in', n: 0 },
          ...Array.from({ length: 14 }, (_, n) => ({ what: 'sell', n: n % 12 })),
          { what: 'line', n: 0 },
          ...Array.from({ length: 25 }, (_, n) => ({ what: 'sell', n: n % 12 })),
        ],
      ],
    ],
  });
}, 120_000);
