import { z } from 'zod';

/**
 * A redemption on the gateway. The money behind it: `awaiting_code` and `authorised` hold a reservation,
 * `captured` has spent it, `released`, `expired` and `failed` have given it back.
 */
export const redemptionStatusSchema = z.enum([
  'awaiting_code',
  'authorised',
  'captured',
  'released',
  'expired',
  'failed',
]);
export type RedemptionStatus = z.infer<typeof redemptionStatusSchema>;

export type RedemptionEvent = 'code_accepted' | 'tries_exhausted' | 'lapse' | 'cancel' | 'capture';

/**
 * Every legal transition; all others are refused with `redemption_state`. An authorised redemption has no
 * `lapse`: a verified reservation is settled by the till or raised to a manager, never dropped (invariant 5).
 */
export const REDEMPTION_TRANSITIONS: Record<
  RedemptionStatus,
  Partial<Record<RedemptionEvent, RedemptionStatus>>
> = {
  awaiting_code: {
    code_accepted: 'authorised',
    tries_exhausted: 'failed',
    lapse: 'expired',
    cancel: 'released',
  },
  authorised: { capture: 'captured', cancel: 'released' },
  captured: {},
  released: {},
  expired: {},
  failed: {},
};

/** The status after `event`, or null when the event is illegal there. */
export function nextRedemptionStatus(
  status: RedemptionStatus,
  event: RedemptionEvent,
): RedemptionStatus | null {
  return REDEMPTION_TRANSITIONS[status][event] ?? null;
}

/** Holds a reservation: the money is neither the customer's to spend nor the store's yet. */
export function holdsReservation(status: RedemptionStatus): boolean {
  return status === 'awaiting_code' || status === 'authorised';
}
