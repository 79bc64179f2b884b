import { inflateSync } from 'node:zlib';
import { SaksiError } from '../../shared/errors.ts';
import { LOGO_HEIGHT_MAX, LOGO_WIDTH_MAX, pngSize } from '../../shared/slip-design.ts';

/** Samples of a dot by PNG's colour types. */
const SAMPLES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);
const FILTER_MAX = 4;
/** Four samples of 16 bits, and a filter byte for each row. */
const DATA_BYTES_MAX = LOGO_HEIGHT_MAX * (LOGO_WIDTH_MAX * 8 + 1);

/**
 * Holds a logo to what its header says: its picture data must unpack to exactly so many rows. The schema has seen that its
 * chunks are whole. Throws SaksiError `slip_logo_unreadable`.
 */
export function assertLogoReadable(logo: string | null): void {
  if (logo !== null && !isReadable(Buffer.from(logo, 'base64'), pngSize(logo))) {
    throw new SaksiError('slip_logo_unreadable');
  }
}

function isReadable(png: Buffer, size: ReturnType<typeof pngSize>): boolean {
  const samples = SAMPLES.get(png[25] ?? -1);
  if (size === null || samples === undefined) return false;
  const bits = (png[24] ?? 0) * samples;
  const rowBytes = Math.ceil((size.width * bits) / 8) + 1;
  let data: Buffer;
  try {
    data = inflateSync(pictureData(png), { maxOutputLength: DATA_BYTES_MAX });
  } catch {
    return false;
  }
  if (bits === 0 || data.length !== rowBytes * size.height) return false;
  for (let row = 0; row < size.height; row += 1) {
    if ((data[row * rowBytes] ?? FILTER_MAX + 1) > FILTER_MAX) return false;
  }
  return true;
}

function pictureData(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const name = png.toString('latin1', at + 4, at + 8);
    if (name === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return Buffer.concat(parts);
}
