import { forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

interface Wrong {
  readonly at: number;
  readonly id: number;
}

/**
 * Redemptions that went through after `wrong` or more wrong codes for that customer in the `withinMinutes` before, whether in
 * the same redemption or in others, per redemption: guessed, or given by somebody else's phone in the end.
 */
export const redemptionAfterWrongCodes = peerSignal({
  id: 'redemption_after_wrong_codes',
  exposure: 'redemptions',
  kinds: ['code.wrong', 'redemption.authorised'],
  detect({ emit, floor, thresholds }) {
    const tries = new Map<string, Wrong[]>();
    return {
      see(event) {
        const key = event.customerId;
        if (key === null) return;
        const limits = thresholds(event.storeId ?? '');
        const since = event.at - limits.withinMinutes * 60_000;
        const recent = (tries.get(key) ?? []).filter(({ at }) => at >= since);
        if (event.kind === 'code.wrong') {
          // A code that is late was the right one.
          if (event.detail.why !== 'expired') tries.set(key, [...recent, { at: event.at, id: event.id }]);
          return;
        }
        tries.delete(key);
        if (recent.length < limits.wrong) return;
        emit(event, floor.staffOf(event), { ids: [...recent.map(({ id }) => id), event.id] });
      },
      forget: (at) => forgetBefore(tries, at, (wrong) => wrong.at(-1)?.at ?? 0),
    };
  },
});
