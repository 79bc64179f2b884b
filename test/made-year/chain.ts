/** A made chain of outlets: who works there, how, and who buys there. Drawn once from the seed. */

import type { Facts, StoreFacts } from '../../cloud/signals/facts.ts';
import { DEFAULT_SIGNALS } from '../../shared/signal-policy.ts';
import type { Prng } from '../sim-shop/prng.ts';

export const DAY_MS = 86_400_000;
/** 1 January 2026, a Thursday. */
export const FIRST_DAY = 20_454;

/** What a person does more (above 1) or less often than others. */
export interface Habits {
  readonly voids: number;
  readonly refunds: number;
  readonly noSales: number;
  readonly discounts: number;
  readonly reprints: number;
  readonly cash: number;
  readonly pins: number;
  readonly drawer: number;
}

export interface Cashier {
  readonly id: string;
  readonly outlet: Outlet;
  /** Days of the year between which they work here. */
  readonly from: number;
  readonly until: number;
  readonly likes: 'early' | 'late';
  readonly habits: Habits;
}

export interface Supervisor {
  readonly id: string;
  /** Taps before reading now and then, by mistake. */
  readonly clumsy: boolean;
  /** Half of their answers come within so many ms. */
  readonly medianMs: number;
}

export interface Till {
  readonly id: string;
  readonly number: number;
  /** Where the outlet takes goods back: few sales, many refunds, whoever stands there. */
  readonly returnsDesk: boolean;
  /** Opens by itself now and then. */
  readonly badSwitch: boolean;
  readonly badCable: boolean;
  readonly seq: { next: number };
}

export interface Customer {
  readonly id: string;
  readonly phoneTag: string;
}

export interface Outlet {
  readonly id: string;
  readonly index: number;
  readonly timezone: string;
  /** Ms that the zone is ahead of UTC: Indonesia's zones have no summer time. */
  readonly offset: number;
  /** Minutes of the day. */
  readonly opens: number;
  readonly closes: number;
  /** Whether its policy says when it is open. */
  readonly saysHours: boolean;
  readonly tills: readonly Till[];
  readonly cashiers: readonly Cashier[];
  readonly supervisors: readonly Supervisor[];
  readonly manager: Supervisor;
  readonly customers: readonly Customer[];
  /** Buys for a stall of their own, several times on a day. */
  readonly reseller: Customer;
  readonly salesPerTill: number;
  /** Times a day that the shop's line fails. */
  readonly outages: number;
  readonly seq: { next: number };
}

export interface Chain {
  readonly outlets: readonly Outlet[];
  readonly days: number;
  /** Number in a UUID: the same seed names the same things. */
  readonly uuid: () => string;
}

const CUSTOMERS_PER_OUTLET = 300;
/** Of customers, how many share their phone with the one before (families). */
const SHARED_PHONE = 0.05;
const STAFF_PER_TILL = 2.6;
/** Cashiers who leave in a year and are followed by somebody new. */
const TURNOVER = 0.35;

export function makeChain(
  prng: Prng,
  seed: number,
  { outlets, days }: { outlets: number; days: number },
): Chain {
  let count = 0;
  const uuid = () => {
    count += 1;
    return `${seed.toString(16).padStart(8, '0')}-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
  };
  const made = Array.from({ length: outlets }, (_, index) =>
    makeOutlet(prng.fork(`outlet ${index}`), index, { uuid, days }),
  );
  return { outlets: made, days, uuid };
}

function makeOutlet(prng: Prng, index: number, { uuid, days }: { uuid: () => string; days: number }): Outlet {
  const [timezone, hours] =
    index % 7 === 5 ? (['Asia/Makassar', 8] as const) : (['Asia/Jakarta', 7] as const);
  const tills = Array.from(
    { length: prng.between(2, 5) },
    (_, number): Till => ({
      id: uuid(),
      number: number + 1,
      returnsDesk: index === 1 && number === 0,
      badSwitch: index % 8 === 3 && number === 1,
      badCable: index % 8 === 2 && number === 1,
      seq: { next: 1 },
    }),
  );
  const customers: Customer[] = [];
  for (let n = 0; n < CUSTOMERS_PER_OUTLET; n += 1) {
    const shared = n > 0 && prng.chance(SHARED_PHONE) ? customers[n - 1]?.phoneTag : undefined;
    customers.push({ id: uuid(), phoneTag: shared ?? `tag-${uuid()}` });
  }
  const cashiers: Cashier[] = [];
  const outlet: Outlet = {
    ...{ id: uuid(), index, timezone, offset: hours * 3_600_000, tills, cashiers, customers },
    opens: prng.pick([540, 600]),
    closes: prng.pick([1260, 1290, 1320]),
    saysHours: index % 3 !== 2,
    supervisors: Array.from({ length: 3 }, (_, n) =>
      makeSupervisor(prng, uuid(), index % 6 === 4 && n === 0),
    ),
    manager: makeSupervisor(prng, uuid(), false),
    reseller: { id: uuid(), phoneTag: `tag-${uuid()}` },
    salesPerTill: prng.between(40, 80),
    outages: index === 2 ? 2.5 : 0.04,
    seq: { next: 1 },
  };
  cashiers.push(...makeCashiers(prng, outlet, { uuid, days }));
  return outlet;
}

function makeSupervisor(prng: Prng, id: string, clumsy: boolean): Supervisor {
  return { id, clumsy, medianMs: prng.between(15_000, 60_000) };
}

function makeCashiers(
  prng: Prng,
  outlet: Outlet,
  { uuid, days }: { uuid: () => string; days: number },
): Cashier[] {
  const made: Cashier[] = [];
  const places = Math.ceil(outlet.tills.length * STAFF_PER_TILL);
  for (let place = 0; place < places; place += 1) {
    const likes = place % 2 === 0 ? 'early' : 'late';
    const leaves = prng.chance((TURNOVER * days) / 365) ? prng.between(20, Math.max(21, days - 20)) : days;
    // Of those there at the beginning nobody is new.
    made.push({ id: uuid(), outlet, from: -400, until: leaves, likes, habits: makeHabits(prng) });
    if (leaves < days)
      made.push({ id: uuid(), outlet, from: leaves, until: days, likes, habits: makeHabits(prng) });
  }
  return made;
}

function makeHabits(prng: Prng): Habits {
  const habit = (spread: number) => Math.exp(spread * normal(prng));
  return {
    voids: habit(0.35),
    refunds: habit(0.3),
    noSales: habit(0.45),
    discounts: habit(0.3),
    reprints: habit(0.4),
    cash: habit(0.3),
    pins: habit(0.5),
    drawer: habit(0.5),
  };
}

/** Box and Muller. */
export function normal(prng: Prng): number {
  return Math.sqrt(-2 * Math.log(1 - prng.next())) * Math.cos(2 * Math.PI * prng.next());
}

/** Knuth's, for small means; the normal distribution for large ones. */
export function poisson(prng: Prng, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(prng)));
  const limit = Math.exp(-mean);
  let [count, product] = [0, prng.next()];
  while (product > limit) {
    count += 1;
    product *= prng.next();
  }
  return count;
}

/** More mistakes in the first weeks: three times as many on the first day, as many as others after some six weeks. */
export function clumsinessOf({ from }: Cashier, day: number): number {
  return 1 + 2 * Math.exp(-Math.max(0, day - from) / 14);
}

/** What the gateway knows of the chain beside its events. */
export function factsOf({ outlets }: Chain): Facts {
  const stores = outlets.map(({ id, timezone, opens, closes, saysHours }): [string, StoreFacts] => {
    const week = Array.from({ length: 7 }, (_, day) => ({ day, from: opens, to: closes }));
    return [
      id,
      {
        ...{ id, timezone, hours: saysHours ? week : [], thresholds: DEFAULT_SIGNALS },
        freeDiscount: { amount: null, basisPoints: 1000 },
        codeFrom: { deposit: CODE_FROM, points: 0 },
      },
    ];
  });
  const since = outlets.flatMap(({ cashiers }) =>
    cashiers.map(({ id, from }): [string, number] => [id, (FIRST_DAY + from) * DAY_MS]),
  );
  return { stores: new Map(stores), staffSince: new Map(since) };
}

/** Redemptions of less than this from the deposit need no code in this chain. */
export const CODE_FROM = 20_000;
