import { CommandReader, type Reading, take } from '../mpop/command-reader.ts';
import { digit, fixed, starReader } from '../mpop/star-commands.ts';

/** ESC X: dots across, then three bytes for each column of 24 dots, the topmost in bit 7 of the first. */
const BYTES_PER_COLUMN = 3;
const IMAGE_DOTS = 24;
/** Printable dots of 80 mm paper; which paper is in is for the paper to say. */
const MAX_COLUMNS = 576;

/** Columns of 24 dots as rows, each of whole bytes. */
function rowsOf(columns: Uint8Array, width: number): { bytesPerRow: number; data: Uint8Array } {
  const bytesPerRow = Math.ceil(width / 8);
  const data = new Uint8Array(bytesPerRow * IMAGE_DOTS);
  for (let x = 0; x < width; x += 1) {
    for (let y = 0; y < IMAGE_DOTS; y += 1) {
      const byte = columns[x * BYTES_PER_COLUMN + (y >> 3)] ?? 0;
      if ((byte & (0x80 >> (y & 7))) === 0) continue;
      const at = y * bytesPerRow + (x >> 3);
      data[at] = (data[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return { bytesPerRow, data };
}

function readBitImage(bytes: Uint8Array): Reading {
  if (bytes.length < 4) return null;
  const [, , low = 0, high = 0] = bytes;
  const width = low + high * 256;
  if (width < 1 || width > MAX_COLUMNS) return take(4, 'bit image');
  const size = 4 + width * BYTES_PER_COLUMN;
  if (bytes.length < size) return null;
  return take(size, { kind: 'bit_image', ...rowsOf(bytes.subarray(4, size), width) });
}

const readCommand = starReader({
  esc: {
    48: fixed(2, () => ({ kind: 'line_spacing', dots: 24 })), // 3 mm
    122: fixed(3, ([, , n]) => (digit(n, 1) === 1 ? { kind: 'line_spacing', dots: 32 } : 'line spacing')), // 4 mm
    88: readBitImage,
  },
  escGs: {}, // ESC GS S is not among Star Line's commands
  single: { 26: { kind: 'pulse', connector: 2, onTime: 100, offTime: 100 } }, // SUB: 200 ms on and off, fixed
});

/**
 * A strict Star Line parser: what a TSP650 is specified to know of what a till may send, with its ranges; all else is
 * an error. Source: Star Micronics, STAR Line Mode Command Specifications. Gives the commands of the shared paper.
 */
export class StarLineParser extends CommandReader {
  constructor() {
    super(readCommand);
  }
}
