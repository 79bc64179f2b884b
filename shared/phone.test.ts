import { describe, expect, it } from 'vitest';
import { maskPhone, parsePhone } from './phone.ts';

describe('a phone number', () => {
  it.each([
    ['0812-3456-7890', 'ID', '+6281234567890'],
    ['+62 812 3456 7890', 'TR', '+6281234567890'],
    ['0532 123 45 67', 'TR', '+905321234567'],
  ] as const)('%s in %s is %s', (input, home, e164) => {
    expect(parsePhone(input, home)).toBe(e164);
  });

  it.each(['', '12', '0812', 'abc', '+62 812 abcd', '0812345678901234567890', '+1', "0812'; drop table"])(
    'refuses %j',
    (input) => {
      expect(parsePhone(input, 'ID')).toBeNull();
    },
  );

  it('is masked to its country and last four', () => {
    expect(maskPhone('+6281234567890')).toBe('+62•••••••7890');
    expect(maskPhone('+6281234567890')).not.toContain('8123456');
  });
});
