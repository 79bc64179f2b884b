import CodepageEncoder from '@point-of-sale/codepage-encoder';
import type { Command } from './command-reader.ts';

/** What stands on the paper, as the printer put it there. */
export interface PrintedRun {
  readonly text: string;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly invert: boolean;
  readonly width: number;
  readonly height: number;
}

export type Align = 'left' | 'center' | 'right';

export type PrintedElement =
  | { readonly kind: 'line'; readonly runs: readonly PrintedRun[]; readonly align: Align }
  | {
      readonly kind: 'qr';
      readonly data: string;
      readonly level: 'L' | 'M' | 'Q' | 'H';
      readonly cell: number;
      readonly align: Align;
    }
  | {
      readonly kind: 'barcode';
      readonly data: string;
      readonly symbology: number;
      readonly width: number;
      readonly height: number;
      readonly text: boolean;
      readonly align: Align;
    }
  | {
      readonly kind: 'raster';
      readonly bytesPerRow: number;
      readonly rows: number;
      readonly data: Uint8Array;
    };

export interface PrintedSlip {
  readonly number: number;
  readonly elements: readonly PrintedElement[];
  readonly cut: 'full' | 'partial';
}

/** Columns of font A on 58 mm paper. */
export const COLUMNS = 32;
/** 203 dpi. */
const DOTS_PER_MM = 8;
const LINE_DOTS = 32;
/** Height of a bit image in the line buffer. */
const IMAGE_DOTS = 24;
const QR_LEVELS = ['L', 'M', 'Q', 'H'] as const;

/** Star's numbers of the code pages that the simulator can read back, with their tables. */
const CODE_PAGES: Record<number, readonly number[]> = {
  0: CodepageEncoder.getCodepoints('star/standard', true),
  1: CodepageEncoder.getCodepoints('cp437', true),
  4: CodepageEncoder.getCodepoints('cp858', true),
  12: CodepageEncoder.getCodepoints('cp857', true),
  32: CodepageEncoder.getCodepoints('windows1252', true),
};

const INITIAL_STYLE = { bold: false, underline: false, invert: false, width: 1, height: 1 };

/** The head, the line buffer and the paper. Knows no time: it says how far a command moves the paper. */
export class Paper {
  readonly slips: PrintedSlip[] = [];
  readonly errors: string[] = [];
  readonly #columns: number;
  #elements: PrintedElement[] = [];
  #runs: PrintedRun[] = [];
  #style = { ...INITIAL_STYLE };
  #page = 0;
  #align: Align = 'left';
  #lineDots = LINE_DOTS;
  #image: { bytesPerRow: number; data: Uint8Array } | null = null;
  #qr: { level: (typeof QR_LEVELS)[number]; cell: number; data: string | null } = {
    level: 'L',
    cell: 3,
    data: null,
  };

  constructor(columns = COLUMNS) {
    this.#columns = columns;
  }

  /** What is printed of a slip that is not cut off yet. */
  get uncut(): readonly PrintedElement[] {
    return this.#elements;
  }

  /** Millimetres of paper that the command moves; 0 for one that only changes a setting. */
  feedOf(command: Command): number {
    switch (command.kind) {
      case 'line_feed':
        return (Math.max(1, ...this.#runs.map((run) => run.height)) * this.#lineDots) / DOTS_PER_MM;
      case 'qr_print':
        return ((this.#qr.data === null ? 0 : 33) * this.#qr.cell) / DOTS_PER_MM;
      case 'barcode':
        return command.height / DOTS_PER_MM + 4;
      case 'cut':
        return command.feed ? 12 : 1;
      case 'raster':
        return command.rows / DOTS_PER_MM;
      default:
        return 0;
    }
  }

  apply(command: Command): void {
    switch (command.kind) {
      case 'text':
        this.#print(command.byte);
        return;
      case 'line_feed':
        this.#endLine();
        return;
      case 'initialise':
        this.#style = { ...INITIAL_STYLE };
        this.#page = 0;
        this.#align = 'left';
        this.#lineDots = LINE_DOTS;
        return;
      case 'line_spacing':
        this.#lineDots = command.dots;
        return;
      case 'cancel':
        this.#runs = [];
        this.#image = null;
        return;
      case 'bold':
      case 'underline':
      case 'invert':
        this.#style = { ...this.#style, [command.kind]: command.on };
        return;
      case 'size':
        this.#style = { ...this.#style, width: command.width, height: command.height };
        return;
      case 'code_page':
        this.#page = command.page;
        return;
      case 'align':
        this.#align = command.align;
        return;
      case 'qr_level':
        this.#qr = { ...this.#qr, level: QR_LEVELS[command.value] ?? 'L' };
        return;
      case 'qr_cell':
        this.#qr = { ...this.#qr, cell: command.value };
        return;
      case 'qr_data':
        this.#qr = { ...this.#qr, data: Buffer.from(command.data).toString('latin1') };
        return;
      case 'qr_print':
        this.#printQr();
        return;
      case 'barcode':
        this.#flushLine();
        this.#elements.push({ ...command, align: this.#align });
        return;
      case 'raster':
        this.#flushLine();
        if (command.bytesPerRow * 8 > this.#columns * 12) this.errors.push('raster wider than the paper');
        this.#elements.push(command);
        return;
      case 'bit_image':
        if (command.bytesPerRow * 8 > this.#columns * 12) this.errors.push('bit image wider than the paper');
        if (this.#runs.length > 0 || this.#image !== null)
          this.errors.push('two things on one line, a bit image among them');
        this.#image = command;
        return;
      case 'cut':
        this.#flushLine();
        this.slips.push({ number: this.slips.length + 1, elements: this.#elements, cut: command.mode });
        this.#elements = [];
        return;
    }
  }

  #print(byte: number): void {
    if (this.#image !== null) this.errors.push('text beside a bit image');
    const text = this.#decode(byte);
    const last = this.#runs.at(-1);
    const same =
      last !== undefined &&
      Object.entries(this.#style).every(([key, value]) => last[key as keyof PrintedRun] === value);
    if (same) this.#runs[this.#runs.length - 1] = { ...last, text: last.text + text };
    else this.#runs.push({ ...this.#style, text });
    const columns = this.#runs.reduce((sum, run) => sum + run.text.length * run.width, 0);
    if (columns === this.#columns + 1) this.errors.push(`line wider than the paper: ${textOf(this.#runs)}`);
  }

  #decode(byte: number): string {
    if (byte < 0x80) return String.fromCharCode(byte);
    const point = CODE_PAGES[this.#page]?.[byte];
    if (point === undefined) {
      this.errors.push(`no glyph for ${byte.toString(16)} in code page ${this.#page}`);
      return '\ufffd';
    }
    return String.fromCodePoint(point);
  }

  #endLine(): void {
    if (this.#image !== null) {
      this.#endImage(this.#image);
      this.#image = null;
      return;
    }
    this.#elements.push({ kind: 'line', runs: this.#runs, align: this.#align });
    this.#runs = [];
  }

  /** The line feed's own length decides: what it feeds beyond the image is white. */
  #endImage({ bytesPerRow, data }: { bytesPerRow: number; data: Uint8Array }): void {
    const rows = Math.max(IMAGE_DOTS, this.#lineDots);
    const fed = new Uint8Array(bytesPerRow * rows);
    fed.set(data);
    this.#elements.push({ kind: 'raster', bytesPerRow, rows, data: fed });
  }

  #flushLine(): void {
    if (this.#runs.length > 0 || this.#image !== null) this.#endLine();
  }

  #printQr(): void {
    const { data, level, cell } = this.#qr;
    this.#flushLine();
    if (data === null) this.errors.push('QR printed without data');
    else this.#elements.push({ kind: 'qr', data, level, cell, align: this.#align });
  }
}

function textOf(runs: readonly PrintedRun[]): string {
  return runs.map((run) => run.text).join('');
}

/** A slip as plain text, one string per line of paper; codes as [QR …] and [BARCODE …]. */
export function slipText(elements: readonly PrintedElement[]): string[] {
  return elements.map((element) => {
    if (element.kind === 'qr') return `[QR ${element.data}]`;
    if (element.kind === 'barcode') return `[BARCODE ${element.data}]`;
    if (element.kind === 'raster') return `[DOTS ${element.bytesPerRow * 8}x${element.rows}]`;
    return textOf(element.runs).trimEnd();
  });
}
