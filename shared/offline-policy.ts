import { z } from 'zod';

const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Whole minor units of the store's currency, or points. 0: none of it without a line. */
const perAsset = z.object({ deposit: whole, points: whole });

export const offlineLimitsSchema = z.object({
  /** The most that one sealed code may stand for. */
  perCode: perAsset,
  /** Per customer and till in 24 hours. */
  perCustomer: perAsset,
  /** Per till in 24 hours. */
  perTill: perAsset,
});
export type OfflineLimits = z.infer<typeof offlineLimitsSchema>;

/** What may be spent while the line is down, on codes that supervisors were given before. */
export const offlinePolicySchema = z.object({
  enabled: z.boolean(),
  /** Unused codes that each supervisor holds for each till. */
  codesPerSupervisor: z.number().int().min(1).max(10),
  validDays: z.number().int().min(1).max(30),
  /** Who is given codes. */
  roles: z.array(z.enum(['supervisor', 'manager'])).min(1),
  limits: offlineLimitsSchema,
  /** A cached balance older than this is spent from no more. */
  balanceMaxAgeHours: z.number().int().min(1).max(720),
  /** Wrong sealed codes at a till, of whomever, that lock it; each next lock-out is twice as long, to a day. */
  tries: z.number().int().min(2).max(10),
  lockSeconds: z.number().int().min(30).max(86_400),
});
export type OfflinePolicy = z.infer<typeof offlinePolicySchema>;

/** What suits a small shop, in rupiah: small purchases go on, nothing that hurts. */
export const DEFAULT_OFFLINE: OfflinePolicy = {
  enabled: true,
  codesPerSupervisor: 3,
  validDays: 7,
  roles: ['supervisor', 'manager'],
  limits: {
    perCode: { deposit: 200_000, points: 20_000 },
    perCustomer: { deposit: 200_000, points: 20_000 },
    perTill: { deposit: 1_000_000, points: 100_000 },
  },
  balanceMaxAgeHours: 72,
  tries: 5,
  lockSeconds: 300,
};
