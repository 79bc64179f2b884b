import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import { layOutSlip, type SlipDocument, type SlipLine } from '../slip.ts';
import { INITIALISE } from './commands.ts';
import { codePageRuns, toPrintable } from './printable.ts';

/** A slip in the printer's language, in pieces between which other commands may be sent. */
export interface EncodedSlip {
  /** Each ends at the end of a command. */
  readonly chunks: readonly Uint8Array[];
  /** Characters that the printer cannot show and that became '?'. */
  readonly replacedCharacters: number;
  /** Pictures left out: this encoder has none yet. */
  readonly notPrinted: number;
}

/**
 * Small enough that a drawer pulse behind one chunk waits 11 ms at 115,200 baud; a QR code's data may be one
 * larger chunk.
 */
const CHUNK_BYTES = 128;

/** Lines of paper between the print head and the cutter of an mPOP. */
const FEED_BEFORE_CUT = 3;
const BARCODE_HEIGHT_DOTS = 60;
const BARCODE_WIDTH = 2;

/** Paper widths that StarPRNT's font A has: 58 mm and 80 mm. */
export const STARPRNT_COLUMNS = [32, 48] as const;
export type StarPrntColumns = (typeof STARPRNT_COLUMNS)[number];

/**
 * Encodes a slip as StarPRNT. Begins with ESC @ alone: the encoder's own initialise adds CAN, which sets the
 * ETB counter back to 0 and so hides that a slip was printed. Carries no ETB; the session adds it.
 */
export function encodeSlip(document: SlipDocument, columns: StarPrntColumns): EncodedSlip {
  let replacedCharacters = 0;
  const printable = (text: string) => {
    const result = toPrintable(text);
    replacedCharacters += result.replaced;
    return result.text;
  };
  const lines = layOutSlip(document, columns, printable);
  const encoder = new ReceiptPrinterEncoder({
    language: 'star-prnt',
    columns,
    feedBeforeCut: FEED_BEFORE_CUT,
    newline: '\n',
    autoFlush: false, // the cut at the end starts the printing
    errors: 'strict',
  });
  const pieces = [INITIALISE, ...lines.map((line) => encodeLine(encoder, line))];
  const notPrinted = lines.filter(({ kind }) => kind === 'image').length;
  return { chunks: joinPieces(pieces), replacedCharacters, notPrinted };
}

function encodeLine(encoder: ReceiptPrinterEncoder, line: SlipLine): Uint8Array {
  switch (line.kind) {
    case 'line':
      if (line.size === 2) encoder.size(2, 2);
      encoder.text(' '.repeat(line.indent)).bold(line.bold).invert(line.invert);
      for (const run of codePageRuns(line.text)) encoder.codepage(run.page).text(run.text);
      encoder.bold(false).invert(false);
      if (line.size === 2) encoder.size(1, 1);
      return encoder.newline().encode();
    case 'qr':
      return encoder
        .align('center')
        .qrcode(line.data, { model: 2, size: line.cell, errorlevel: 'm' })
        .align('left')
        .encode();
    case 'barcode':
      // The data ends at 1E on the wire, so nothing but visible ASCII may be in it.
      if (!/^[\x21-\x7e]{1,40}$/.test(line.data)) throw new RangeError('barcode data');
      return encoder
        .align('center')
        .barcode(line.data, 'code128', { height: BARCODE_HEIGHT_DOTS, width: BARCODE_WIDTH, text: true })
        .align('left')
        .encode();
    case 'image':
      return new Uint8Array();
    case 'feed':
      return encoder.newline(line.lines).encode();
    case 'cut':
      return withoutLineFeed(encoder.cut('partial').encode());
  }
}

/** The encoder feeds one line after the cut, which would be the first line of the next slip. */
function withoutLineFeed(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}

function joinPieces(pieces: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let chunk: number[] = [];
  for (const piece of pieces) {
    if (chunk.length > 0 && chunk.length + piece.length > CHUNK_BYTES) {
      chunks.push(Uint8Array.from(chunk));
      chunk = [];
    }
    chunk.push(...piece);
  }
  return [...chunks, Uint8Array.from(chunk)];
}
