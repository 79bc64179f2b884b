import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountSchema, formatAmount, parseAmount, toDecimalString } from './money.ts';

describe('an amount', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '50000', null, undefined, 10n])(
    'refuses %s',
    (value) => {
      expect(parseAmount(value)).toBeNull();
    },
  );

  it.each([1, 50_000, Number.MAX_SAFE_INTEGER])('takes %s', (value) => {
    expect(amountSchema.parse(value)).toBe(value);
  });
});

describe('amounts on screen', () => {
  it('shows rupiah without decimals and lira with two', () => {
    expect(formatAmount(50_000, 'deposit', 'IDR', 'id').replace(/\s/g, ' ')).toBe('Rp 50.000');
    expect(formatAmount(1250, 'deposit', 'TRY', 'tr')).toBe('₺12,50');
    expect(formatAmount(1250, 'points', 'IDR', 'id', 'poin')).toBe('1.250 poin');
  });

  it('is exact where a float is not', () => {
    expect(formatAmount(9_007_199_254_740_991, 'deposit', 'USD', 'en')).toBe('$90,071,992,547,409.91');
  });

  it('writes every whole number as a decimal and back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom(0, 2), (amount, digits) => {
        const text = toDecimalString(amount, digits);
        expect(text).toMatch(digits === 0 ? /^-?\d+$/ : /^-?\d+\.\d\d$/);
        expect(BigInt(text.replace('.', ''))).toBe(BigInt(amount));
      }),
    );
  });
});
