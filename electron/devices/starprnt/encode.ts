import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import type { EncodedSlip, PrinterColumns, PrinterLanguage } from '../dialect.ts';
import { drawTextLine, pictureBands, type Raster } from '../raster.ts';
import type { SlipDocument, SlipLine, SlipPicture } from '../slip.ts';
import { BARCODE_HEIGHT_DOTS, BARCODE_MODULE_DOTS, joinPieces, layOutForPrinter } from '../slip-encoder.ts';
import { INITIALISE } from './commands.ts';
import { codePageRuns, isSpellable } from './printable.ts';
import { starPrntRaster } from './raster.ts';

/** Lines of paper between the print head and the cutter of an mPOP. */
const FEED_BEFORE_CUT = 3;

/** Paper widths that StarPRNT's font A has: 58 mm and 80 mm. */
export const STARPRNT_COLUMNS = [32, 48] as const satisfies readonly PrinterColumns[];

export interface EncodeOptions {
  readonly language?: PrinterLanguage;
  /** How the language takes lines and pictures that are drawn as dots. */
  readonly raster?: (raster: Raster) => Uint8Array;
}

/**
 * Encodes a slip as StarPRNT. Begins with ESC @ alone: the encoder's own initialise adds CAN, which sets the
 * ETB counter back to 0 and so hides that a slip was printed. Carries no ETB; the session adds it.
 */
export function encodeSlip(
  document: SlipDocument,
  columns: PrinterColumns,
  { language = 'star-prnt', raster = starPrntRaster }: EncodeOptions = {},
): EncodedSlip {
  const { lines, replacedCharacters } = layOutForPrinter(document, columns);
  const encoder = new ReceiptPrinterEncoder({
    language,
    columns,
    feedBeforeCut: FEED_BEFORE_CUT,
    newline: '\n',
    autoFlush: false, // the cut at the end starts the printing
    errors: 'strict',
  });
  const pieces = lines.flatMap((line) => {
    if (line.kind === 'image') return pictureBands(line, columns).map(raster);
    return line.kind === 'line' && !isSpellable(line.text)
      ? [raster(drawTextLine(line, columns))]
      : [encodeLine(encoder, line, language)];
  });
  return { chunks: joinPieces([INITIALISE, ...pieces]), replacedCharacters };
}

function encodeLine(
  encoder: ReceiptPrinterEncoder,
  line: Exclude<SlipLine, SlipPicture>,
  language: PrinterLanguage,
): Uint8Array {
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
      // The data ends at 1E on the wire, so nothing but visible ASCII may be in it; '%' begins a code of Star's own.
      if (!/^[\x21-\x7e]{1,40}$/.test(line.data)) throw new RangeError('barcode data');
      return encoder
        .align('center')
        .barcode(language === 'esc-pos' ? line.data : line.data.replaceAll('%', '%0'), 'code128', {
          height: BARCODE_HEIGHT_DOTS,
          width: BARCODE_MODULE_DOTS - 1, // of the modes 1, 2, 3, whose modules are 2, 3, 4 dots
          text: true,
        })
        .align('left')
        .encode();
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
