import { approved, countSignal } from '../peer-signal.ts';

/** Prices changed by hand for a cashier's sales, per sale. */
export const priceOverrideRate = countSignal({
  id: 'price_override_rate',
  exposure: 'sales',
  kinds: ['approval.approved'],
  when: approved('price_override'),
});
