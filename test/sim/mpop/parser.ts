import { CommandReader, type Reading, take } from './command-reader.ts';
import { starReader } from './star-commands.ts';

/** ESC GS S 1: x in bytes, y in dots, one tone. */
function readRaster(bytes: Uint8Array): Reading {
  if (bytes.length < 9) return null;
  const [, , , mode, xLow = 0, xHigh = 0, yLow = 0, yHigh = 0, tone] = bytes;
  const bytesPerRow = xLow + xHigh * 256;
  const rows = yLow + yHigh * 256;
  const size = 9 + bytesPerRow * rows;
  if (mode !== 1 || tone !== 0 || bytesPerRow < 1 || bytesPerRow > 128 || rows < 1) return take(9, 'raster');
  if (bytes.length < size) return null;
  return take(size, { kind: 'raster', bytesPerRow, rows, data: bytes.slice(9, size) });
}

const readCommand = starReader({ esc: {}, escGs: { 83: readRaster }, single: {} });

/**
 * A strict StarPRNT parser: it knows what an mPOP is specified to know, with its parameter ranges, and calls
 * everything else an error. Source: Star Micronics, StarPRNT Command Specifications rev. 2.25.
 */
export class StarPrntParser extends CommandReader {
  constructor() {
    super(readCommand);
  }
}
