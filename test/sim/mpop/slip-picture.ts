import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { create as createQr } from 'qrcode';
import { code128Modules } from '../../../shared/code128.ts';
import type { Align, PrintedElement, PrintedRun } from './paper.ts';

/** 48 mm at 203 dpi. */
const PAPER_DOTS = 384;
const MARGIN_DOTS = 24;
const GLYPH_WIDTH = 12;
const GLYPH_HEIGHT = 24;
const LINE_DOTS = 32;
/** The paper and the print, as grey levels. */
const WHITE = 0xfc;
const BLACK = 0x18;

/** 'code point:72 hex digits' a line; each glyph is 24 rows of 12 dots, left to right. */
const FONT: ReadonlyMap<string, string> = new Map(
  readFileSync(new URL('./font-12x24.hex', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [point = '', rows = ''] = line.split(':');
      return [String.fromCodePoint(Number.parseInt(point, 16)), rows];
    }),
);

/** A black-and-white sheet that grows downwards. */
class Sheet {
  readonly #rows: Uint8Array[] = [];

  get height(): number {
    return this.#rows.length;
  }

  feed(dots: number): void {
    for (let row = 0; row < dots; row += 1) this.#rows.push(new Uint8Array(PAPER_DOTS));
  }

  /** Blackens a rectangle, cut off at the edges of the paper. */
  fill(left: number, top: number, width: number, height: number, black = 1): void {
    for (let y = top; y < top + height; y += 1) this.#rows[y]?.fill(black, left, left + width);
  }

  toPng(): Buffer {
    const width = PAPER_DOTS + 2 * MARGIN_DOTS;
    const height = this.height + 2 * MARGIN_DOTS;
    const levels = Buffer.alloc(width * height, WHITE);
    this.#rows.forEach((row, y) => {
      const start = (y + MARGIN_DOTS) * width + MARGIN_DOTS;
      for (let x = 0; x < PAPER_DOTS; x += 1) if (row[x] === 1) levels[start + x] = BLACK;
    });
    const png = new PNG({ width, height });
    png.data = levels;
    // One byte a dot in and out, and no filters tried: black and white does not gain by them.
    const grey = { colorType: 0, inputColorType: 0, inputHasAlpha: false, filterType: 0 } as const;
    return PNG.sync.write(png, grey);
  }
}

/** A slip as PNG, dot for dot as 58 mm paper would show it. */
export function drawSlip(elements: readonly PrintedElement[]): Buffer {
  const sheet = new Sheet();
  for (const element of elements) {
    if (element.kind === 'line') drawLine(sheet, element.runs, element.align);
    else if (element.kind === 'qr') drawQr(sheet, element);
    else if (element.kind === 'barcode') drawBarcode(sheet, element);
    else drawRaster(sheet, element);
  }
  return sheet.toPng();
}

function startOf(width: number, align: Align): number {
  const free = PAPER_DOTS - width;
  return align === 'left' ? 0 : align === 'right' ? free : Math.floor(free / 2);
}

function drawLine(sheet: Sheet, runs: readonly PrintedRun[], align: Align): void {
  const height = Math.max(1, ...runs.map((run) => run.height));
  const bottom = sheet.height + height * LINE_DOTS;
  const columns = runs.reduce((sum, run) => sum + run.text.length * run.width, 0);
  sheet.feed(height * LINE_DOTS);
  let x = startOf(columns * GLYPH_WIDTH, align);
  for (const run of runs) {
    const width = run.width * GLYPH_WIDTH;
    const top = bottom - run.height * GLYPH_HEIGHT - (LINE_DOTS - GLYPH_HEIGHT) / 2;
    for (const character of run.text) {
      if (run.invert) sheet.fill(x, top, width, run.height * GLYPH_HEIGHT);
      drawGlyph(sheet, character, run, x, top);
      if (run.underline) sheet.fill(x, top + run.height * GLYPH_HEIGHT, width, 2);
      x += width;
    }
  }
}

function drawGlyph(sheet: Sheet, character: string, run: PrintedRun, left: number, top: number): void {
  const rows = FONT.get(character) ?? FONT.get('\ufffd') ?? '';
  const ink = run.invert ? 0 : 1;
  const thickness = run.bold ? run.width + 1 : run.width;
  for (let y = 0; y < GLYPH_HEIGHT; y += 1) {
    const row = Number.parseInt(rows.slice(y * 3, y * 3 + 3), 16);
    for (let x = 0; x < GLYPH_WIDTH; x += 1) {
      if ((row & (1 << (GLYPH_WIDTH - 1 - x))) === 0) continue;
      sheet.fill(left + x * run.width, top + y * run.height, thickness, run.height, ink);
    }
  }
}

function drawQr(sheet: Sheet, qr: Extract<PrintedElement, { kind: 'qr' }>): void {
  const { modules } = createQr([{ data: Buffer.from(qr.data, 'latin1'), mode: 'byte' }], {
    errorCorrectionLevel: qr.level,
  });
  const top = sheet.height;
  sheet.feed(modules.size * qr.cell);
  const left = startOf(modules.size * qr.cell, qr.align);
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column) === 0) continue;
      sheet.fill(left + column * qr.cell, top + row * qr.cell, qr.cell, qr.cell);
    }
  }
}

function drawRaster(sheet: Sheet, raster: Extract<PrintedElement, { kind: 'raster' }>): void {
  const top = sheet.height;
  sheet.feed(raster.rows);
  for (let y = 0; y < raster.rows; y += 1) {
    for (let x = 0; x < raster.bytesPerRow * 8; x += 1) {
      const byte = raster.data[y * raster.bytesPerRow + (x >> 3)] ?? 0;
      if ((byte & (0x80 >> (x & 7))) !== 0) sheet.fill(x, top + y, 1, 1);
    }
  }
}

function drawBarcode(sheet: Sheet, barcode: Extract<PrintedElement, { kind: 'barcode' }>): void {
  const widths = code128Modules(barcode.data);
  const module = barcode.width;
  const total = widths.reduce((sum, width) => sum + width, 0) * module;
  let x = startOf(total, barcode.align);
  const top = sheet.height;
  sheet.feed(barcode.height + 4);
  widths.forEach((width, index) => {
    if (index % 2 === 0) sheet.fill(x, top, width * module, barcode.height);
    x += width * module;
  });
  const plain = { bold: false, underline: false, invert: false, width: 1, height: 1 };
  if (barcode.text) drawLine(sheet, [{ ...plain, text: barcode.data }], barcode.align);
}
