/** An outlet's day: who stands where, when the line fails, and the honest work of all. */
import type { Prng } from '../sim-shop/prng.ts';
import { isLongEvening, isStocktaking } from './calendar.ts';
import {
  type Cashier,
  type Customer,
  DAY_MS,
  FIRST_DAY,
  type Outlet,
  poisson,
  type Supervisor,
  type Till,
} from './chain.ts';
import { createDesk, type Desk } from './desk.ts';
import { workHonestly } from './honest.ts';
import type { Recorder } from './recorder.ts';

const MINUTE_MS = 60_000;
/** One day in so many a cashier is free. */
const FREE_EVERY = 6;

export interface StoreDay {
  readonly outlet: Outlet;
  readonly day: number;
  readonly recorder: Recorder;
  readonly prng: Prng;
  readonly uuid: () => string;
  readonly customers: (prng: Prng) => Customer;
}

/** @returns the desks of the day, in case somebody there does more than that */
export function playStoreDay({ outlet, day, recorder, prng, uuid, customers }: StoreDay): Desk[] {
  const midnight = (FIRST_DAY + day) * DAY_MS - outlet.offset;
  const opens = midnight + outlet.opens * MINUTE_MS;
  const closes = midnight + (outlet.closes + (isLongEvening(day) ? 90 : 0)) * MINUTE_MS;
  const change = opens + (closes - opens) / 2;
  const outages = lineOutages(outlet, recorder, prng, opens, closes);
  const isDown = (at: number) => outages.some(({ from, to }) => at >= from && at < to);
  const duty = rota(outlet, day);
  const desks: Desk[] = [];
  const sales = new Map(outlet.tills.map((till) => [till, { count: 0 }]));
  const busy = new Set<Cashier>();
  for (const [part, from, to] of [
    ['early', opens, change],
    ['late', change, closes],
  ] as const) {
    const free = staffFor(outlet, day, part, prng).filter(
      (cashier) => part === 'early' || !busy.has(cashier),
    );
    for (const till of outlet.tills) {
      const cashier = free.shift();
      // Too few came: the till stays shut.
      if (cashier === undefined) break;
      busy.add(cashier);
      const shift = {
        ...{ outlet, till, cashier, day },
        from,
        to: to + prng.below(10) * MINUTE_MS,
        supervisors: duty[part],
      };
      desks.push(createDesk({ shift, recorder, prng, uuid, isDown, sales: sales.get(till) ?? { count: 0 } }));
    }
  }
  for (const desk of desks) workHonestly(desk, customers);
  restOfDay(outlet, day, prng, desks);
  return desks;
}

/** Those who are there that day, who likes the hours first. Two days a week somebody takes the other half of the day. */
function staffFor(outlet: Outlet, day: number, part: 'early' | 'late', prng: Prng): Cashier[] {
  const there = outlet.cashiers.filter(
    ({ from, until }, index) => day >= from && day < until && (day + index * 5) % FREE_EVERY !== 0,
  );
  return there
    .map((cashier) => ({ cashier, rank: (cashier.likes === part ? 0 : 1) + prng.next() * 1.35 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ cashier }) => cashier);
}

/** Three supervisors: each half of a day has one on duty and another within reach; who, changes from day to day. */
function rota(
  { supervisors }: Outlet,
  day: number,
): Record<'early' | 'late', readonly [Supervisor, ...Supervisor[]]> {
  const at = (place: number) =>
    supervisors[(place + supervisors.length * 10) % supervisors.length] as Supervisor;
  const first = Math.floor(day / 2) % supervisors.length;
  return { early: [at(first), at(first + 2)], late: [at(first + 1), at(first + 2)] };
}

function lineOutages(outlet: Outlet, recorder: Recorder, prng: Prng, opens: number, closes: number) {
  const outages: { from: number; to: number }[] = [];
  const lose = (tills: readonly Till[], from: number, ms: number) => {
    for (const till of tills) {
      const at = from + prng.below(50_000);
      recorder.till(outlet, till, at, 'line.lost');
      recorder.till(outlet, till, at + ms, 'line.back', { detail: { ms } });
    }
  };
  for (let n = poisson(prng, outlet.outages); n > 0; n -= 1) {
    const from = opens + prng.next() * (closes - opens);
    const ms = 120_000 + prng.below(1_800_000);
    lose(outlet.tills, from, ms);
    outages.push({ from: from + 60_000, to: from + ms });
  }
  for (const till of outlet.tills) {
    for (let n = poisson(prng, till.badCable ? 0.6 : 0.015); n > 0; n -= 1) {
      lose([till], opens + prng.next() * (closes - opens), 30_000 + prng.below(240_000));
    }
  }
  return outages;
}

function restOfDay(outlet: Outlet, day: number, prng: Prng, desks: readonly Desk[]): void {
  const last = desks.filter(({ shift }) => shift.to > shift.from).slice(-2);
  const [one, other] = last;
  // Stock is counted together, and the drawers with it.
  if (isStocktaking(day) && one !== undefined && other !== undefined) {
    for (let n = 0; n < 3; n += 1) {
      const at = Math.max(one.shift.to, other.shift.to) + (80 + n * 12) * MINUTE_MS;
      one.ask(at, { action: 'no_sale' });
      other.ask(at + 240_000, { action: 'no_sale' });
    }
  }
  // Somebody forgot something, and came back for it.
  if (one !== undefined && prng.chance(0.004)) one.ask(one.shift.to + 70 * MINUTE_MS, { action: 'no_sale' });
  // The stall's owner comes three times, to whoever is free.
  if (desks.length > 0 && (day + outlet.index) % 4 === 0) {
    for (let visit = 0; visit < 3; visit += 1) {
      const desk = prng.pick(desks);
      const sale = desk.sale(desk.anyTime());
      desk.earn(sale.at + 3000, outlet.reseller, sale.saleRef, Math.ceil(sale.amount / 1000));
    }
  }
}
