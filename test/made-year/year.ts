/** A year of a chain of outlets: honest noise with frauds of each kind planted in it. The same seed is the same year. */
import type { AuditEvent } from '../../shared/audit/event.ts';
import { createPrng } from '../sim-shop/prng.ts';
import { type Chain, DAY_MS, FIRST_DAY, factsOf, makeChain } from './chain.ts';
import { commit, planFrauds } from './fraud-plan.ts';
import type { Fraud, Level } from './frauds.ts';
import { customersOf } from './honest.ts';
import { createRecorder } from './recorder.ts';
import { playStoreDay } from './store-day.ts';

export interface YearOptions {
  readonly outlets: number;
  readonly days: number;
  readonly seed: number;
  /** Planted of each kind; 0: an honest year. */
  readonly perKind: number;
  /** Left out: some careful, some steady, some brazen. */
  readonly level?: Level;
}

export interface MadeDay {
  /** Epoch day. */
  readonly day: number;
  /** Of all outlets, in the order of time. */
  readonly events: readonly AuditEvent[];
}

export function makeYear({ outlets, days, seed, perKind, level }: YearOptions) {
  const prng = createPrng(seed);
  const chain: Chain = makeChain(prng.fork('chain'), seed, { outlets, days });
  const frauds: readonly Fraud[] = planFrauds(prng.fork('frauds'), chain, perKind, level);
  /** By the id of an event: the fraud that made it. */
  const planted = new Map<number, number>();

  function* play(): Generator<MadeDay> {
    const recorder = createRecorder();
    const { uuid } = chain;
    for (let day = 0; day < days; day += 1) {
      const desks = chain.outlets.flatMap((outlet) =>
        playStoreDay({
          ...{ outlet, day, recorder, uuid, customers: customersOf(outlet, chain.outlets) },
          prng: prng.fork(`day ${day} of ${outlet.index}`),
        }),
      );
      for (const fraud of frauds) {
        if (day >= fraud.from && day < fraud.until) commit(fraud, { chain, day, desks, recorder });
      }
      // Days begin earlier in the east: an event may belong to the local day after this one.
      const end = (FIRST_DAY + day + 1) * DAY_MS - 7 * 3_600_000;
      yield {
        day: FIRST_DAY + day,
        events: recorder.take(day === days - 1 ? Number.POSITIVE_INFINITY : end, planted),
      };
    }
  }
  return { chain, facts: factsOf(chain), frauds, planted, play };
}
export type MadeYear = ReturnType<typeof makeYear>;
