import { z } from 'zod';

/**
 * Where each fraud signal begins to speak. Part of the store's signed policy (`policy.ts`); what each signal counts, and how it
 * compares, is in docs/signals.md.
 */
const times = z.number().min(1).max(1000);
const minutes = z.number().int().min(1).max(10_080);
const basisPoints = z.number().int().min(0).max(10_000);

/** What every signal has: whether it is looked for, how far from its peers a person must be, and how often it must happen. */
const base = {
  on: z.boolean(),
  /** Robust z-score against peers. */
  z: z.number().min(0).max(100),
  /** Occurrences in the window: below it nobody is named, however rare it is among peers. */
  count: times,
  /** Times what was expected of this person, at least. */
  ratio: times,
};
export type PeerThresholds = z.infer<ReturnType<typeof signal<Record<never, never>>>>;

function signal<Extra extends z.ZodRawShape>(extra: Extra) {
  return z.object({ ...base, ...extra });
}

const compared = signal({});
const within = signal({ withinMinutes: minutes });

export const signalPolicySchema = z.object({
  void_rate: compared,
  refund_rate: compared,
  price_override_rate: compared,
  /** A void counts as late from so long after its sale on. */
  late_void: signal({ afterMinutes: minutes }),
  no_sale: compared,
  unexplained_opening: compared,
  drawer_left_open: compared,
  /** The band just under the limit, in basis points of the limit. */
  discount_near_limit: signal({ bandBasisPoints: basisPoints }),
  splitting: within,
  redemption_after_wrong_codes: signal({ withinMinutes: minutes, wrong: times }),
  customers_one_phone: compared,
  customer_many_tills: compared,
  redemption_frequency: compared,
  same_pair: compared,
  /** Milliseconds from the request to the tap in which nobody has read it. */
  fast_approval: signal({ fastMs: z.number().int().min(0).max(60_000) }),
  approval_shopping: within,
  /** Minutes before opening and after closing that still count as work. */
  after_hours: signal({ marginMinutes: z.number().int().min(0).max(600) }),
  reprints: compared,
  refund_after_reprint: within,
  sealed_while_up: compared,
  line_lost_alone: within,
  offline_overdrawn: compared,
  /** A difference counts from so many times the usual one on. */
  cash_difference: signal({ usual: z.number().min(1).max(100) }),
  float_changed: compared,
  paid_out_rate: compared,
  changed_before_redemption: within,
  earned_here_spent_there: within,
  points_velocity: compared,
  points_same_pair: compared,
  manual_points: compared,
  codes_unentered: compared,
  unwanted_codes: compared,
  cancelled_after_code: compared,
  /** What is left of the sale, in basis points of what it was before the line void. */
  low_rest: signal({ withinMinutes: minutes, restBasisPoints: basisPoints }),
  pin_guessing: signal({ withinMinutes: minutes, wrong: times }),
  chain_refused: compared,
});
export type SignalPolicy = z.infer<typeof signalPolicySchema>;
export type SignalId = keyof SignalPolicy;

/** Tuned on made years (docs/signals.md), on other seeds than those that are reported there. */
export const DEFAULT_SIGNALS: SignalPolicy = {
  void_rate: { on: true, z: 3.8, count: 5, ratio: 2 },
  refund_rate: { on: true, z: 3.7, count: 5, ratio: 2 },
  price_override_rate: { on: true, z: 3.8, count: 5, ratio: 2 },
  late_void: { on: true, z: 3.8, count: 5, ratio: 2, afterMinutes: 10 },
  no_sale: { on: true, z: 3.8, count: 8, ratio: 2 },
  unexplained_opening: { on: true, z: 3.7, count: 4, ratio: 2 },
  drawer_left_open: { on: true, z: 4.2, count: 6, ratio: 2 },
  discount_near_limit: { on: true, z: 4, count: 5, ratio: 2, bandBasisPoints: 1500 },
  splitting: { on: true, z: 3.7, count: 3, ratio: 2, withinMinutes: 30 },
  redemption_after_wrong_codes: { on: true, z: 3.5, count: 3, ratio: 2, withinMinutes: 15, wrong: 3 },
  customers_one_phone: { on: true, z: 3, count: 4, ratio: 2 },
  customer_many_tills: { on: true, z: 2.8, count: 4, ratio: 2 },
  redemption_frequency: { on: true, z: 4.2, count: 6, ratio: 2 },
  same_pair: { on: true, z: 4, count: 12, ratio: 1.3 },
  fast_approval: { on: true, z: 4.5, count: 6, ratio: 2, fastMs: 4000 },
  approval_shopping: { on: true, z: 3.5, count: 3, ratio: 2, withinMinutes: 60 },
  after_hours: { on: true, z: 3.6, count: 2, ratio: 2, marginMinutes: 45 },
  reprints: { on: true, z: 3.8, count: 6, ratio: 2 },
  refund_after_reprint: { on: true, z: 3.6, count: 4, ratio: 2, withinMinutes: 4320 },
  sealed_while_up: { on: true, z: 3.3, count: 2, ratio: 2 },
  line_lost_alone: { on: true, z: 3.7, count: 4, ratio: 2, withinMinutes: 3 },
  offline_overdrawn: { on: true, z: 3.5, count: 2, ratio: 2 },
  cash_difference: { on: true, z: 4, count: 6, ratio: 2, usual: 8 },
  float_changed: { on: true, z: 3.5, count: 3, ratio: 2 },
  paid_out_rate: { on: true, z: 3.5, count: 5, ratio: 2 },
  changed_before_redemption: { on: true, z: 3.5, count: 3, ratio: 2, withinMinutes: 2880 },
  earned_here_spent_there: { on: true, z: 3.5, count: 4, ratio: 2, withinMinutes: 360 },
  points_velocity: { on: true, z: 2.6, count: 5, ratio: 2 },
  points_same_pair: { on: true, z: 4, count: 4, ratio: 2 },
  manual_points: { on: true, z: 3.7, count: 4, ratio: 2 },
  codes_unentered: { on: true, z: 3.8, count: 5, ratio: 2 },
  unwanted_codes: { on: true, z: 3.3, count: 2, ratio: 2 },
  cancelled_after_code: { on: true, z: 3.5, count: 3, ratio: 2 },
  low_rest: { on: true, z: 3.6, count: 3, ratio: 2, withinMinutes: 30, restBasisPoints: 2000 },
  pin_guessing: { on: true, z: 3.5, count: 3, ratio: 2, withinMinutes: 10, wrong: 3 },
  chain_refused: { on: true, z: 0, count: 1, ratio: 1 },
};

export const SIGNAL_IDS = Object.keys(signalPolicySchema.shape) as SignalId[];
