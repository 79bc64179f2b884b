import { customerOf, forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

/**
 * Times that a cashier gave points to a customer to whom they had given some on the same day, per earning sale: the card in the
 * cashier's own pocket.
 */
export const pointsSamePair = peerSignal({
  id: 'points_same_pair',
  exposure: 'earned',
  kinds: ['wallet.earned'],
  detect({ emit, floor }) {
    const last = new Map<string, { at: number; id: number }>();
    return {
      see(event) {
        const [customer, staffId] = [customerOf(event), floor.staffOf(event)];
        if (customer === null || staffId === null) return;
        const key = `${staffId}/${customer}/${floor.localOf(event).day}`;
        const before = last.get(key);
        last.set(key, event);
        if (before !== undefined) emit(event, staffId, { key: customer, ids: [before.id, event.id] });
      },
      forget: (at) => forgetBefore(last, at, (event) => event.at),
    };
  },
});
