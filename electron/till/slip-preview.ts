import { create as createQr } from 'qrcode';
import type { BridgeOutput } from '../../shared/bridge.ts';
import { code128Modules } from '../../shared/code128.ts';
import { blacken, type Dots, emptyDots } from '../../shared/dots.ts';
import {
  COLUMN_DOTS,
  PAPER_COLUMNS,
  type PreviewLine,
  type SlipPreviewWish,
} from '../../shared/slip-preview.ts';
import { drawPicture, drawTextLine, leftEdge } from '../devices/raster.ts';
import type { SlipDocument, SlipLine } from '../devices/slip.ts';
import { BARCODE_HEIGHT_DOTS, BARCODE_MODULE_DOTS, layOutForPrinter } from '../devices/slip-encoder.ts';
import { isSpellable } from '../devices/starprnt/printable.ts';
import { type Core, contextOf } from './core.ts';
import { assertManager } from './policy.ts';
import type { Session } from './session.ts';
import { sampleSlip } from './slip-samples.ts';

/** Every printer ends the line after a code. */
const LINE_BELOW: PreviewLine = { kind: 'feed', lines: 1 };

/** An example of a slip in a design, for a manager who edits it. Prints nothing. Throws `role_not_allowed`. */
export function previewForManager(
  core: Core,
  session: Session,
  wish: SlipPreviewWish,
): BridgeOutput<'slips.preview'> {
  assertManager(session);
  const columns = PAPER_COLUMNS[wish.paper];
  const { store } = contextOf(core);
  const tillName = core.identity?.tillName ?? '';
  const at = core.effects.clock.now();
  return { columns, lines: previewSlip(sampleSlip({ ...wish, store, tillName, columns, at }), columns) };
}

/** The lines that the encoders get, as a screen can draw them. Throws RangeError as they do. */
export function previewSlip(document: SlipDocument, columns: number): PreviewLine[] {
  return layOutForPrinter(document, columns).lines.flatMap((line) => previewLine(line, columns));
}

function previewLine(line: SlipLine, columns: number): PreviewLine[] {
  const paper = columns * COLUMN_DOTS;
  switch (line.kind) {
    case 'line': {
      if (!isSpellable(line.text)) return [dotsOf('text', line.text, drawTextLine(line, columns), paper, 0)];
      const { kind, indent, text, bold, invert, size } = line;
      return [{ kind, indent, text, bold, invert, size }];
    }
    case 'image': {
      const own = drawPicture(line);
      return own === null ? [] : [dotsOf('logo', '', own, line.width, leftEdge(line, paper))];
    }
    case 'qr': {
      const { dots, width } = qrDots(line.data, line.cell);
      return [dotsOf('qr', line.data, dots, width, centred(width, paper)), LINE_BELOW];
    }
    case 'barcode': {
      const { dots, width } = barcodeDots(line.data);
      // The printer writes the data below.
      const text = { indent: Math.max(0, Math.floor((columns - line.data.length) / 2)), text: line.data };
      return [
        dotsOf('barcode', line.data, dots, width, centred(width, paper)),
        { kind: 'line', ...text, bold: false, invert: false, size: 1 },
        LINE_BELOW,
      ];
    }
    default:
      return [line];
  }
}

const centred = (width: number, paper: number): number => leftEdge({ align: 'center', width }, paper);

function dotsOf(
  what: Extract<PreviewLine, { kind: 'dots' }>['what'],
  text: string,
  { data, rows }: Dots,
  width: number,
  left: number,
): PreviewLine {
  return {
    kind: 'dots',
    ...{ what, text, left: Math.max(0, left), width, height: rows },
    data: Buffer.from(data).toString('base64'),
  };
}

function qrDots(data: string, cell: number): { dots: Dots; width: number } {
  const { modules } = createQr([{ data: Buffer.from(data, 'utf8'), mode: 'byte' }], {
    errorCorrectionLevel: 'M',
  });
  const width = modules.size * cell;
  const dots = emptyDots(width, width);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (modules.get(Math.floor(y / cell), Math.floor(x / cell)) !== 0) blacken(dots, x, y);
    }
  }
  return { dots, width };
}

function barcodeDots(data: string): { dots: Dots; width: number } {
  const bars = code128Modules(data).flatMap((modules, index) =>
    Array<boolean>(modules * BARCODE_MODULE_DOTS).fill(index % 2 === 0),
  );
  const dots = emptyDots(bars.length, BARCODE_HEIGHT_DOTS);
  for (let y = 0; y < BARCODE_HEIGHT_DOTS; y += 1) {
    for (const [x, black] of bars.entries()) if (black) blacken(dots, x, y);
  }
  return { dots, width: bars.length };
}
