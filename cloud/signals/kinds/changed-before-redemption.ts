import { forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

/**
 * Redemptions within `withinMinutes` of the customer's phone being changed, or of their being merged with another, per
 * redemption: the code went to a phone that somebody put there. Customers with a new phone redeem too, at any cashier.
 */
export const changedBeforeRedemption = peerSignal({
  id: 'changed_before_redemption',
  exposure: 'redemptions',
  kinds: ['customer.phone_changed', 'customer.merged', 'redemption.authorised'],
  detect({ emit, floor, thresholds }) {
    const changes = new Map<string, { at: number; id: number }>();
    return {
      see(event) {
        const { customerId } = event;
        if (customerId === null) return;
        if (event.kind !== 'redemption.authorised') {
          changes.set(customerId, event);
          return;
        }
        const change = changes.get(customerId);
        if (change === undefined) return;
        changes.delete(customerId);
        if (event.at - change.at > thresholds(event.storeId ?? '').withinMinutes * 60_000) return;
        emit(event, floor.staffOf(event), { ids: [change.id, event.id] });
      },
      forget: (at) => forgetBefore(changes, at, (change) => change.at),
    };
  },
});
