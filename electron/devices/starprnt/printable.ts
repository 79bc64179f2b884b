import CodepageEncoder from '@point-of-sale/codepage-encoder';

/**
 * Which characters reach the paper. The code pages of the DOS family give their low 32 bytes a picture each
 * (the bullet is 07, the left arrow 1B), and a naive encoder sends those bytes: a customer called '←•¶¶•'
 * would be the drawer pulse ESC BEL 14 14 BEL. So a character counts as printable only in a code page that
 * gives it a byte from 20 up, and nothing else is ever sent as text.
 */

/** Tried in this order: Western European first, then Turkish. Both are in every StarPRNT printer. */
export const CODE_PAGES = ['windows1252', 'cp857'] as const;
export type CodePage = (typeof CODE_PAGES)[number];

/** Written out where the printer has no glyph but a till needs the meaning. */
const SPELLED_OUT: ReadonlyMap<string, string> = new Map([
  ['₺', 'TL'],
  ['₹', 'Rs'],
  ['→', '->'],
  ['−', '-'],
  ['\u2011', '-'],
]);

/** The characters that each code page prints: from its table, without the low 32 and DEL. */
const GLYPHS: Record<CodePage, ReadonlySet<string>> = {
  windows1252: glyphsOf('windows1252'),
  cp857: glyphsOf('cp857'),
};

function glyphsOf(page: CodePage): ReadonlySet<string> {
  const points = CodepageEncoder.getCodepoints(page, true);
  const glyphs = points.filter((point) => point >= 0x20).map((point) => String.fromCodePoint(point));
  // What counts is the byte that the encoder sends: '§' stands at F5 of cp857 and is sent as 15.
  return new Set(
    glyphs.filter((glyph) => {
      const [byte = 0] = CodepageEncoder.encode(glyph, page);
      return byte >= 0x20 && byte !== 0x7f && points[byte] === glyph.codePointAt(0);
    }),
  );
}

/** The code page that prints this one character, the preferred one if it can, or null. */
export function codePageOf(character: string, preferred?: CodePage): CodePage | null {
  if (preferred !== undefined && GLYPHS[preferred].has(character)) return preferred;
  return CODE_PAGES.find((page) => GLYPHS[page].has(character)) ?? null;
}

export interface PrintableText {
  readonly text: string;
  /** Characters that the printer cannot show and that became '?'. */
  readonly replaced: number;
}

/** Any text as characters that the printer has: composed, spelled out, stripped of accents, else '?'. */
export function toPrintable(text: string): PrintableText {
  let replaced = 0;
  const parts = [...text.normalize('NFC')].map((character) => {
    if (/[\s\u00a0\u202f]/u.test(character)) return ' ';
    if (/[\p{Cc}\p{Cf}]/u.test(character)) return '';
    if (codePageOf(character) !== null) return character;
    const substitute = SPELLED_OUT.get(character) ?? stripAccents(character);
    if (substitute !== null) return substitute;
    replaced += 1;
    return '?';
  });
  return { text: parts.join(''), replaced };
}

function stripAccents(character: string): string | null {
  const bare = character.normalize('NFKD').replace(/\p{M}/gu, '');
  if (bare === '' || bare === character) return null;
  return [...bare].every((part) => codePageOf(part) !== null) ? bare : null;
}

/** Splits printable text into runs of one code page each. */
export function codePageRuns(text: string): { page: CodePage; text: string }[] {
  const runs: { page: CodePage; text: string }[] = [];
  for (const character of text) {
    const last = runs.at(-1);
    const page = codePageOf(character, last?.page);
    if (page === null) throw new RangeError(`not printable: U+${character.codePointAt(0)?.toString(16)}`);
    if (last !== undefined && last.page === page) last.text += character;
    else runs.push({ page, text: character });
  }
  return runs;
}

/** Stands behind a character two columns wide, so that a text's length is its width; never printed. */
const WIDE_FILLER = '\ue000';
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Devanagari}\u3000-\u303f\uff01-\uff60]/u;

/** As toPrintable, but what no code page spells and the font can draw is kept, to be drawn as dots. */
export function toDrawable(text: string): PrintableText {
  let replaced = 0;
  const parts = [...text.normalize('NFC')].map((character) => {
    const point = character.codePointAt(0) ?? 0;
    const inFont = point <= 0xffff && !/[\p{Co}\p{Cn}\p{Cs}\p{Cc}\p{Cf}\s]/u.test(character);
    if (inFont && codePageOf(character) === null && SPELLED_OUT.get(character) === undefined) {
      return stripAccents(character) ?? (WIDE.test(character) ? character + WIDE_FILLER : character);
    }
    const printable = toPrintable(character);
    replaced += printable.replaced;
    return printable.text;
  });
  return { text: parts.join(''), replaced };
}

/** Whether every character of a text from toDrawable stands in a code page. */
export function isSpellable(text: string): boolean {
  for (const character of text) if (codePageOf(character) === null) return false;
  return true;
}

export function withoutFiller(text: string): string {
  return text.replaceAll(WIDE_FILLER, '');
}
