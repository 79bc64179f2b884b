import { countSignal } from '../peer-signal.ts';

/** Drawers that stood open longer than policy allows, per sale: what is rung up on an open drawer needs no opening. */
export const drawerLeftOpen = countSignal({
  id: 'drawer_left_open',
  exposure: 'sales',
  kinds: ['drawer.open_long'],
});
