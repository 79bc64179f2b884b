import { forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

/** Redemptions cancelled after the right code was given, per redemption: the customer believes that they have paid. */
export const cancelledAfterCode = peerSignal({
  id: 'cancelled_after_code',
  exposure: 'redemptions',
  kinds: ['redemption.authorised', 'redemption.released'],
  detect({ emit, floor }) {
    const authorised = new Map<string, { at: number; id: number }>();
    return {
      see(event) {
        const { subjectId } = event;
        if (subjectId === null) return;
        if (event.kind === 'redemption.authorised') {
          authorised.set(subjectId, event);
          return;
        }
        const before = authorised.get(subjectId);
        if (before !== undefined) emit(event, floor.staffOf(event), { ids: [before.id, event.id] });
      },
      forget: (at) => forgetBefore(authorised, at, (event) => event.at),
    };
  },
});
