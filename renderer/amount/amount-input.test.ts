import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkAmount,
  digitsOf,
  fractionDigits,
  groupedText,
  partOf,
  pastedDigits,
  typedDigits,
} from './amount-input.ts';

describe('typing', () => {
  test('keeps digits, drops leading zeros and what is beyond 16', () => {
    expect(digitsOf('0050.000')).toBe('50000');
    expect(digitsOf('12345678901234567890')).toBe('1234567890123456');
    expect(digitsOf('abc')).toBe('');
  });

  test('a mark of a fraction or a sign changes nothing and is told', () => {
    expect(typedDigits('50000', '50.000,', '50.000')).toEqual({ digits: '50000', refused: true });
    expect(typedDigits('50000', '-50.000', '50.000')).toEqual({ digits: '50000', refused: true });
    expect(typedDigits('50000', '50.0005', '50.000')).toEqual({ digits: '500005', refused: false });
    expect(typedDigits('50000', '50.00', '50.000')).toEqual({ digits: '5000', refused: false });
  });

  test('grouped as the language writes it', () => {
    expect(groupedText('1250000', 0, 'id')).toBe('1.250.000');
    expect(groupedText('1250000', 0, 'en')).toBe('1,250,000');
    expect(groupedText('1250', 2, 'tr')).toBe('12,50');
    expect(groupedText('5', 2, 'tr')).toBe('0,05');
    expect(groupedText('', 0, 'id')).toBe('');
  });

  test('what the field shows reads back as the same digits, in every language', () => {
    const digits = fc.bigInt({ min: 1n, max: 9_999_999_999_999_999n }).map(String);
    fc.assert(
      fc.property(
        digits,
        fc.constantFrom(0, 2),
        fc.constantFrom('id', 'en', 'tr'),
        (typed, fraction, language) => {
          expect(digitsOf(groupedText(typed, fraction, language))).toBe(typed);
        },
      ),
    );
  });
});

describe('pasting', () => {
  test.each([
    ['50000', 0, '50000'],
    ['Rp 50.000', 0, '50000'],
    ['50,000', 0, '50000'],
    ['1.250.000', 0, '1250000'],
    ['1 250 000', 0, '1250000'],
    ['0050', 0, '50'],
    ['12,50', 2, '1250'],
    ['1.250,50', 2, '125050'],
    ['₺12', 2, '1200'],
  ])('%s with %i fraction digits', (text, fraction, digits) => {
    expect(pastedDigits(text, fraction)).toBe(digits);
  });

  test.each([
    ['12.5', 0],
    ['12,50', 0],
    ['-500', 0],
    ['1.25.000', 0],
    ['1.250,000.5', 0],
    ['1.250.50', 2],
    ['12,5055', 2],
    ['12,5', 2],
    ['abc', 0],
    ['', 0],
    ['12345678901234567', 0],
  ])('%s with %i fraction digits is no amount', (text, fraction) => {
    expect(pastedDigits(text, fraction)).toBeNull();
  });
});

test('only money of currencies with a minor unit has a fraction', () => {
  expect(fractionDigits('deposit', 'IDR')).toBe(0);
  expect(fractionDigits('deposit', 'TRY')).toBe(2);
  expect(fractionDigits('points', 'TRY')).toBe(0);
});

describe('check against the balance', () => {
  test('from 1 to the whole balance', () => {
    expect(checkAmount('1', 100)).toEqual({ ok: true, amount: 1, rest: 99 });
    expect(checkAmount('100', 100)).toEqual({ ok: true, amount: 100, rest: 0 });
    expect(checkAmount('101', 100)).toEqual({ ok: false, problem: 'above_balance' });
    expect(checkAmount('', 100)).toEqual({ ok: false, problem: 'empty' });
  });

  test('2^53 - 1 is the largest; above it nothing is rounded', () => {
    expect(checkAmount('9007199254740991', Number.MAX_SAFE_INTEGER)).toMatchObject({ ok: true, rest: 0 });
    expect(checkAmount('9007199254740992', Number.MAX_SAFE_INTEGER)).toEqual({
      ok: false,
      problem: 'too_large',
    });
  });
});

describe('parts of the balance', () => {
  test('whole, rounded down', () => {
    expect(partOf(1_250_000, 25)).toBe(312_500);
    expect(partOf(7, 50)).toBe(3);
    expect(partOf(3, 25)).toBe(0);
    expect(partOf(-5, 100)).toBe(0);
  });

  test('exact for every balance', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom(25, 50, 75, 100), (available, percent) => {
        expect(BigInt(partOf(available, percent))).toBe((BigInt(available) * BigInt(percent)) / 100n);
      }),
    );
  });
});
