import type { AuditEvent } from '../../../shared/audit/event.ts';
import { forgetBefore, getOrMake } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

const MONEY_ACTIONS = ['void', 'refund', 'no_sale', 'cash_out'];
/** Whoever else worked so shortly before or after was there too. */
const TOGETHER_MS = 30 * 60_000;

/**
 * Nights on which somebody moved money alone outside opening hours (the policy's, or learnt from the sales of the weeks
 * before) by more than `marginMinutes`, per hour worked. Not counted where another member of staff worked at a till of the
 * store within half an hour of it: stocktaking and long evenings are done together.
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
    let waiting: { event: AuditEvent; staffId: string }[] = [];

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
        const { storeId } = event;
        if (staffId === null || storeId === null) return;
        const workers = getOrMake(last, storeId, () => new Map<string, number>());
        workers.set(staffId, event.at);
        waiting = waiting.filter((one) => one.staffId === staffId || one.event.storeId !== storeId);
        if (event.kind === 'approval.approved' && !MONEY_ACTIONS.includes(String(event.detail.action)))
          return;
        if (!isOutside(event)) return;
        for (const [other, at] of workers) if (other !== staffId && at > event.at - TOGETHER_MS) return;
        waiting.push({ event, staffId });
      },
      tick(at) {
        if (waiting.length === 0) return;
        for (const { event, staffId } of waiting) {
          if (event.at + TOGETHER_MS >= at) continue;
          const night = `${staffId}/${floor.localOf(event).day}`;
          if (!nights.has(night)) emit(event, staffId);
          nights.set(night, event.at);
        }
        waiting = waiting.filter(({ event }) => event.at + TOGETHER_MS >= at);
      },
      forget: (at) => forgetBefore(nights, at, (seen) => seen),
    };
  },
});
