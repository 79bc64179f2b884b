import type { Language } from '../../shared/errors.ts';
import type { SlipDocument } from './slip.ts';

const TITLE: Record<Language, string> = {
  id: 'HALAMAN UJI',
  en: 'TEST PAGE',
  tr: 'SINAMA SAYFASI',
};
const NOTE: Record<Language, string> = {
  id: 'Bukan bukti transaksi.',
  en: 'Not proof of any sale.',
  tr: 'Satış belgesi değildir.',
};

/** A page that shows whether letters, width, QR code and cutter are right, and can be taken for nothing else. */
export function testPage(language: Language): SlipDocument {
  return {
    elements: [
      { kind: 'text', text: 'Saksi', align: 'center', bold: true, size: 2 },
      { kind: 'text', text: TITLE[language], align: 'center', bold: true },
      { kind: 'rule' },
      { kind: 'row', left: 'Rp 1.234.567', right: '₺ 1.234,50' },
      { kind: 'text', text: 'çğıöşü ÇĞİÖŞÜ — “éñ”' },
      { kind: 'rule' },
      { kind: 'qr', data: 'SAKSI:TEST' },
      { kind: 'text', text: NOTE[language], align: 'center' },
    ],
  };
}
