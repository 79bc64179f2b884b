import type { AuditEvent } from '../../../shared/audit/event.ts';
import { numberOf } from '../memory.ts';
import { approved, peerSignal } from '../peer-signal.ts';

const isDiscount = approved('discount');

/**
 * Discounts that nobody was asked for and that lie in the band just under the limit (`bandBasisPoints` of it), per discount. A
 * usual promotion that happens to lie there is everybody's.
 */
export const discountNearLimit = peerSignal({
  id: 'discount_near_limit',
  exposure: 'discounts',
  kinds: ['approval.approved'],
  detect: ({ emit, floor, thresholds }) => ({
    see(event: AuditEvent) {
      if (!isDiscount(event) || event.detail.via !== 'free') return;
      const storeId = event.storeId ?? '';
      const limit = floor.store(storeId)?.freeDiscount;
      const from = 1 - thresholds(storeId).bandBasisPoints / 10_000;
      const isUnder = (value: number | null, most: number | null | undefined) =>
        value !== null && most != null && value < most && value >= most * from;
      if (
        isUnder(numberOf(event, 'basisPoints'), limit?.basisPoints) ||
        isUnder(event.amount, limit?.amount)
      ) {
        emit(event, floor.staffOf(event));
      }
    },
  }),
});
