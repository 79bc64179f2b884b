import { describe, expect, it } from 'vitest';
import {
  holdsReservation,
  nextRedemptionStatus,
  REDEMPTION_TRANSITIONS,
  type RedemptionEvent,
  redemptionStatusSchema,
} from './redemption.ts';

const EVENTS: RedemptionEvent[] = ['code_accepted', 'tries_exhausted', 'lapse', 'cancel', 'capture'];

describe('the redemption state machine', () => {
  it('has exactly these transitions', () => {
    const legal = redemptionStatusSchema.options.flatMap((from) =>
      EVENTS.flatMap((event) => {
        const to = nextRedemptionStatus(from, event);
        return to === null ? [] : [`${from} --${event}--> ${to}`];
      }),
    );
    expect(legal).toEqual([
      'awaiting_code --code_accepted--> authorised',
      'awaiting_code --tries_exhausted--> failed',
      'awaiting_code --lapse--> expired',
      'awaiting_code --cancel--> released',
      'authorised --cancel--> released',
      'authorised --capture--> captured',
    ]);
  });

  it('never lets a verified reservation lapse', () => {
    expect(REDEMPTION_TRANSITIONS.authorised.lapse).toBeUndefined();
  });

  it('ends with the reservation gone', () => {
    for (const status of redemptionStatusSchema.options) {
      const final = Object.keys(REDEMPTION_TRANSITIONS[status]).length === 0;
      expect(holdsReservation(status)).toBe(!final);
    }
  });
});
