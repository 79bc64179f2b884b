import { forgetBefore, numberOf, saleOf } from '../memory.ts';
import { approved, peerSignal } from '../peer-signal.ts';

const isVoid = approved('void');

/**
 * Voids asked for `afterMinutes` or longer after the drawer opened for that sale, per sale: by then the customer has left with
 * goods and receipt. The time is that of the request; a supervisor who answers late makes no void late.
 */
export const lateVoid = peerSignal({
  id: 'late_void',
  exposure: 'sales',
  kinds: ['shift.used', 'approval.approved'],
  detect({ emit, floor, thresholds }) {
    const sales = new Map<string, { at: number; id: number }>();
    return {
      see(event) {
        const sale = saleOf(event);
        if (sale === null) return;
        if (event.kind === 'shift.used') {
          sales.set(sale, event);
          return;
        }
        const made = isVoid(event) ? sales.get(sale) : undefined;
        if (made === undefined) return;
        const asked = event.at - (numberOf(event, 'ms') ?? 0);
        const { afterMinutes } = thresholds(event.storeId ?? '');
        if (asked - made.at >= afterMinutes * 60_000)
          emit(event, floor.staffOf(event), { ids: [made.id, event.id] });
      },
      forget: (at) => forgetBefore(sales, at, (made) => made.at),
    };
  },
});
