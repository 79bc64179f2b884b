import type { PrinterDialect } from '../dialect.ts';
import { starPrnt } from '../starprnt/dialect.ts';
import { encodeSlip } from '../starprnt/encode.ts';
import { starLineRaster } from '../starprnt/raster.ts';

/**
 * Star Line mode (TSP650, TSP700, TSP100IV as set by its switch). Text, codes, cut, drawer, status and ETB have
 * the bytes of StarPRNT. Working knowledge, to be held against Star's STAR Line Mode Command Specifications.
 */
export const starLine: PrinterDialect = {
  ...starPrnt,
  language: 'star-line',
  encode: (slip, columns) => encodeSlip(slip, columns, { language: 'star-line', raster: starLineRaster }),
};
