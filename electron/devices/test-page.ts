import { buildKind, type SlipLook } from './layouts.ts';
import type { SlipDocument } from './slip.ts';

export interface TestPage {
  readonly look: SlipLook;
  /** The printer's name. */
  readonly device: string;
  /** As the till shows it. */
  readonly time: string;
  readonly columns: number;
}

const DIGITS = '1234567890';
/** Letters and signs of both code pages, a line each. */
const CHARACTERS = ['Rp 1.234.567', '₺ 1.234,50', 'çğıöşü ÇĞİÖŞÜ — “éñ”'];
/** From light to dark: what the head cannot hold shows as stripes. */
const SHADES = ['░', '▒', '▓', '█'];

/** A page that shows whether letters, width, density, QR code, barcode and cutter are right, and can be taken for nothing else. */
export function testPage({ look, device, time, columns }: TestPage): SlipDocument {
  const values = {
    ...{ device, time },
    ruler: DIGITS.repeat(Math.ceil(columns / DIGITS.length)).slice(0, columns),
    characters: CHARACTERS,
    density: SHADES.map((shade) => shade.repeat(columns)),
    reference: 'SAKSI:TEST',
    code: 'SAKSI-TEST',
  };
  return buildKind('test', values, look, { storeLines: [], footer: '' });
}
