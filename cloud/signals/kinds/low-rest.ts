import { forgetBefore, saleOf } from '../memory.ts';
import { approved, peerSignal } from '../peer-signal.ts';

const isLineVoid = approved('line_void');

/**
 * Sales of which little was left (`restBasisPoints` of what they were, or less) after lines of them were voided within the
 * `withinMinutes` before the drawer opened, per sale: the customer pays the whole, the books get the rest.
 */
export const lowRest = peerSignal({
  id: 'low_rest',
  exposure: 'sales',
  kinds: ['approval.approved', 'shift.used'],
  detect({ emit, floor, thresholds }) {
    const voided = new Map<string, { at: number; amount: number; ids: number[] }>();
    return {
      see(event) {
        const sale = saleOf(event);
        if (sale === null || event.amount === null) return;
        if (event.kind === 'approval.approved') {
          if (!isLineVoid(event)) return;
          const before = voided.get(sale);
          voided.set(sale, {
            at: event.at,
            amount: (before?.amount ?? 0) + event.amount,
            ids: [...(before?.ids ?? []), event.id],
          });
          return;
        }
        const lines = voided.get(sale);
        if (lines === undefined) return;
        voided.delete(sale);
        const limits = thresholds(event.storeId ?? '');
        if (event.at - lines.at > limits.withinMinutes * 60_000) return;
        const rest = event.amount / (event.amount + lines.amount);
        if (rest * 10_000 <= limits.restBasisPoints)
          emit(event, floor.staffOf(event), { ids: [...lines.ids, event.id] });
      },
      forget: (at) => forgetBefore(voided, at, (lines) => lines.at),
    };
  },
});
