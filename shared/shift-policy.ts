import { z } from 'zod';

/** What a shift grant may stand for, whatever a policy says. */
export const SHIFT_USES_MAX = 1_000;

/** Openings of the drawer for ordinary cash sales: how many a person or a till is given at once, and until when. */
export const shiftPolicySchema = z.object({
  /** Openings that a person gets at sign-in. */
  openings: z.number().int().min(10).max(SHIFT_USES_MAX),
  /** How long they hold. */
  hours: z.number().int().min(1).max(24),
  /** The next ones are asked for once so few are left. */
  renewAt: z.number().int().min(1).max(500),
  /** Openings that the till holds for whoever signs in while the line is down; 0: none. */
  spareOpenings: z.number().int().min(0).max(SHIFT_USES_MAX),
  /** How long those hold. */
  spareHours: z.number().int().min(1).max(720),
  /** The most that one cash sale may come to, whole minor units of the store's currency; 0: any amount. */
  amountMax: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Whether the cashier may open the drawer for a cash sale from the screen, where no terminal does. */
  manualCashSale: z.boolean(),
});
export type ShiftPolicy = z.infer<typeof shiftPolicySchema>;

export const DEFAULT_SHIFT: ShiftPolicy = {
  openings: 100,
  hours: 12,
  renewAt: 10,
  spareOpenings: 20,
  spareHours: 72,
  amountMax: 0,
  manualCashSale: false,
};
