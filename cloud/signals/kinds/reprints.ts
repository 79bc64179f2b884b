import { countSignal } from '../peer-signal.ts';

/** Copies of slips, per sale: a copy passes for the receipt of a sale that was not made. */
export const reprints = countSignal({ id: 'reprints', exposure: 'sales', kinds: ['slip.reprint'] });
