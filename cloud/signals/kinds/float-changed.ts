import { countSignal } from '../peer-signal.ts';

/** Opening floats changed after the cash was counted, per shift. */
export const floatChanged = countSignal({
  id: 'float_changed',
  exposure: 'shifts',
  kinds: ['cash.float_changed'],
  when: ({ detail }) => detail.afterCount === true,
});
