import type { PrinterDialect, PrinterLanguage } from './dialect.ts';
import { escPos } from './escpos/dialect.ts';
import { starLine } from './starline/dialect.ts';
import { starPrnt } from './starprnt/dialect.ts';

const DIALECTS: Record<PrinterLanguage, PrinterDialect> = {
  'star-prnt': starPrnt,
  'star-line': starLine,
  'esc-pos': escPos,
};

export function dialectOf(language: PrinterLanguage): PrinterDialect {
  return DIALECTS[language];
}
