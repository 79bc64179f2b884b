import type { AuditEvent } from '../../../shared/audit/event.ts';
import { forgetBefore, getOrMake } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

const MONEY_ACTIONS = ['void', 'refund', 'no_sale', 'cash_out'];
/** Whoever else worked so shortly before was there too. */
const TOGETHER_MS = 30 * 60_000;

/**
 * Nights on which somebody moved money alone outside opening hours (the policy's, or learnt from the sales of the weeks
 * before) by more than `marginMinutes`, per hour worked. Not counted where another member of staff worked at a till of the
 * store within the half hour before: stocktaking and long evenings are done together.
 */
export const afterHours = peerSignal({
  id: 'after_hours',
  exposure: 'hours',
  kinds: [
    'shift.used',
    'approval.approved',
    'redemption.authorised',
    'wallet.earned',
    'wallet.topped_up',
    'drawer.unexplained_opening',
  ],
  detect({ emit, floor, thresholds }) {
    /** By store: when each member of staff worked last. */
    const last = new Map<string, Map<string, number>>();
    const nights = new Map<string, number>();

    function isOutside(event: AuditEvent): boolean {
      const storeId = event.storeId ?? '';
      const hours = floor.store(storeId)?.hours ?? [];
      if (hours.length === 0) return false;
      const { weekday, minute } = floor.localOf(event);
      const margin = thresholds(storeId).marginMinutes;
      return !hours.some(
        ({ day, from, to }) => day === weekday && minute >= from - margin && minute < to + margin,
      );
    }

    return {
      see(event) {
        const staffId = floor.staffOf(event);
        if (staffId === null || event.storeId === null) return;
        const workers = getOrMake(last, event.storeId, () => new Map<string, number>());
        workers.set(staffId, event.at);
        if (event.kind === 'approval.approved' && !MONEY_ACTIONS.includes(String(event.detail.action)))
          return;
        if (!isOutside(event)) return;
        for (const [other, at] of workers) if (other !== staffId && at > event.at - TOGETHER_MS) return;
        const night = `${staffId}/${floor.localOf(event).day}`;
        if (nights.has(night)) return;
        nights.set(night, event.at);
        emit(event, staffId);
      },
      forget: (at) => forgetBefore(nights, at, (seen) => seen),
    };
  },
});
