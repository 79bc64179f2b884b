import { expect, it } from 'vitest';
import { isPinComplete, typedPin } from './pin-input.ts';

it('takes the digits of what is typed, and no more than a PIN has', () => {
  expect(typedPin(' 12-34a')).toBe('1234');
  expect(typedPin('1234567890')).toBe('12345678');
});

it('a PIN has at least four digits', () => {
  expect(isPinComplete('123')).toBe(false);
  expect(isPinComplete('1234')).toBe(true);
});
