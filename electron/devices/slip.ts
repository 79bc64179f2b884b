import { LOGO_HEIGHT_MAX, pngSize } from '../../shared/slip-design.ts';
import { COLUMN_DOTS } from '../../shared/slip-preview.ts';

/** A slip as data, whatever language the printer speaks. */

export type Align = 'left' | 'center' | 'right';

export interface SlipTextStyle {
  readonly bold?: boolean;
  /** White on black. */
  readonly invert?: boolean;
  /** 2 is double width and height, so half the columns. */
  readonly size?: 1 | 2;
}

export type SlipElement =
  | ({ readonly kind: 'text'; readonly text: string; readonly align?: Align } & SlipTextStyle)
  /** `left` at the left edge, `right` (an amount, a time) at the right edge. */
  | ({ readonly kind: 'row'; readonly left: string; readonly right: string } & SlipTextStyle)
  | { readonly kind: 'rule' }
  /** QR code, error correction M; `cell` is the width of a module in dots, 1..8. */
  | { readonly kind: 'qr'; readonly data: string; readonly cell?: number }
  /** Code 128 with the text below. Visible ASCII only. */
  | { readonly kind: 'barcode'; readonly data: string }
  /** A PNG in base64, at most as wide as the paper (12 dots a column) and 200 dots high. */
  | { readonly kind: 'image'; readonly png: string; readonly align?: Align }
  | { readonly kind: 'feed'; readonly lines: number }
  | { readonly kind: 'cut' };

export interface SlipDocument {
  readonly elements: readonly SlipElement[];
}

/** One line of paper: `indent` blank columns, then the text in its style. */
export interface SlipTextLine {
  readonly kind: 'line';
  readonly indent: number;
  readonly text: string;
  readonly bold: boolean;
  readonly invert: boolean;
  readonly size: 1 | 2;
  /** The part of `text` that belongs at the right edge, where it has one: for a line that is drawn. */
  readonly right?: string;
}

/** `width` and `height` in dots, as in the PNG (base64). */
export interface SlipPicture {
  readonly kind: 'image';
  readonly png: string;
  readonly align: Align;
  readonly width: number;
  readonly height: number;
}

/** One line of paper or one block: what a slip is after wrapping. */
export type SlipLine =
  | SlipTextLine
  | { readonly kind: 'qr'; readonly data: string; readonly cell: number }
  | { readonly kind: 'barcode'; readonly data: string }
  | SlipPicture
  | { readonly kind: 'feed'; readonly lines: number }
  | { readonly kind: 'cut' };

const DEFAULT_QR_CELL = 6;

/**
 * Lays a slip out on paper of `columns` single-width characters: wraps at words, breaks only words that are
 * longer than a line, keeps right parts at the right edge. No line is ever wider than the paper. Ends with a
 * cut. `printable` gives the text as the printer can show it, so that the widths are true. Throws RangeError for a
 * picture that does not fit.
 */
export function layOutSlip(
  document: SlipDocument,
  columns: number,
  printable: (text: string) => string = (text) => text,
): SlipLine[] {
  const lines = document.elements.flatMap((element) => layOutElement(element, columns, printable));
  return lines.at(-1)?.kind === 'cut' ? lines : [...lines, { kind: 'cut' }];
}

function layOutElement(
  element: SlipElement,
  columns: number,
  printable: (text: string) => string,
): SlipLine[] {
  switch (element.kind) {
    case 'text': {
      const width = widthOf(element, columns);
      const align = element.align ?? 'left';
      return wrapWords(printable(element.text), width).map((text) =>
        styled(text, element, indentOf(text, width, align)),
      );
    }
    case 'row': {
      const width = widthOf(element, columns);
      return layOutRow(printable(element.left), printable(element.right), width, element);
    }
    case 'rule':
      return [styled('-'.repeat(columns), {})];
    case 'qr':
      return [{ kind: 'qr', data: element.data, cell: element.cell ?? DEFAULT_QR_CELL }];
    case 'image': {
      const size = pngSize(element.png);
      if (size === null || size.width > columns * COLUMN_DOTS || size.height > LOGO_HEIGHT_MAX) {
        throw new RangeError('slip: the picture does not fit on the paper');
      }
      return [{ kind: 'image', png: element.png, align: element.align ?? 'center', ...size }];
    }
    default:
      return [element];
  }
}

function widthOf(style: SlipTextStyle, columns: number): number {
  return Math.floor(columns / (style.size ?? 1));
}

function styled(text: string, style: SlipTextStyle, indent = 0): SlipTextLine {
  return {
    kind: 'line',
    indent,
    text,
    bold: style.bold ?? false,
    invert: style.invert ?? false,
    size: style.size ?? 1,
  };
}

/** Two columns on one line where they fit, else the left part first and the right part on lines of its own. */
function layOutRow(left: string, right: string, width: number, style: SlipTextStyle): SlipTextLine[] {
  if (left !== '' && left.length + 1 + right.length <= width) {
    return [{ ...styled(left + right.padStart(width - left.length), style), right }];
  }
  const lefts = left === '' ? [] : wrapWords(left, width).map((text) => styled(text, style));
  const rights = wrapWords(right, width).map((text) => styled(text, style, indentOf(text, width, 'right')));
  return [...lefts, ...rights];
}

/** Greedy wrapping. An empty text is one empty line. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return line !== '' || lines.length === 0 ? [...lines, line] : lines;
}

function indentOf(text: string, width: number, align: Align): number {
  const free = width - text.length;
  return align === 'left' ? 0 : align === 'right' ? free : Math.floor(free / 2);
}
