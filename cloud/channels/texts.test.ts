import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { submitPdus } from './gsm/pdu.ts';
import { type CodeFacts, loadCodeTexts } from './texts.ts';

afterAll(removeTempFolders);

const codeText = loadCodeTexts();
const facts: CodeFacts = {
  code: '012345',
  store: 'Toko Saksi',
  asset: 'deposit',
  amount: 350_000,
  currency: 'IDR',
  leftMs: 299_000,
};
const parts = (text: string) =>
  submitPdus({ to: '+6281234567890', text, reference: 1, validSeconds: 300, report: true }).length;

it.each(['id', 'en', 'tr'])('says shop, amount, how long and whom to tell, in %s', (language) => {
  for (const kind of ['sms', 'email'] as const) {
    const { text, subject } = codeText(kind, language, facts);
    expect(text).toContain('Toko Saksi');
    expect(text).toContain('012345');
    expect(text).toMatch(/350[.,]000/);
    expect(text).toMatch(/\b4\b/);
    expect(text).toMatch(/kasir|cashier|kasiyer/);
    expect(text).not.toMatch(/\{|https?:|www|\u00a0/);
    expect(subject === '').toBe(kind === 'sms');
    expect(subject).not.toContain('012345');
  }
});

it('knows money and points, and another language as English', () => {
  expect(codeText('sms', 'id', { ...facts, asset: 'points', amount: 1250 }).text).toContain('1.250 poin');
  expect(codeText('sms', 'tr', { ...facts, currency: 'TRY', amount: 1250 }).text).toContain('TL 12,50');
  expect(codeText('email', 'tr', { ...facts, currency: 'TRY', amount: 1250 }).text).toContain('₺12,50');
  expect(codeText('sms', 'fr', facts).text).toBe(codeText('sms', 'en', facts).text);
});

it('costs one SMS in Indonesian, and two at most in any language, however long the name of the shop', () => {
  expect(parts(codeText('sms', 'id', { ...facts, amount: 2_000_000 }).text)).toBeLessThanOrEqual(2);
  for (const language of ['id', 'en', 'tr']) {
    const long = codeText('sms', language, { ...facts, store: 'Ş'.repeat(200), amount: 2_000_000 });
    expect(parts(long.text)).toBeLessThanOrEqual(4);
  }
});

it('never says less than a minute', () => {
  expect(codeText('sms', 'en', { ...facts, leftMs: 20_000 }).text).toMatch(/good for 1 min/);
});

it.each([
  ['lacks the code', (text: string) => text.replace('{{code}}', '')],
  ['names something else', (text: string) => `${text} {{phone}}`],
  ['holds a link', (text: string) => `${text} https://saksi.example`],
])('refuses a text that %s', (_, change) => {
  const folder = tempFolder();
  mkdirSync(folder, { recursive: true });
  for (const language of ['id', 'en', 'tr']) {
    const file = new URL(`../../resources/texts/code.${language}.json`, import.meta.url);
    const texts = JSON.parse(readFileSync(file, 'utf8'));
    const sms = language === 'tr' ? change(texts.sms) : texts.sms;
    writeFileSync(join(folder, `code.${language}.json`), JSON.stringify({ ...texts, sms }));
  }
  expect(() => loadCodeTexts(pathToFileURL(`${folder}/`))).toThrow(/tr|link/);
});
