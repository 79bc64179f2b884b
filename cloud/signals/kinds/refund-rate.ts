import { approved, countSignal } from '../peer-signal.ts';

/** Refunds approved for a cashier, per sale. Whoever stands at a returns desk is compared with others at that desk. */
export const refundRate = countSignal({
  id: 'refund_rate',
  exposure: 'sales',
  kinds: ['approval.approved'],
  when: approved('refund'),
});
