import CodepageEncoder from '@point-of-sale/codepage-encoder';
import type { EncodedSlip } from './dialect.ts';
import { drawTextLine, pictureBands, type Raster } from './raster.ts';
import { layOutSlip, type SlipDocument, type SlipLine, type SlipPicture, type SlipTextLine } from './slip.ts';
import { type CodePage, codePageRuns, isSpellable, toDrawable } from './starprnt/printable.ts';

/** The bytes of one language's commands. */
export interface CommandSet {
  readonly initialise: Uint8Array;
  bold(on: boolean): Uint8Array;
  invert(on: boolean): Uint8Array;
  size(times: 1 | 2): Uint8Array;
  codePage(page: CodePage): Uint8Array;
  align(align: 'left' | 'center'): Uint8Array;
  /** Error correction M; each module `cell` dots wide. */
  qr(data: Uint8Array, cell: number): Uint8Array;
  /** Code 128, 60 dots high, with its text. Only visible ASCII comes here. */
  barcode(data: Uint8Array): Uint8Array;
  raster(raster: Raster): Uint8Array;
  /** Partial. */
  readonly cut: Uint8Array;
}

/**
 * Small enough that a drawer pulse behind one chunk waits 11 ms at 115,200 baud; a QR code's data or a line of
 * dots may be one larger chunk.
 */
const CHUNK_BYTES = 128;
const LINE_FEED = 0x0a;
export const BARCODE_HEIGHT_DOTS = 60;
export const BARCODE_MODULE_DOTS = 2;
const FEED_BEFORE_CUT = 3;
const MAX_QR_BYTES = 1_000;

/**
 * Encodes a slip in the language of `set`. A line with a character that no code page spells is drawn as dots.
 * Throws RangeError for barcode or QR data that cannot be encoded.
 */
export function encodeWith(set: CommandSet, document: SlipDocument, columns: number): EncodedSlip {
  const { lines, replacedCharacters } = layOutForPrinter(document, columns);
  let page: CodePage | null = null;

  function textLine(line: SlipTextLine): number[] {
    const bytes: number[] = [];
    if (line.size === 2) bytes.push(...set.size(2));
    for (let column = 0; column < line.indent; column += 1) bytes.push(0x20);
    if (line.bold) bytes.push(...set.bold(true));
    if (line.invert) bytes.push(...set.invert(true));
    for (const run of codePageRuns(line.text)) {
      if (run.page !== page) bytes.push(...set.codePage(run.page));
      page = run.page;
      bytes.push(...CodepageEncoder.encode(run.text, run.page));
    }
    if (line.bold) bytes.push(...set.bold(false));
    if (line.invert) bytes.push(...set.invert(false));
    if (line.size === 2) bytes.push(...set.size(1));
    bytes.push(LINE_FEED);
    return bytes;
  }

  function encodeLine(line: Exclude<SlipLine, SlipPicture>): Piece {
    switch (line.kind) {
      case 'line':
        return isSpellable(line.text) ? textLine(line) : set.raster(drawTextLine(line, columns));
      case 'qr': {
        const data = Buffer.from(line.data, 'utf8');
        if (data.length === 0 || data.length > MAX_QR_BYTES) throw new RangeError('QR data');
        return [...set.align('center'), ...set.qr(data, line.cell), LINE_FEED, ...set.align('left')];
      }
      case 'barcode':
        // The data may end at a control code on the wire, so nothing but visible ASCII may be in it.
        if (!/^[\x21-\x7e]{1,40}$/.test(line.data)) throw new RangeError('barcode data');
        return [
          ...set.align('center'),
          ...set.barcode(Buffer.from(line.data, 'latin1')),
          LINE_FEED,
          ...set.align('left'),
        ];
      case 'feed':
        return new Uint8Array(line.lines).fill(LINE_FEED);
      case 'cut':
        return [...new Uint8Array(FEED_BEFORE_CUT).fill(LINE_FEED), ...set.cut];
    }
  }

  const pieces = lines.flatMap((line): Piece[] =>
    line.kind === 'image' ? pictureBands(line, columns).map((band) => set.raster(band)) : [encodeLine(line)],
  );
  return { chunks: joinPieces([set.initialise, ...pieces]), replacedCharacters };
}

/** The lines as every printer of ours gets them: characters that none can show are '?', and counted. */
export function layOutForPrinter(
  document: SlipDocument,
  columns: number,
): { lines: SlipLine[]; replacedCharacters: number } {
  let replacedCharacters = 0;
  const lines = layOutSlip(document, columns, (text) => {
    const result = toDrawable(text);
    replacedCharacters += result.replaced;
    return result.text;
  });
  return { lines, replacedCharacters };
}

type Piece = ArrayLike<number> & Iterable<number>;

/** Whole commands, gathered into chunks of at most CHUNK_BYTES where one command is not longer itself. */
export function joinPieces(pieces: readonly Piece[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let chunk: number[] = [];
  for (const piece of pieces) {
    if (chunk.length > 0 && chunk.length + piece.length > CHUNK_BYTES) {
      chunks.push(Uint8Array.from(chunk));
      chunk = [];
    }
    for (const byte of piece) chunk.push(byte);
  }
  return [...chunks, Uint8Array.from(chunk)];
}
