import { countSignal } from '../peer-signal.ts';

/**
 * Redemptions that lapsed without their code, per code sent: somebody tries wallets whose owners are not there. A customer with
 * an empty phone is everybody's.
 */
export const codesUnentered = countSignal({
  id: 'codes_unentered',
  exposure: 'codes',
  kinds: ['redemption.expired'],
});
