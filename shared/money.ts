import { z } from 'zod';

/** Whole number of the currency's minor unit as the shop counts it (rupiah for IDR, kuruş for TRY). */
export type Minor = number & z.$brand<'Minor'>;
/** Whole number of loyalty points. */
export type Points = number & z.$brand<'Points'>;
/** Either, where `asset` beside it says which. */
export type Amount = Minor | Points;

/** What a customer can hold: prepaid money or loyalty points. */
export const assetSchema = z.enum(['deposit', 'points']);
export type Asset = z.infer<typeof assetSchema>;

/**
 * An amount to move: a whole number from 1 to 2^53 - 1. Zero, negative, fractional and larger numbers are
 * refused, never rounded.
 */
export const amountSchema = z
  .number()
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .transform((value) => value as Amount);

/** A balance: a whole number; only internal accounts may be below zero. */
export const balanceSchema = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

export const currencySchema = z.enum(['IDR', 'TRY', 'USD']);
export type Currency = z.infer<typeof currencySchema>;

/**
 * Digits after the point of the minor unit that shops count in. IDR has two in ISO 4217 but sen are not in
 * use; CLDR's cash digits for IDR are 0, and so are ours.
 */
export const CURRENCY_DIGITS: Record<Currency, number> = { IDR: 0, TRY: 2, USD: 2 };

/** Parses to an amount or gives null; for edges where a thrown error is not wanted. */
export function parseAmount(value: unknown): Amount | null {
  const parsed = amountSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** 'Rp 50.000' / '₺12,50' / '1.250 poin' in the person's language. Whole-number arithmetic only. */
export function formatAmount(
  amount: number,
  asset: Asset,
  currency: Currency,
  language: string,
  pointsWord = '',
): string {
  if (asset === 'points') {
    const digits = new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(amount);
    return pointsWord === '' ? digits : `${digits} ${pointsWord}`;
  }
  const digits = CURRENCY_DIGITS[currency];
  const format = new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // Intl takes a decimal string exactly (ECMA-402 Intl.NumberFormat v3), so no division is needed.
  return format.format(toDecimalString(amount, digits) as Intl.StringNumericLiteral);
}

/** 1250, 2 → '12.50'; exact for every safe integer. */
export function toDecimalString(amount: number, digits: number): string {
  if (digits === 0) return String(amount);
  const sign = amount < 0 ? '-' : '';
  const padded = String(Math.abs(amount)).padStart(digits + 1, '0');
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}
