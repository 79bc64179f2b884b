import type { AuditEvent } from '../../../shared/audit/event.ts';
import { peerSignal } from '../peer-signal.ts';

/**
 * Times that a till lost its line while no other till of the store did within `withinMinutes` before or after, per hour at the
 * till, counted for whoever was signed in: a cable that was pulled, so that spending is capped and not checked. A line of the
 * shop that fails takes all its tills; a till with a bad cable does it to everybody there. In a shop of one till each loss counts.
 */
export const lineLostAlone = peerSignal({
  id: 'line_lost_alone',
  exposure: 'hours',
  kinds: ['line.lost'],
  detect({ emit, floor, thresholds }) {
    let waiting: { event: AuditEvent; staffId: string | null; until: number; alone: boolean }[] = [];
    const lastOf = new Map<string, { at: number; tillId: string | null }[]>();
    return {
      see(event) {
        const storeId = event.storeId ?? '';
        const nearMs = thresholds(storeId).withinMinutes * 60_000;
        const recent = (lastOf.get(storeId) ?? []).filter(({ at }) => at >= event.at - nearMs);
        const others = recent.some(({ tillId }) => tillId !== event.tillId);
        for (const lost of waiting) {
          if (lost.event.storeId === storeId && lost.event.tillId !== event.tillId) lost.alone = false;
        }
        recent.push(event);
        lastOf.set(storeId, recent);
        waiting.push({ event, staffId: floor.staffOf(event), until: event.at + nearMs, alone: !others });
      },
      tick(at) {
        if (waiting.length === 0 || (waiting[0]?.until ?? 0) >= at) return;
        for (const { event, staffId, until, alone } of waiting) if (until < at && alone) emit(event, staffId);
        waiting = waiting.filter(({ until }) => until >= at);
      },
    };
  },
});
