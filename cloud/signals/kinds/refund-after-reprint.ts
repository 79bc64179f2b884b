import { forgetBefore, saleOf } from '../memory.ts';
import { approved, peerSignal } from '../peer-signal.ts';

const isRefund = approved('refund');

/** Refunds of a sale whose slip was copied within `withinMinutes` before, per sale: the copy stands in for the customer. */
export const refundAfterReprint = peerSignal({
  id: 'refund_after_reprint',
  exposure: 'sales',
  kinds: ['slip.reprint', 'approval.approved'],
  detect({ emit, floor, thresholds }) {
    const copies = new Map<string, { at: number; id: number }>();
    return {
      see(event) {
        const sale = saleOf(event);
        if (sale === null) return;
        if (event.kind === 'slip.reprint') {
          copies.set(sale, event);
          return;
        }
        const copy = isRefund(event) ? copies.get(sale) : undefined;
        if (copy === undefined) return;
        if (event.at - copy.at > thresholds(event.storeId ?? '').withinMinutes * 60_000) return;
        copies.delete(sale);
        emit(event, floor.staffOf(event), { ids: [copy.id, event.id] });
      },
      forget: (at) => forgetBefore(copies, at, (copy) => copy.at),
    };
  },
});
