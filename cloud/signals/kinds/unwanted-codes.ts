import { countSignal } from '../peer-signal.ts';

/** Customers who answered that they did not ask for the code, per code sent, counted for who asked for it. */
export const unwantedCodes = countSignal({
  id: 'unwanted_codes',
  exposure: 'codes',
  kinds: ['code.unwanted'],
});
