import { forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

/**
 * Sealed codes used while the till had its line, per hour at the till: no code went to the customer's phone although it could
 * have. By the till's own record of its line, and by the gateway's, which heard from the till at that time.
 */
export const sealedWhileUp = peerSignal({
  id: 'sealed_while_up',
  exposure: 'hours',
  kinds: ['line.lost', 'line.back', 'sealed.used', 'offline.spent'],
  detect({ emit, floor }) {
    const down = new Set<string>();
    const counted = new Map<string, number>();
    return {
      see(event) {
        const { kind, tillId, detail, storeId } = event;
        if (tillId === null) return;
        if (kind === 'line.lost') down.add(tillId);
        else if (kind === 'line.back') down.delete(tillId);
        else {
          const wasUp = kind === 'sealed.used' ? !down.has(tillId) : detail.lineWasUp === true;
          const code = `${storeId}/${String(detail.sealedCodeId)}`;
          if (!wasUp || counted.has(code)) return;
          counted.set(code, event.at);
          emit(event, floor.staffOf(event));
        }
      },
      forget: (at) => forgetBefore(counted, at, (seen) => seen),
    };
  },
});
