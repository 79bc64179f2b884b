import { forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

interface Refused {
  readonly at: number;
  readonly id: number;
  readonly approverId: string | null;
}

/**
 * Requests that one approver refused and another approved within `withinMinutes`, for the same action and sale (or amount,
 * where there is no sale), per request.
 */
export const approvalShopping = peerSignal({
  id: 'approval_shopping',
  exposure: 'asks',
  kinds: ['approval.rejected', 'approval.approved'],
  detect({ emit, floor, thresholds }) {
    const refused = new Map<string, Refused>();
    return {
      see(event) {
        const staffId = floor.staffOf(event);
        if (staffId === null || (event.saleRef === null && event.amount === null)) return;
        const key = `${staffId}/${event.detail.action}/${event.saleRef ?? event.amount}`;
        if (event.kind === 'approval.rejected') {
          refused.set(key, event);
          return;
        }
        const before = refused.get(key);
        if (before === undefined || event.approverId === null || before.approverId === event.approverId)
          return;
        refused.delete(key);
        if (event.at - before.at > thresholds(event.storeId ?? '').withinMinutes * 60_000) return;
        emit(event, staffId, { ids: [before.id, event.id] });
      },
      forget: (at) => forgetBefore(refused, at, (event) => event.at),
    };
  },
});
