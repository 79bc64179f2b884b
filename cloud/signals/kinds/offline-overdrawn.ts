import { countSignal } from '../peer-signal.ts';

/** Redemptions without a line that took more than the wallet held, per hour at the till. */
export const offlineOverdrawn = countSignal({
  id: 'offline_overdrawn',
  exposure: 'hours',
  kinds: ['offline.overdrawn'],
});
