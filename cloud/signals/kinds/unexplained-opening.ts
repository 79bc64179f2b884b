import { countSignal } from '../peer-signal.ts';

/**
 * Openings of the drawer that no command explains (a key, a hand under it), per hour, counted for whoever is signed in. A drawer
 * with a bad switch opens for everybody at that till, and is compared with that.
 */
export const unexplainedOpening = countSignal({
  id: 'unexplained_opening',
  exposure: 'hours',
  kinds: ['drawer.unexplained_opening'],
});
