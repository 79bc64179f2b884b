import type { Raster } from '../raster.ts';

/** ESC GS S 1: raster in StarPRNT, x in bytes, y in dots, one tone. */
export function starPrntRaster({ bytesPerRow, rows, data }: Raster): Uint8Array {
  const size = [bytesPerRow & 0xff, bytesPerRow >> 8, rows & 0xff, rows >> 8];
  return Uint8Array.from([0x1b, 0x1d, 0x53, 0x01, ...size, 0x00, ...data]);
}

const BAND_DOTS = 24;

/**
 * ESC X n1 n2: Star Line mode's 24-dot image, column by column, the topmost dot in bit 7 of the first of three
 * bytes. ESC 0 closes the gap between bands, ESC z 1 brings the usual line spacing back.
 */
export function starLineRaster({ bytesPerRow, rows, data }: Raster): Uint8Array {
  const width = bytesPerRow * 8;
  const bytes = [0x1b, 0x30];
  const isBlack = (x: number, y: number) =>
    y < rows && ((data[y * bytesPerRow + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
  for (let top = 0; top < rows; top += BAND_DOTS) {
    bytes.push(0x1b, 0x58, width & 0xff, width >> 8);
    for (let x = 0; x < width; x += 1) {
      for (let y = top; y < top + BAND_DOTS; y += 8) {
        let byte = 0;
        for (let bit = 0; bit < 8; bit += 1) byte |= isBlack(x, y + bit) ? 0x80 >> bit : 0;
        bytes.push(byte);
      }
    }
    bytes.push(0x0a);
  }
  return Uint8Array.from([...bytes, 0x1b, 0x7a, 0x01]);
}
