import { z } from 'zod';
import file from '../resources/denominations.json' with { type: 'json' };
import type { Currency } from './money.ts';

/** Notes and coins in use by ISO 4217 code, largest first, in the minor unit that shops count in (money.ts). */
const listSchema = z
  .array(z.number().int().positive())
  .min(1)
  .refine((values) => values.every((value, index) => index === 0 || value < (values[index - 1] ?? 0)));
const LISTS = z.record(z.string().regex(/^[A-Z]{3}$/), listSchema).parse(file);

/** Throws RangeError for a currency without a list. */
export function denominationsOf(currency: Currency): readonly number[] {
  const list = LISTS[currency];
  if (list === undefined) throw new RangeError(`no notes and coins of ${currency}`);
  return list;
}
