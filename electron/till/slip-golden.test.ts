/**
 * Every kind of slip in every language on both papers: what the printer puts on paper is what the preview shows, line by
 * line, and what was stored here when a person looked at it. `vitest run electron/till/slip-golden.test.ts -u` stores anew.
 */
import { createHash } from 'node:crypto';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { DEFAULT_SLIP_DESIGN, type SlipDesign } from '../../shared/slip-design.ts';
import { SLIP_KINDS, type SlipKind } from '../../shared/slip-layouts.ts';
import { PAPER_COLUMNS, type PreviewLine } from '../../shared/slip-preview.ts';
import { EscPosCommandParser } from '../../test/sim/escpos/parser.ts';
import type { CommandReader } from '../../test/sim/mpop/command-reader.ts';
import { Paper, type PrintedElement, slipText } from '../../test/sim/mpop/paper.ts';
import { StarPrntParser } from '../../test/sim/mpop/parser.ts';
import { drawSlip } from '../../test/sim/mpop/slip-picture.ts';
import { StarLineParser } from '../../test/sim/starline/parser.ts';
import type { EncodedSlip } from '../devices/dialect.ts';
import { ESC_POS_SET } from '../devices/escpos/command-set.ts';
import { escPos } from '../devices/escpos/dialect.ts';
import { starLine } from '../devices/starline/dialect.ts';
import { starPrnt } from '../devices/starprnt/dialect.ts';
import { encodeSlip } from '../devices/starprnt/encode.ts';
import { previewSlip } from './slip-preview.ts';
import { sampleSlip } from './slip-samples.ts';

const LANGUAGES = ['id', 'en', 'tr'] as const;
type Language = (typeof LANGUAGES)[number];
const PAPERS = [58, 80] as const;
type PaperWidth = (typeof PAPERS)[number];
const STORES = {
  id: {
    name: 'Toko Maju Jaya',
    address: 'Jl. Malioboro No. 12, Yogyakarta 55271\n0274-555-123',
    footer: '',
    timezone: 'Asia/Jakarta',
    currency: 'IDR',
  },
  en: {
    name: 'Corner Shop',
    address: '12 High Street',
    footer: 'Open daily 8–21',
    timezone: 'America/New_York',
    currency: 'USD',
  },
  tr: {
    name: 'Çağlayan Şarküteri',
    address: 'İstiklâl Cad. №5, Beyoğlu\nIğdır',
    footer: '',
    timezone: 'Europe/Istanbul',
    currency: 'TRY',
  },
} as const;
const AT = Date.UTC(2026, 10, 12, 7, 5);

/** A ramp from black to white in a frame: every grey level, and edges. */
function logo(): string {
  const png = new PNG({ width: 160, height: 40 });
  for (let y = 0; y < 40; y += 1) {
    for (let x = 0; x < 160; x += 1) {
      const level = x < 2 || y < 2 || x > 157 || y > 37 ? 0 : Math.floor((x * 255) / 159);
      png.data.set([level, level, level, 255], (y * 160 + x) * 4);
    }
  }
  return PNG.sync.write(png).toString('base64');
}

const DESIGN: SlipDesign = { ...DEFAULT_SLIP_DESIGN, logo: logo(), language: 'store' };

function documentOf(kind: SlipKind, language: Language, paper: PaperWidth, design = DESIGN, copy = false) {
  const store = { ...STORES[language], language };
  const columns = PAPER_COLUMNS[paper];
  const customerLanguage = language === 'en' ? 'id' : 'en';
  const example = { customerLanguage, tillName: 'Kasir 1', at: AT } as const;
  return { columns, document: sampleSlip({ kind, design, store, copy, columns, ...example }) };
}

function printed(slip: EncodedSlip, columns: number, parser: CommandReader) {
  const paper = new Paper(columns);
  for (const chunk of slip.chunks) for (const { command } of parser.push(chunk)) paper.apply(command);
  expect([...parser.errors, ...paper.errors, parser.pendingBytes]).toEqual([0]);
  expect(paper.slips).toHaveLength(1);
  return paper.slips[0]?.elements ?? [];
}

/** The preview as `slipText` says what is on paper. */
function previewText(lines: readonly PreviewLine[], columns: number): string[] {
  const paper = `${columns * 12}x`;
  return lines.flatMap((line, index) => {
    const before = lines[index - 1];
    if (line.kind === 'feed') return Array<string>(line.lines).fill('');
    if (line.kind === 'cut') return ['', '', ''];
    // The text below a barcode is the printer's own.
    if (line.kind === 'line' && before?.kind === 'dots' && before.what === 'barcode') return [];
    if (line.kind === 'line') return [`${' '.repeat(line.indent)}${line.text}`.trimEnd()];
    if (line.what === 'qr') return [`[QR ${line.text}]`];
    if (line.what === 'barcode') return [`[BARCODE ${line.text}]`];
    const bands = Array.from({ length: Math.ceil(line.height / 24) }, (_, band) =>
      Math.min(24, line.height - band * 24),
    );
    return line.what === 'logo'
      ? bands.map((rows) => `[DOTS ${paper}${rows}]`)
      : [`[DOTS ${paper}${line.height}]`];
  });
}

/** StarPRNT's elements as Star Line puts them on paper: dots in bands of 24 rows, the last one filled up with white. */
const inBands = (elements: readonly PrintedElement[]): PrintedElement[] =>
  elements.flatMap((element): PrintedElement[] => {
    if (element.kind !== 'raster') return [element];
    const { bytesPerRow, rows, data } = element;
    return Array.from({ length: Math.ceil(rows / 24) }, (_, band) => {
      const dots = new Uint8Array(bytesPerRow * 24);
      dots.set(data.subarray(band * dots.length, (band + 1) * dots.length));
      return { kind: 'raster', bytesPerRow, rows: 24, data: dots };
    });
  });

/** Of the dots, not of a file: what packs them may change. */
function pictureHash(elements: readonly PrintedElement[]): string {
  const { width, height, data } = PNG.sync.read(drawSlip(elements));
  return `${width}x${height} ${createHash('sha256').update(data).digest('hex').slice(0, 16)}`;
}

const stored = (name: string) => `../../test/fixtures/slips/${name}`;

test.each(SLIP_KINDS)('%s', async (kind) => {
  const texts: string[] = [];
  const pictures: string[] = [];
  for (const language of LANGUAGES) {
    for (const paper of PAPERS) {
      const { document, columns } = documentOf(kind, language, paper);
      const onStar = printed(starPrnt.encode(document, columns), columns, new StarPrntParser());
      const text = slipText(onStar);
      expect(previewText(previewSlip(document, columns), columns)).toEqual(text);

      const onStarLine = printed(starLine.encode(document, columns), columns, new StarLineParser());
      expect(onStarLine).toEqual(inBands(onStar));

      const onEpson = printed(escPos.encode(document, columns), columns, new EscPosCommandParser());
      expect(slipText(onEpson)).toEqual(text);
      if (paper === 58) {
        const peer = encodeSlip(document, columns, { language: 'esc-pos', raster: ESC_POS_SET.raster });
        expect(onEpson).toEqual(printed(peer, columns, new EscPosCommandParser()));
      }

      texts.push(`== ${language}, ${paper} mm`, ...text.map((line) => `|${line}`), '');
      // One picture of a kind is enough; Turkish has letters of both code pages.
      if (paper === 58 && language === 'tr') pictures.push(pictureHash(onStar));
    }
  }
  await expect(texts.join('\n')).toMatchFileSnapshot(stored(`${kind}.txt`));
  await expect(`${pictures.join('\n')}\n`).toMatchFileSnapshot(stored(`${kind}.pictures.txt`));
});

test("a store's own design, a copy, in both languages", async () => {
  const design: SlipDesign = {
    ...DESIGN,
    header: ['NPWP 01.234.567.8', 'Toko 日本'],
    footer: ['Barang yang dibeli', 'tidak dapat ditukar'],
    language: 'both',
    kinds: { redemption: { order: ['customer', 'time'], hidden: ['qr', 'cashier'] } },
  };
  const { document, columns } = documentOf('redemption', 'id', 58, design, true);
  const text = slipText(printed(starPrnt.encode(document, columns), columns, new StarPrntParser()));
  expect(previewText(previewSlip(document, columns), columns)).toEqual(text);
  await expect(`${text.join('\n')}\n`).toMatchFileSnapshot(stored('own-design.txt'));
});

test('the logo on paper is the logo of the preview, dot for dot, in all three languages', () => {
  const { document, columns } = documentOf('redemption', 'id', 80);
  const shown = previewSlip(document, columns).find((line) => line.kind === 'dots' && line.what === 'logo');
  if (shown?.kind !== 'dots') throw new Error('no logo');
  const dots = Buffer.from(shown.data, 'base64');
  const black = (x: number, y: number) => ((dots[y * 20 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
  expect([shown.left, shown.width, shown.height]).toEqual([208, 160, 40]);

  const onStarLine = printed(starLine.encode(document, columns), columns, new StarLineParser());
  for (const elements of [
    printed(starPrnt.encode(document, columns), columns, new StarPrntParser()),
    printed(escPos.encode(document, columns), columns, new EscPosCommandParser()),
    onStarLine,
  ]) {
    const bands = elements.flatMap((element) => (element.kind === 'raster' ? [element] : []));
    const rows = bands.flatMap(({ data, rows, bytesPerRow }) =>
      Array.from({ length: rows }, (_, row) => data.subarray(row * bytesPerRow, (row + 1) * bytesPerRow)),
    );
    expect(rows.length - 40).toBe(elements === onStarLine ? 8 : 0); // Star Line's second band goes on in white
    const wrong = rows.flatMap((row, y) =>
      Array.from({ length: 576 }, (_, x) => x).filter((x) => {
        const inked = ((row[x >> 3] ?? 0) & (0x80 >> (x & 7))) !== 0;
        return inked !== (x >= 208 && x < 368 && y < 40 && black(x - 208, y));
      }),
    );
    expect(wrong).toEqual([]);
  }
});

test('the development page shows slips as they are now', async () => {
  const kindsOn = (paper: PaperWidth) =>
    Object.fromEntries(
      SLIP_KINDS.map((kind) => {
        const { document, columns } = documentOf(kind, 'id', paper);
        return [kind, previewSlip(document, columns)];
      }),
    );
  const shown = { logo: DESIGN.logo, papers: { 58: kindsOn(58), 80: kindsOn(80) } };
  await expect(`${JSON.stringify(shown)}\n`).toMatchFileSnapshot('../../renderer/dev/generated/slips.json');
});
