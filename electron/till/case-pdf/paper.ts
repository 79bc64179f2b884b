/** A4 upright, written from the top down; a page ends where the next thing would not fit. */
import type { Language } from '../../../shared/errors.ts';
import { type Fonts, registerFonts } from '../message-pdf/fonts.ts';

/** Points, 1/72 inch. */
const MARGIN = 42;
const WIDTH = 595.28 - 2 * MARGIN;
const FOOT = 16;
const BOTTOM = 841.89 - MARGIN - FOOT;
const SIZE = { title: 22, heading: 14, text: 10, small: 8, tiny: 6 } as const;
export type Size = keyof typeof SIZE;

interface Style {
  readonly size?: Size;
  readonly bold?: boolean;
}
export interface Cell extends Style {
  readonly text: string;
  /** Part of the width. */
  readonly part: number;
}
export type Paper = Awaited<ReturnType<typeof openPaper>>;

export async function openPaper({ title, language, at }: { title: string; language: Language; at: number }) {
  // Only now: a till that starts has no use for it, and would wait for it.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    ...{ size: 'A4', margin: MARGIN, bufferPages: true, autoFirstPage: false },
    // None of the built-in fonts: their data files lie in the package.
    font: null as unknown as string,
    lang: language,
    info: { Title: title, Author: 'Saksi', CreationDate: new Date(at) },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.on('end', resolve).on('error', reject));
  const fonts: Fonts = await registerFonts(document);
  let y = MARGIN;

  function use(text: string, { size = 'text', bold = false }: Style): string {
    const chosen = fonts.choose(text, bold ? 'bold' : 'plain');
    document.font(chosen.font, SIZE[size]);
    return chosen.text;
  }
  function heightOf(text: string, width: number, style: Style): number {
    const shown = use(text, style);
    return shown === '' ? 0 : document.heightOfString(shown, { width });
  }
  function page(): void {
    document.addPage();
    y = MARGIN;
  }
  function makeRoom(height: number): void {
    if (y + height > BOTTOM) page();
  }

  const paper = {
    page,
    gap(height: number): void {
      y += height;
    },
    line(text: string, style: Style = {}): void {
      // What is longer than a page is set paragraph by paragraph.
      for (const paragraph of text.split('\n')) {
        const height = heightOf(paragraph, WIDTH, style);
        makeRoom(height);
        document.text(use(paragraph, style), MARGIN, y, { width: WIDTH });
        y += height + 3;
      }
    },
    heading(text: string): void {
      makeRoom(60);
      y += 14;
      paper.line(text, { size: 'heading', bold: true });
      y += 2;
    },
    /** Cells beside each other, each as high as its text; a thin line below where it is a head. */
    row(cells: readonly Cell[], isHead = false): void {
      const gap = 6;
      const heights = cells.map((cell) => heightOf(cell.text, cell.part * WIDTH - gap, cell));
      const height = Math.max(...heights);
      makeRoom(height);
      let x = MARGIN;
      for (const cell of cells) {
        const shown = use(cell.text, cell);
        document.text(shown, x, y, { width: cell.part * WIDTH - gap });
        x += cell.part * WIDTH;
      }
      y += height + 3;
      if (!isHead) return;
      document
        .moveTo(MARGIN, y - 1)
        .lineTo(MARGIN + WIDTH, y - 1)
        .lineWidth(0.5)
        .stroke();
      y += 2;
    },
    fact(name: string, value: string, size: Size = 'text'): void {
      paper.row([
        { text: name, part: 0.3, bold: true },
        { text: value, part: 0.7, size },
      ]);
    },
    /** Feet on all pages, and the bytes. */
    async end(foot: (page: number, pages: number) => string): Promise<Buffer> {
      const { count } = document.bufferedPageRange();
      for (let number = 0; number < count; number += 1) {
        document.switchToPage(number);
        const text = use(foot(number + 1, count), { size: 'small' });
        document.text(text, MARGIN, BOTTOM + 4, { width: WIDTH, align: 'right', lineBreak: false });
      }
      document.end();
      await ended;
      return Buffer.concat(chunks);
    },
  };
  return paper;
}
