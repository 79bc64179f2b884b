import type { AuditEvent } from '../../../shared/audit/event.ts';
import type { StoreFacts } from '../facts.ts';
import { customerOf, forgetBefore, numberOf, saleOf } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

interface Part {
  readonly at: number;
  readonly id: number;
  readonly size: number;
}

/**
 * One thing cut into parts so that each stays under its limit, per sale: discounts of one sale that nobody was asked for and
 * that together reach the limit; redemptions of one customer, each below the amount that needs a code, that together reach it
 * within `withinMinutes`. Each is counted once, when the limit is reached.
 */
export const splitting = peerSignal({
  id: 'splitting',
  exposure: 'sales',
  kinds: ['approval.approved', 'redemption.authorised'],
  detect({ emit, floor, thresholds }) {
    const groups = new Map<string, Part[]>();
    return {
      see(event) {
        const storeId = event.storeId ?? '';
        const store = floor.store(storeId);
        const staffId = floor.staffOf(event);
        if (store === undefined || staffId === null) return;
        for (const { key, size, limit } of limited(event, store)) {
          const group = `${staffId}/${key}`;
          const since = event.at - thresholds(storeId).withinMinutes * 60_000;
          const parts = [
            ...(groups.get(group) ?? []).filter(({ at }) => at >= since),
            { at: event.at, id: event.id, size },
          ];
          groups.set(group, parts);
          const total = parts.reduce((sum, part) => sum + part.size, 0);
          // Only the part that reaches it: those after it belong to the same.
          if (parts.length > 1 && total >= limit && total - size < limit) {
            emit(event, staffId, { ids: parts.map(({ id }) => id) });
          }
        }
      },
      forget: (at) => forgetBefore(groups, at, (parts) => parts.at(-1)?.at ?? 0),
    };
  },
});

/** What of an event stayed under a limit, what it belongs to, and which limit. */
function limited(
  event: AuditEvent,
  { freeDiscount, codeFrom }: StoreFacts,
): { key: string; size: number; limit: number }[] {
  const found: { key: string; size: number; limit: number }[] = [];
  const add = (key: string | null, size: number | null, limit: number | null) => {
    if (key !== null && size !== null && limit !== null && size > 0 && size < limit)
      found.push({ key, size, limit });
  };
  if (event.kind === 'redemption.authorised') {
    const customer = customerOf(event);
    const limit = event.asset === 'deposit' || event.asset === 'points' ? codeFrom[event.asset] : 0;
    add(customer === null ? null : `${event.asset}/${customer}`, event.amount, limit > 0 ? limit : null);
  } else if (event.detail.action === 'discount' && event.detail.via === 'free') {
    const sale = saleOf(event);
    add(sale === null ? null : `percent/${sale}`, numberOf(event, 'basisPoints'), freeDiscount.basisPoints);
    add(sale === null ? null : `amount/${sale}`, event.amount, freeDiscount.amount);
  }
  return found;
}
