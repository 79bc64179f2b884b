import { judgeByPeers } from '../judge.ts';
import { WINDOW_DAYS } from '../peer-signal.ts';
import { spreadAround } from '../robust.ts';
import type { Occurrence, Signal } from '../signal.ts';

/** What a very large difference counts at most: one large mistake is not a habit. */
const WEIGHT_MAX = 2;

/**
 * Shifts whose counted cash differs from what should be there by `usual` times what is usual or more, short or over,
 * per shift. Usual is the median size of the differences of all shifts that differ (of the peers, in the baseline and the
 * window). One counts as up to two.
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
    // What is usual among those that differ at all: most shifts do not, and would make every coin unusual.
    const { mad } = spreadAround(
      0,
      [...base, ...now].map(({ weight }) => weight).filter((weight) => weight !== 0),
    );
    const unit = Math.max(mad, 1);
    const large = ({ storeId, weight, ...rest }: Occurrence): Occurrence[] => {
      const limits = window.facts.stores.get(storeId)?.thresholds.cash_difference;
      const size = Math.abs(weight) / unit;
      if (limits === undefined || size < limits.usual) return [];
      return [{ ...rest, storeId, weight: Math.min(WEIGHT_MAX, size / limits.usual) }];
    };
    const by = { id: 'cash_difference', person: 'cashier', exposure: 'shifts' } as const;
    return judgeByPeers(window, by, { base: base.flatMap(large), now: now.flatMap(large) });
  },
};
