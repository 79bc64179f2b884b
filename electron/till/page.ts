import type { Language } from '../../shared/errors.ts';
import type { SlipDocument } from '../devices/slip.ts';
import type { CachedContext } from '../store/identity.ts';
import type { PagePayload } from '../store/slip-jobs.ts';

const TEST_WORDS: Record<Language, { title: string; store: string; letters: string; money: string }> = {
  id: { title: 'HALAMAN UJI', store: 'Toko', letters: 'Huruf', money: 'Bukan struk' },
  en: { title: 'TEST PAGE', store: 'Store', letters: 'Letters', money: 'Not a receipt' },
  tr: { title: 'TEST SAYFASI', store: 'Mağaza', letters: 'Harfler', money: 'Fiş değildir' },
};

/** A page that shows whether the printer is set up right, and that nobody can take for a slip. */
export function testPage({ store }: CachedContext, tillName: string, at: number): PagePayload {
  const words = TEST_WORDS[store.language];
  return {
    page: 'test_page',
    language: store.language,
    timezone: store.timezone,
    at,
    tillName,
    title: words.title,
    rows: [
      { left: words.store, right: store.name },
      { left: words.letters, right: 'AZaz09 çğışöü' },
      { left: words.money, right: '' },
    ],
  };
}

export function pageDocument(payload: PagePayload): SlipDocument {
  const time = new Intl.DateTimeFormat(payload.language, {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: payload.timezone,
  });
  return {
    elements: [
      { kind: 'text', text: payload.title, align: 'center', bold: true, size: 2 },
      { kind: 'row', left: payload.tillName, right: time.format(payload.at) },
      { kind: 'rule' },
      ...payload.rows.map((row) => ({ kind: 'row' as const, ...row })),
      { kind: 'feed', lines: 2 },
      { kind: 'cut' },
    ],
  };
}
