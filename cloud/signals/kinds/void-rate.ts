import { approved, countSignal } from '../peer-signal.ts';

/** Voids approved for a cashier, per sale. */
export const voidRate = countSignal({
  id: 'void_rate',
  exposure: 'sales',
  kinds: ['approval.approved'],
  when: approved('void'),
});
