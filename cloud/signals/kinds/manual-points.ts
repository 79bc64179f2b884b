import { countSignal } from '../peer-signal.ts';

/** Points put on wallets by hand, without a sale that earned them, per hour of whoever did it. */
export const manualPoints = countSignal({
  id: 'manual_points',
  exposure: 'hours',
  kinds: ['wallet.topped_up'],
  when: ({ asset }) => asset === 'points',
});
