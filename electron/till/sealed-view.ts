import type { RedemptionView } from '../../shared/bridge.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { type Core, contextOf } from './core.ts';
import { cacheAgeMs, limitsLeft } from './offline-rules.ts';

/** What the screen shows of a redemption without a line; null: an ordinary one. */
export function sealedView(core: Core, row: RedemptionRow): RedemptionView['sealed'] {
  const { offline, customer, asset } = row;
  if (offline === null || customer === null) return null;
  const { failed, lockLeftMs } = core.store.sealedAttempts.read();
  const bundle = core.sealed.current();
  const left = bundle === null ? null : limitsLeft(core, bundle.claims.limits, customer.id, asset);
  const waiting = row.stage === 'awaiting_sealed';
  const cached = waiting ? core.store.customers.get(customer.id) : null;
  return {
    supervisors: waiting ? core.sealed.supervisors().filter(({ id }) => id !== row.staffId) : [],
    triesLeft: Math.max(0, contextOf(core).policy.offline.tries - failed),
    lockedForMs: lockLeftMs > 0 ? lockLeftMs : null,
    available: offline.available,
    ageMs: cached === null ? offline.ageMs : cacheAgeMs(core, cached),
    left: { customer: Math.max(0, left?.customer ?? 0), till: Math.max(0, left?.till ?? 0) },
  };
}
