import type { PrinterDialect, PrinterLanguage } from './dialect.ts';
import { starPrnt } from './starprnt/dialect.ts';

const DIALECTS: Partial<Record<PrinterLanguage, PrinterDialect>> = { 'star-prnt': starPrnt };

export function dialectOf(language: PrinterLanguage): PrinterDialect {
  const dialect = DIALECTS[language];
  if (dialect === undefined) throw new RangeError(`printer language ${language}`);
  return dialect;
}
