import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Font, FontCollection } from 'fontkit';
import { sfntOf } from './woff.ts';

/** Latin, Greek, Cyrillic and Devanagari: nearly every name. */
const PLAIN = '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf';
const BOLD = '@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf';
/** A glyph for all of the Basic Multilingual Plane, as on slips. */
const REST = '@fontsource/unifont/files/unifont-latin-400-normal.woff';
/** What no font here has, an emoji for instance. */
const MISSING = '\u25a1';

export type FontName = 'plain' | 'bold' | 'rest';

export interface Fonts {
  /** The font that has all of a text, and the text as it can be printed. */
  choose(text: string, wanted?: 'plain' | 'bold'): { font: FontName; text: string };
}

/** Registers the fonts with a document; only the glyphs that are used are put into it. */
export async function registerFonts(document: PDFKit.PDFDocument): Promise<Fonts> {
  // With pdfkit, which brings it: only when a file is made.
  const { create } = await import('fontkit');
  const require = createRequire(import.meta.url);
  const plain = readFileSync(require.resolve(PLAIN));
  document.registerFont('plain', plain);
  document.registerFont('bold', readFileSync(require.resolve(BOLD)));
  const has = coverage(create(plain));
  let restHas: ((codePoint: number) => boolean) | null = null;

  /** Read when the first name needs it: most logs never do. */
  function rest(): (codePoint: number) => boolean {
    if (restHas !== null) return restHas;
    const bytes = sfntOf(readFileSync(require.resolve(REST)));
    document.registerFont('rest', bytes);
    restHas = coverage(create(bytes));
    return restHas;
  }

  return {
    choose(text, wanted = 'plain') {
      const clean = text.normalize('NFC').replace(/\p{Cc}/gu, ' ');
      if (allIn(clean, has)) return { font: wanted, text: clean };
      const covers = rest();
      const printable = [...clean]
        .map((char) => (covers(char.codePointAt(0) ?? 0) ? char : MISSING))
        .join('');
      return { font: 'rest', text: printable };
    },
  };
}

function coverage(font: Font | FontCollection): (codePoint: number) => boolean {
  if (!('hasGlyphForCodePoint' in font)) throw new Error('a collection where one font was expected');
  return (codePoint) => font.hasGlyphForCodePoint(codePoint);
}

function allIn(text: string, has: (codePoint: number) => boolean): boolean {
  for (const char of text) if (!has(char.codePointAt(0) ?? 0)) return false;
  return true;
}
