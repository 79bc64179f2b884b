import { countSignal } from '../peer-signal.ts';

/** Cash paid out of the drawer, per shift. */
export const paidOutRate = countSignal({ id: 'paid_out_rate', exposure: 'shifts', kinds: ['cash.paid_out'] });
