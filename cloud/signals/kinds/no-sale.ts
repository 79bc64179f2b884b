import { approved, countSignal } from '../peer-signal.ts';

/** Drawer openings without a sale, per hour at the till. */
export const noSale = countSignal({
  id: 'no_sale',
  exposure: 'hours',
  kinds: ['approval.approved'],
  when: approved('no_sale'),
});
