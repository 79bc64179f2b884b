import { createRequire } from 'node:module';
import { blacken, type Dots, dithered, emptyDots, isBlack, type Pixels } from '../../shared/dots.ts';
import { COLUMN_DOTS } from '../../shared/slip-preview.ts';
import type { SlipPicture, SlipTextLine } from './slip.ts';
import { withoutFiller } from './starprnt/printable.ts';

export type Raster = Dots;

const FONT_FAMILY = 'Saksi Unifont';
const LINE_DOTS = 24;
/** Half of the ink: a dot is black from here on. */
const INK = 128;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
const LEFT_TO_RIGHT = /\p{L}/u;

type Canvas = typeof import('@napi-rs/canvas');
let loaded: Canvas | null = null;

/** The canvas with the one font, loaded when the first line needs it: most slips never do. */
function canvas(): Canvas {
  if (loaded !== null) return loaded;
  const require = createRequire(import.meta.url);
  const module: Canvas = require('@napi-rs/canvas');
  const font = require.resolve('@fontsource/unifont/files/unifont-latin-400-normal.woff2');
  if (module.GlobalFonts.registerFromPath(font, FONT_FAMILY) === null)
    throw new Error('the font is unreadable');
  loaded = module;
  return module;
}

/** A line by its first strong letter; a line without one reads left to right. */
function isRightToLeft(text: string): boolean {
  const first = [...text].find((character) => LEFT_TO_RIGHT.test(character));
  return first !== undefined && RIGHT_TO_LEFT.test(first);
}

/** Draws one line of text 24 dots high (48 in double size), at the full width of the paper. */
export function drawTextLine(line: SlipTextLine, columns: number): Raster {
  const { createCanvas } = canvas();
  const width = columns * COLUMN_DOTS;
  const rows = LINE_DOTS * line.size;
  const right = withoutFiller(line.right ?? '');
  const whole = withoutFiller(line.text);
  const text = right === '' ? whole : whole.slice(0, whole.length - right.length).trimEnd();
  const context = createCanvas(width, rows).getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, rows);
  context.font = `${rows}px "${FONT_FAMILY}"`;
  context.textBaseline = 'alphabetic';
  const rightToLeft = isRightToLeft(text);
  context.direction = rightToLeft ? 'rtl' : 'ltr';
  context.textAlign = rightToLeft ? 'right' : 'left';
  const indent = line.indent * COLUMN_DOTS * line.size;
  // An indent of the layout is free space on both sides where it centres: from its own edge it is the same.
  const x = rightToLeft ? width - indent : indent;
  const measured = Math.ceil(context.measureText(text).width);
  const length = right === '' ? Math.min(width - indent, measured) : width;
  if (line.invert) {
    context.fillStyle = '#000';
    context.fillRect(rightToLeft ? x - length : x, 0, length, rows);
  }
  context.fillStyle = line.invert ? '#fff' : '#000';
  const baseline = Math.round(rows * (14 / 16)); // Unifont: 14 rows above the baseline, 2 below
  context.fillText(text, x, baseline);
  if (line.bold) context.fillText(text, x + (rightToLeft ? -line.size : line.size), baseline);
  if (right !== '') {
    // The other edge: the left one where the line reads from the right.
    const end = rightToLeft ? 0 : width;
    context.textAlign = rightToLeft ? 'left' : 'right';
    context.fillText(right, end, baseline);
    if (line.bold) context.fillText(right, end + (rightToLeft ? line.size : -line.size), baseline);
  }
  return thresholded(context.getImageData(0, 0, width, rows));
}

/** Grey levels to dots by a fixed threshold. */
export function thresholded(image: Pixels): Raster {
  // Taken out once: each reading of a canvas' own property is a call into it.
  const { data, width, height } = image;
  const dots = emptyDots(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((data[(y * width + x) * 4] ?? 255) < INK) blacken(dots, x, y);
    }
  }
  return dots;
}

/** A picture's own dots, or null where it cannot be drawn: a slip without its logo is better than none. */
export function drawPicture({ png, width, height }: SlipPicture): Raster | null {
  try {
    const { createCanvas, Image } = canvas();
    const image = new Image();
    image.src = Buffer.from(png, 'base64');
    const context = createCanvas(width, height).getContext('2d');
    context.drawImage(image, 0, 0);
    return dithered(context.getImageData(0, 0, width, height));
  } catch {
    return null;
  }
}

/**
 * A picture where it belongs on paper of `columns`, in bands as high as a line: a drawer pulse between two of them does
 * not wait for the whole picture.
 */
export function pictureBands(picture: SlipPicture, columns: number): Raster[] {
  const own = drawPicture(picture);
  if (own === null) return [];
  const paper = columns * COLUMN_DOTS;
  const left = leftEdge(picture, paper);
  const bands: Raster[] = [];
  for (let top = 0; top < own.rows; top += LINE_DOTS) {
    const band = emptyDots(paper, Math.min(LINE_DOTS, own.rows - top));
    for (let y = 0; y < band.rows; y += 1) {
      for (let x = 0; x < picture.width; x += 1) if (isBlack(own, x, top + y)) blacken(band, left + x, y);
    }
    bands.push(band);
  }
  return bands;
}

/** How many dots of white a picture has to its left. */
export function leftEdge({ align, width }: Pick<SlipPicture, 'align' | 'width'>, paper: number): number {
  return align === 'left' ? 0 : align === 'right' ? paper - width : Math.floor((paper - width) / 2);
}
