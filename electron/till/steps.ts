/**
 * The steps of a redemption at which a crash is tried. Each is named for what has just become true:
 * `request_sent` and `capture_sent`: the gateway answered and nothing of it is on the till's disk yet, the worst moment
 * to die; `code_submitted`: the call is on its way; `grant_saved`: inside the transaction, before its commit;
 * `grant_consumed`: after it, and no byte has left; `slip_printing`: the slip is marked as leaving, and has not;
 * `drawer_written`: the bytes are with the port; `slip_sent`: the printer said that the slip is printed, and that is not on
 * the till's disk yet.
 */
export const REDEMPTION_STEPS = [
  'request_saved',
  'request_sent',
  'created',
  'code_submitted',
  'grant_received',
  'grant_saved',
  'grant_consumed',
  'drawer_written',
  'slip_printing',
  'slip_sent',
  'slip_confirmed',
  'capture_queued',
  'capture_sent',
  'capture_confirmed',
] as const;
export type RedemptionStep = (typeof REDEMPTION_STEPS)[number];

/** The same of an approval; `slip_printing` to `slip_confirmed` are steps of both. */
export const APPROVAL_STEPS = [
  'approval_request_saved',
  'approval_request_sent',
  'approval_created',
  'approval_grant_received',
  'approval_grant_saved',
  'approval_grant_consumed',
  'approval_drawer_written',
  'slip_printing',
  'slip_sent',
  'slip_confirmed',
  'approval_acted',
] as const;
export type ApprovalStep = (typeof APPROVAL_STEPS)[number];

/** The same of a cash sale; the first is inside the transaction, before its commit. */
export const CASH_SALE_STEPS = ['cash_sale_saved', 'cash_sale_consumed', 'cash_sale_drawer_written'] as const;
export type CashSaleStep = (typeof CASH_SALE_STEPS)[number];

/** The same of each entry of a cashier's shift: inside the transaction, before its commit, and after it. */
export const CASH_SHIFT_STEPS = ['cash_entry_saved', 'cash_entry_kept'] as const;
export type CashShiftStep = (typeof CASH_SHIFT_STEPS)[number];
export type TillStep = RedemptionStep | ApprovalStep | CashSaleStep | CashShiftStep;
