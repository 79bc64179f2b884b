import type { CommandSet } from '../slip-encoder.ts';

const ESC = 0x1b;
const GS = 0x1d;
/** ESC t n: Epson's numbers, the same through the TM class. */
const PAGES = { windows1252: 16, cp857: 13 } as const;
const BARCODE_HEIGHT_DOTS = 60;
const CODE_128 = 73;

/** GS ( k, QR code (cn 49): pL pH count everything behind them. */
function qrFunction(...bytes: number[]): number[] {
  return [GS, 0x28, 0x6b, (bytes.length + 1) & 0xff, (bytes.length + 1) >> 8, 0x31, ...bytes];
}

export const ESC_POS_SET: CommandSet = {
  initialise: Uint8Array.of(ESC, 0x40),
  bold: (on) => Uint8Array.of(ESC, 0x45, on ? 1 : 0),
  invert: (on) => Uint8Array.of(GS, 0x42, on ? 1 : 0),
  size: (times) => Uint8Array.of(GS, 0x21, times === 2 ? 0x11 : 0x00),
  codePage: (page) => Uint8Array.of(ESC, 0x74, PAGES[page]),
  align: (align) => Uint8Array.of(ESC, 0x61, align === 'center' ? 1 : 0),
  qr: (data, cell) =>
    Uint8Array.from([
      ...qrFunction(0x41, 0x32, 0x00), // model 2
      ...qrFunction(0x43, cell),
      ...qrFunction(0x45, 0x31), // error correction M
      ...qrFunction(0x50, 0x30, ...data),
      ...qrFunction(0x51, 0x30),
    ]),
  barcode: (data) => {
    // Code set B; '{' is the escape of GS k 73, so one in the data is doubled.
    const body = [0x7b, 0x42, ...[...data].flatMap((byte) => (byte === 0x7b ? [0x7b, 0x7b] : [byte]))];
    const settings = [GS, 0x68, BARCODE_HEIGHT_DOTS, GS, 0x77, 2, GS, 0x48, 2];
    return Uint8Array.from([...settings, GS, 0x6b, CODE_128, body.length, ...body]);
  },
  raster: ({ bytesPerRow, rows, data }) =>
    Uint8Array.from([
      GS,
      0x76,
      0x30,
      0,
      bytesPerRow & 0xff,
      bytesPerRow >> 8,
      rows & 0xff,
      rows >> 8,
      ...data,
    ]),
  cut: Uint8Array.of(GS, 0x56, 0x01),
};
