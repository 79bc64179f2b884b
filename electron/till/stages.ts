import type { RedemptionStage } from '../../shared/bridge.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { PosRedemptionStatus } from '../../shared/pos-link-api.ts';
import type { RedemptionStatus } from '../../shared/redemption.ts';
import type { RedemptionRow, Settlement, StoredStage } from '../store/redemption-row.ts';

/**
 * What the gateway's status means for a redemption that this till has open and unverified: go on waiting, take the
 * grant and act, or end. Once a grant was used the till's own row decides, and the gateway is told.
 */
export const GATEWAY_STATUS: Record<
  RedemptionStatus,
  | { so: 'wait' }
  | { so: 'act' }
  | { so: 'end'; stage: 'cancelled' | 'expired' | 'failed'; error: ErrorCode | null }
> = {
  awaiting_code: { so: 'wait' },
  authorised: { so: 'act' },
  released: { so: 'end', stage: 'cancelled', error: null },
  expired: { so: 'end', stage: 'expired', error: 'code_expired' },
  failed: { so: 'end', stage: 'failed', error: 'code_tries_exhausted' },
  // Captured without a grant used here: another till wears this one's identity. Never acted on.
  captured: { so: 'end', stage: 'failed', error: 'redemption_state' },
};

/** What the terminal is told, by the till's stage and then by how far the settlement is. */
const POS_STATUS: Record<RedemptionStage, Record<Settlement, PosRedemptionStatus>> = {
  requesting: always('requesting'),
  awaiting_code: always('awaiting_code'),
  awaiting_sealed: always('awaiting_sealed'),
  checking: always('awaiting_code'),
  acting: always('authorised'),
  awaiting_capture: always('authorised'),
  done: { none: 'capturing', queued: 'capturing', confirmed: 'captured', refused: 'failed' },
  cancelled: { none: 'cancelled', queued: 'cancelling', confirmed: 'cancelled', refused: 'failed' },
  expired: always('expired'),
  failed: always('failed'),
};

function always(status: PosRedemptionStatus): Record<Settlement, PosRedemptionStatus> {
  return { none: status, queued: status, confirmed: status, refused: status };
}

export function posStatusOf(stage: RedemptionStage, settlement: Settlement): PosRedemptionStatus {
  return POS_STATUS[stage][settlement];
}

const OPEN: Record<StoredStage, boolean> = {
  requesting: true,
  awaiting_code: true,
  awaiting_sealed: true,
  acting: true,
  awaiting_capture: true,
  done: false,
  cancelled: false,
  expired: false,
  failed: false,
};

/** Not finished: the till takes no other, and nobody is signed out under it. */
export function isOpen(row: RedemptionRow): boolean {
  return OPEN[row.stage];
}
