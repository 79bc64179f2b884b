/**
 * The message log on paper: a head with what it was narrowed to and what it came to, the rows, a foot with the page. Numbers are
 * masked and codes are not there, as on the screen. Built a few rows at a time: the till's process has a drawer to open meanwhile.
 */
import type { Language } from '../../../shared/errors.ts';
import type { LoggedMessage, MessageFilter } from '../../../shared/message-log.ts';
import { type Currency, formatAmount } from '../../../shared/money.ts';
import { type Fonts, registerFonts } from './fonts.ts';
import { fill, type LogWords, wordsIn } from './words.ts';

/** Points, 1/72 inch. A4 lies on its side. */
const MARGIN = 36;
const WIDTH = 841.89 - 2 * MARGIN;
const BOTTOM = 595.28 - MARGIN;
const FOOT_HEIGHT = 14;
const SIZE = { title: 16, text: 9, row: 8 } as const;
const LINE = { text: 13, row: 12 } as const;
/** Between the rows: everything else of the process has its turn. */
const ROWS_PER_TURN = 5;

/** Parts of the width, in the order of the columns. */
const COLUMNS = [
  ['at', 0.105],
  ['kind', 0.14],
  ['recipient', 0.17],
  ['phone', 0.105],
  ['till', 0.07],
  ['by', 0.11],
  ['sale', 0.1],
  ['state', 0.12],
  ['cost', 0.08],
] as const;
type Column = (typeof COLUMNS)[number][0];

export interface MessagePdf {
  readonly messages: readonly LoggedMessage[];
  readonly filter: MessageFilter;
  /** There are more that fit than are in it. */
  readonly cut: boolean;
  readonly storeName: string;
  readonly timezone: string;
  readonly language: Language;
  /** Who asked for it. */
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
}

/** `turn` resolves once everything else has had its turn. */
export async function makeMessagePdf(input: MessagePdf, turn: () => Promise<void>): Promise<Buffer> {
  const { language, timezone, messages } = input;
  const words = wordsIn(language);
  // Only now: a till that starts has no use for it, and would wait for it.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    ...{ size: 'A4', layout: 'landscape', margin: MARGIN, bufferPages: true, autoFirstPage: false },
    // None of the built-in fonts: their data files lie in the package.
    font: null as unknown as string,
    lang: language,
    info: { Title: words.messages.title, Author: 'Saksi', CreationDate: new Date(input.at) },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => document.on('end', resolve).on('error', reject));
  const paper = createPaper(document, await registerFonts(document));
  const time = new Intl.DateTimeFormat(language, {
    ...{ timeZone: timezone, dateStyle: 'short', timeStyle: 'medium', hour12: false },
  });
  const moment = (at: number) => time.format(at);

  const title = (column: Column) => words.messagePdf.column[column];
  document.addPage();
  writeHead(paper, input, { words, moment });
  paper.row((column) => title(column), true);
  for (const [index, message] of messages.entries()) {
    if (paper.isFull()) {
      document.addPage();
      paper.top();
      paper.row((column) => title(column), true);
    }
    const cells = cellsOf(message, { words, language, moment });
    paper.row((column) => cells[column]);
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await turn();
  }
  const { count } = document.bufferedPageRange();
  for (let page = 0; page < count; page += 1) {
    document.switchToPage(page);
    paper.foot(fill(words.messagePdf.page, { page: page + 1, pages: count }), input.storeName);
    if (page % ROWS_PER_TURN === 0) await turn();
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

type Paper = ReturnType<typeof createPaper>;

/** Writes from the top down; each text in the font that has it, cut where its place ends. */
function createPaper(document: PDFKit.PDFDocument, fonts: Fonts) {
  let y = MARGIN;

  function write(
    text: string,
    x: number,
    width: number,
    options: { size: number; bold?: boolean; right?: boolean },
  ) {
    const { size, bold = false, right = false } = options;
    const chosen = fonts.choose(text, bold ? 'bold' : 'plain');
    document.font(chosen.font, size);
    const shown = cut(chosen.text, width);
    const indent = right ? Math.max(0, width - document.widthOfString(shown)) : 0;
    document.text(shown, x + indent, y, { lineBreak: false });
  }

  /** As much of a text as fits, with an ellipsis where it is cut; the font is set. */
  function cut(text: string, width: number): string {
    if (document.widthOfString(text) <= width) return text;
    const characters = [...text];
    let [fits, tooMany] = [0, characters.length];
    while (tooMany - fits > 1) {
      const middle = (fits + tooMany) >> 1;
      if (document.widthOfString(`${characters.slice(0, middle).join('')}…`) <= width) fits = middle;
      else tooMany = middle;
    }
    return `${characters.slice(0, fits).join('')}…`;
  }

  return {
    line(text: string, size: number = SIZE.text, bold = false): void {
      write(text, MARGIN, WIDTH, { size, bold });
      y += size === SIZE.text ? LINE.text : size + 6;
    },
    gap(height: number): void {
      y += height;
    },
    row(cell: (column: Column) => string, head = false): void {
      let x = MARGIN;
      for (const [column, part] of COLUMNS) {
        const width = part * WIDTH;
        write(cell(column), x, width - 4, { size: SIZE.row, bold: head, right: column === 'cost' });
        x += width;
      }
      y += LINE.row;
      if (!head) return;
      document
        .moveTo(MARGIN, y)
        .lineTo(MARGIN + WIDTH, y)
        .lineWidth(0.5)
        .stroke();
      y += 3;
    },
    isFull: (): boolean => y + LINE.row > BOTTOM - FOOT_HEIGHT,
    top(): void {
      y = MARGIN;
    },
    foot(left: string, right: string): void {
      y = BOTTOM - SIZE.row - 2;
      write(right, MARGIN, WIDTH * 0.6, { size: SIZE.row });
      write(left, MARGIN + WIDTH * 0.6, WIDTH * 0.4, { size: SIZE.row, right: true });
    },
  };
}

interface Telling {
  readonly words: LogWords;
  readonly moment: (at: number) => string;
}

function writeHead(paper: Paper, input: MessagePdf, { words, moment }: Telling): void {
  const { messages, filter, cut, language, storeName, by, at } = input;
  const { messagePdf: pdf, messages: log } = words;
  paper.top();
  paper.line(`${log.title}: ${storeName}`, SIZE.title, true);
  paper.line(fill(pdf.made, { moment: moment(at), name: by }));
  const from = filter.from === undefined ? pdf.beginning : moment(filter.from);
  const to = filter.to === undefined ? moment(at) : moment(filter.to);
  const parts = [
    fill(pdf.span, { from, to }),
    filter.kind === undefined ? log.everyKind : log.kind[filter.kind],
    filter.state === undefined ? log.everyState : log.states[filter.state],
    ...(filter.q === undefined || filter.q === '' ? [] : [fill(pdf.search, { text: searchText(filter.q) })]),
  ];
  paper.line(parts.join(' · '));
  paper.line(totalsText(messages, words, language), SIZE.text, true);
  if (cut) paper.line(fill(pdf.cut, { number: messages.length }));
  paper.gap(8);
}

/** A number that was searched for is a number: all but its end is covered. */
function searchText(q: string): string {
  const digits = q.replace(/\D/g, '');
  return digits.length < 7 ? q : `•••${digits.slice(-4)}`;
}

/** 'Messages: 42 · Cost: Rp 14.680 · Given back: 2'. */
function totalsText(messages: readonly LoggedMessage[], words: LogWords, language: Language): string {
  const sums = new Map<Currency, number>();
  const states = new Map<string, number>();
  for (const { cost } of messages) {
    if (cost === null) continue;
    sums.set(cost.currency, (sums.get(cost.currency) ?? 0) + cost.amount);
    states.set(cost.state, (states.get(cost.state) ?? 0) + 1);
  }
  const { messagePdf: pdf, messageCost } = words;
  const money = [...sums].map(([currency, sum]) => formatAmount(sum, 'deposit', currency, language));
  const times = (state: 'free' | 'returned') => {
    const count = states.get(state) ?? 0;
    return count === 0 ? [] : [`${messageCost[state]}: ${count}`];
  };
  return [
    fill(pdf.count, { number: messages.length }),
    ...(money.length === 0 ? [] : [`${messageCost.label}: ${money.join(' + ')}`]),
    ...times('free'),
    ...times('returned'),
  ].join(' · ');
}

function cellsOf(
  message: LoggedMessage,
  { words, language, moment }: Telling & { readonly language: Language },
): Record<Column, string> {
  const { cost } = message;
  const code = message.history.find((event) => event.code !== null)?.code;
  const price =
    cost === null
      ? ''
      : fill(words.messageCost[cost.state], {
          amount: formatAmount(cost.amount, 'deposit', cost.currency, language),
        });
  const state = words.messages.states[message.state];
  return {
    at: moment(message.at),
    kind: words.messages.kind[message.kind],
    recipient: message.recipient ?? '',
    phone: message.phoneMasked ?? '',
    till: message.tillName ?? '',
    by: message.causedBy ?? '',
    sale: message.saleRef ?? '',
    state: code === undefined ? state : `${state} (${code})`,
    cost: price,
  };
}
