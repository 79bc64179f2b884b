import type { AuditEvent } from '../../../shared/audit/event.ts';
import { customerOf, forgetBefore } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

/**
 * Points that were spent at another outlet within `withinMinutes` of being earned, per earning sale, counted for the cashier
 * who gave them: an accomplice spends them where nobody saw them being made.
 */
export const earnedHereSpentThere = peerSignal({
  id: 'earned_here_spent_there',
  exposure: 'earned',
  kinds: ['wallet.earned', 'redemption.authorised'],
  detect({ emit, floor, thresholds }) {
    const earned = new Map<string, AuditEvent>();
    return {
      see(event) {
        const customer = customerOf(event);
        if (customer === null || event.asset === 'deposit') return;
        if (event.kind === 'wallet.earned') {
          earned.set(customer, event);
          return;
        }
        const before = earned.get(customer);
        if (before === undefined || before.storeId === event.storeId) return;
        if (event.at - before.at > thresholds(before.storeId ?? '').withinMinutes * 60_000) return;
        earned.delete(customer);
        // It happened when they were spent, to whoever gave them.
        emit({ ...before, at: event.at }, floor.staffOf(before), {
          key: customer,
          ids: [before.id, event.id],
        });
      },
      forget: (at) => forgetBefore(earned, at, (event) => event.at),
    };
  },
});
