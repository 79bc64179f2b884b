import type { CashSale, ShiftGrantRequest } from '../../shared/shift.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { keepCashSale } from './cash-sales.ts';
import { issueShiftGrant, type ShiftContext } from './grants.ts';

/** Openings of drawers for cash sales: given, and told of. */
export interface ShiftService {
  /**
   * Compact JWS, the same for the same key; null: policy gives no spare. Throws `staff_unknown`, `till_revoked`,
   * `too_many_requests` {seconds}, `idempotency_key_reused`.
   */
  issue(till: TillIdentity, idempotencyKey: string, request: ShiftGrantRequest): Promise<string | null>;
  /** Twice is as good as once. Throws `idempotency_key_reused`. */
  keep(till: TillIdentity, sale: CashSale): Promise<void>;
}

export function createShiftService(context: ShiftContext): ShiftService {
  const { engine, effects } = context;
  return {
    issue: (till, idempotencyKey, request) => issueShiftGrant(context, till, idempotencyKey, request),
    keep: (till, sale) => keepCashSale(engine.kysely, till, sale, effects.clock.now()),
  };
}
