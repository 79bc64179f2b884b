import { forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

interface Tries {
  at: number;
  ids: number[];
}

/**
 * Sign-ins after `wrong` or more wrong PINs for that person within `withinMinutes`, per hour of work, counted for whose PIN it
 * is: somebody else may have found it. Who forgets a PIN does so rarely, and new staff more often.
 */
export const pinGuessing = peerSignal({
  id: 'pin_guessing',
  exposure: 'hours',
  kinds: ['session.pin_wrong', 'session.signed_in'],
  detect({ emit, thresholds }) {
    const tries = new Map<string, Tries>();
    return {
      see(event) {
        const { staffId, at, id } = event;
        if (staffId === null) return;
        const limits = thresholds(event.storeId ?? '');
        const before = tries.get(staffId);
        const recent =
          before !== undefined && at - before.at <= limits.withinMinutes * 60_000 ? before.ids : [];
        if (event.kind === 'session.pin_wrong') {
          tries.set(staffId, { at, ids: [...recent, id] });
          return;
        }
        tries.delete(staffId);
        if (recent.length >= limits.wrong) emit(event, staffId, { ids: [...recent, id] });
      },
      forget: (at) => forgetBefore(tries, at, (one) => one.at),
    };
  },
});
