import type { PrinterDialect } from '../dialect.ts';
import { starPrnt } from '../starprnt/dialect.ts';
import { encodeSlip } from '../starprnt/encode.ts';
import { starLineRaster } from '../starprnt/raster.ts';

/**
 * Star Line mode (TSP650, TSP700, TSP100IV as set by its switch). Text, codes, cut, drawer, status and ETB have
 * the bytes of StarPRNT; dots do not. Source: Star Micronics, STAR Line Mode Command Specifications; docs/printing.md
 * says what of it was looked up.
 */
export const starLine: PrinterDialect = {
  ...starPrnt,
  language: 'star-line',
  encode: (slip, columns) => encodeSlip(slip, columns, { language: 'star-line', raster: starLineRaster }),
};
