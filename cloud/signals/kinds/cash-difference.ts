import { judgeByPeers } from '../judge.ts';
import { WINDOW_DAYS } from '../peer-signal.ts';
import { spreadOf } from '../robust.ts';
import type { Occurrence, Signal } from '../signal.ts';

/** What a difference of many deviations counts at most: one large mistake is not a habit. */
const WEIGHT_MAX = 2;

/**
 * Shifts whose counted cash differs from what should be there by more than `deviations` robust deviations of all shifts'
 * differences (of the peers, in the baseline and the window), short or over, per shift. One counts as up to two.
 */
export const cashDifference: Signal<'cash_difference'> = {
  id: 'cash_difference',
  person: 'cashier',
  windowDays: WINDOW_DAYS,
  kinds: ['cash.counted'],
  detect: ({ emit, floor }) => ({
    see(event) {
      if (event.amount !== null) emit(event, floor.staffOf(event), { weight: event.amount });
    },
  }),
  judge(window) {
    const { base, now } = window.occurrences('cash_difference');
    // What is usual: half of all shifts are nearer to their middle than this.
    const { median, sd } = spreadOf([...base, ...now].map(({ weight }) => weight));
    const unit = Math.max(sd, 1);
    const large = ({ storeId, weight, ...rest }: Occurrence): Occurrence[] => {
      const limits = window.facts.stores.get(storeId)?.thresholds.cash_difference;
      const deviations = Math.abs(weight - median) / unit;
      if (limits === undefined || deviations < limits.deviations) return [];
      return [{ ...rest, storeId, weight: Math.min(WEIGHT_MAX, deviations / limits.deviations) }];
    };
    const by = { id: 'cash_difference', person: 'cashier', exposure: 'shifts' } as const;
    return judgeByPeers(window, by, { base: base.flatMap(large), now: now.flatMap(large) });
  },
};
