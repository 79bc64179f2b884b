import { type Amount, type Asset, CURRENCY_DIGITS, type Currency, parseAmount } from '../../shared/money.ts';

/** 16 digits hold 2^53 - 1; what is above it is refused by the check, not cut. */
const MAX_DIGITS = 16;

/** Digits after the point with which this asset is typed: money of TRY and USD has two, all else none. */
export function fractionDigits(asset: Asset, currency: Currency): number {
  return asset === 'points' ? 0 : CURRENCY_DIGITS[currency];
}

const trimZeros = (digits: string) => digits.replace(/^0+/, '');

/** What was typed, down to its digits; grouping marks that the field itself put there fall away. */
export function digitsOf(text: string): string {
  return trimZeros(text.replace(/\D/g, '')).slice(0, MAX_DIGITS);
}

/**
 * What is in the field after a key: the grouped text it had, with one more character. A sign or a mark of a fraction
 * changes nothing and is told.
 */
export function typedDigits(
  before: string,
  text: string,
  shown: string,
): { digits: string; refused: boolean } {
  const digits = digitsOf(text);
  const refused = digits === before && text.length > shown.length;
  return { digits, refused };
}

/**
 * Pasted text as digits of the minor unit, or null when it is no amount of this kind. Grouping must be regular
 * ('1.250.000', '1,250,000', '1 250 000'); a fraction is taken only with exactly the currency's digits, never cut.
 */
export function pastedDigits(text: string, fraction: number): string | null {
  const plain = text.trim().replace(/^(Rp|IDR|TRY|USD|₺|\$)\.?\s*/i, '');
  const shape = /^(\d{1,3}(?:([.,'\s])\d{3})(?:\2\d{3})*|\d+)(?:([.,])(\d+))?$/u.exec(plain);
  if (shape === null) return null;
  const [, whole = '', group, point, part = ''] = shape;
  if (point !== undefined && (point === group || part.length !== fraction || fraction === 0)) return null;
  const digits = trimZeros(whole.replace(/\D/g, '') + (point === undefined ? '0'.repeat(fraction) : part));
  return digits.length > MAX_DIGITS ? null : digits;
}

/** The field's text: '1250000' → '1.250.000', or with two fraction digits '12.500,00'. */
export function groupedText(digits: string, fraction: number, language: string): string {
  if (digits === '') return '';
  const format = new Intl.NumberFormat(language, {
    minimumFractionDigits: fraction,
    maximumFractionDigits: fraction,
  });
  const decimal =
    fraction === 0
      ? digits
      : `${digits.padStart(fraction + 1, '0').slice(0, -fraction)}.${digits.padStart(fraction + 1, '0').slice(-fraction)}`;
  return format.format(decimal as Intl.StringNumericLiteral);
}

/** 'Rp', '₺', '$' as the language writes it. */
export function symbolOf(currency: Currency, language: string): string {
  const parts = new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  }).formatToParts(0);
  return parts.find(({ type }) => type === 'currency')?.value ?? currency;
}

export type AmountProblem = 'empty' | 'too_large' | 'above_balance';

export type AmountCheck =
  | { readonly ok: true; readonly amount: Amount; readonly rest: number }
  | { readonly ok: false; readonly problem: AmountProblem };

/** Checks the digits against what is available; the gateway checks again. */
export function checkAmount(digits: string, available: number): AmountCheck {
  if (digits === '') return { ok: false, problem: 'empty' };
  const amount = parseAmount(Number(digits));
  if (amount === null) return { ok: false, problem: 'too_large' };
  if (amount > available) return { ok: false, problem: 'above_balance' };
  return { ok: true, amount, rest: available - amount };
}

/** Whole `percent` of `available`, rounded down; exact for every safe integer. */
export function partOf(available: number, percent: number): number {
  const whole = Math.max(0, available);
  return Math.floor(whole / 100) * percent + Math.floor(((whole % 100) * percent) / 100);
}
