import type { SignalId } from '../../shared/signal-policy.ts';
import { afterHours } from './kinds/after-hours.ts';
import { approvalShopping } from './kinds/approval-shopping.ts';
import { cancelledAfterCode } from './kinds/cancelled-after-code.ts';
import { cashDifference } from './kinds/cash-difference.ts';
import { chainRefused } from './kinds/chain-refused.ts';
import { changedBeforeRedemption } from './kinds/changed-before-redemption.ts';
import { codesUnentered } from './kinds/codes-unentered.ts';
import { customerManyTills } from './kinds/customer-many-tills.ts';
import { customersOnePhone } from './kinds/customers-one-phone.ts';
import { discountNearLimit } from './kinds/discount-near-limit.ts';
import { drawerLeftOpen } from './kinds/drawer-left-open.ts';
import { earnedHereSpentThere } from './kinds/earned-here-spent-there.ts';
import { fastApproval } from './kinds/fast-approval.ts';
import { floatChanged } from './kinds/float-changed.ts';
import { lateVoid } from './kinds/late-void.ts';
import { lineLostAlone } from './kinds/line-lost-alone.ts';
import { lowRest } from './kinds/low-rest.ts';
import { manualPoints } from './kinds/manual-points.ts';
import { noSale } from './kinds/no-sale.ts';
import { offlineOverdrawn } from './kinds/offline-overdrawn.ts';
import { paidOutRate } from './kinds/paid-out-rate.ts';
import { pinGuessing } from './kinds/pin-guessing.ts';
import { pointsSamePair } from './kinds/points-same-pair.ts';
import { pointsVelocity } from './kinds/points-velocity.ts';
import { priceOverrideRate } from './kinds/price-override-rate.ts';
import { redemptionAfterWrongCodes } from './kinds/redemption-after-wrong-codes.ts';
import { redemptionFrequency } from './kinds/redemption-frequency.ts';
import { refundAfterReprint } from './kinds/refund-after-reprint.ts';
import { refundRate } from './kinds/refund-rate.ts';
import { reprints } from './kinds/reprints.ts';
import { samePair } from './kinds/same-pair.ts';
import { sealedWhileUp } from './kinds/sealed-while-up.ts';
import { splitting } from './kinds/splitting.ts';
import { unexplainedOpening } from './kinds/unexplained-opening.ts';
import { unwantedCodes } from './kinds/unwanted-codes.ts';
import { voidRate } from './kinds/void-rate.ts';
import type { Signal } from './signal.ts';

/** Every signal by its id. */
export const SIGNALS: { readonly [Id in SignalId]: Signal<Id> } = {
  void_rate: voidRate,
  refund_rate: refundRate,
  price_override_rate: priceOverrideRate,
  late_void: lateVoid,
  no_sale: noSale,
  unexplained_opening: unexplainedOpening,
  drawer_left_open: drawerLeftOpen,
  discount_near_limit: discountNearLimit,
  splitting: splitting,
  redemption_after_wrong_codes: redemptionAfterWrongCodes,
  customers_one_phone: customersOnePhone,
  customer_many_tills: customerManyTills,
  redemption_frequency: redemptionFrequency,
  same_pair: samePair,
  fast_approval: fastApproval,
  approval_shopping: approvalShopping,
  after_hours: afterHours,
  reprints: reprints,
  refund_after_reprint: refundAfterReprint,
  sealed_while_up: sealedWhileUp,
  line_lost_alone: lineLostAlone,
  offline_overdrawn: offlineOverdrawn,
  cash_difference: cashDifference,
  float_changed: floatChanged,
  paid_out_rate: paidOutRate,
  changed_before_redemption: changedBeforeRedemption,
  earned_here_spent_there: earnedHereSpentThere,
  points_velocity: pointsVelocity,
  points_same_pair: pointsSamePair,
  manual_points: manualPoints,
  codes_unentered: codesUnentered,
  unwanted_codes: unwantedCodes,
  cancelled_after_code: cancelledAfterCode,
  low_rest: lowRest,
  pin_guessing: pinGuessing,
  chain_refused: chainRefused,
};
