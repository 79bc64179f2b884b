import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { ApprovalFacts } from '../approvals/ports.ts';
import { requestName, requestWords } from '../messages/approval-messaging.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import { interactiveMessage, textMessage } from './outgoing.ts';
import { languageOf, loadReplies, REPLY_VALUES, type ReplyKey } from './replies.ts';
import { findTemplate, loadTemplates } from './templates.ts';
import {
  buttonTexts,
  checkUtilityMessage,
  parameterText,
  parseUtilityTemplate,
  placeholdersOf,
  renderUtility,
  type UtilityMessage,
  utilityMessage,
} from './utility-templates.ts';

const LANGUAGES = ['id', 'en', 'tr'] as const;
const templates = loadTemplates();
const request = (language: string) => findTemplate(templates.utility, TEMPLATE_NAMES.request, language)!;
const address = { phone: '+6281290003333' };
const payloads = ['s1.x.a.y', 's1.x.r.y'];

function facts(more: Partial<ApprovalFacts> = {}): ApprovalFacts {
  return {
    approvalId: 'a',
    storeId: 's',
    storeName: 'Toko Saksi',
    tillId: 't',
    tillName: 'Kasir 1',
    language: 'id',
    timezone: 'Asia/Jakarta',
    requestedBy: { staffId: 'd', name: 'Dewi Lestari' },
    kind: 'void',
    kindName: { id: 'Batal transaksi', en: 'Void', tr: 'İptal' },
    amount: 50_000,
    basisPoints: null,
    currency: 'IDR',
    reason: 'Salah barang',
    note: '',
    saleRef: 'INV-7',
    status: 'pending',
    needed: 1,
    answer: 'tap',
    createdAt: 0,
    expiresAt: 600_000,
    decidedAt: null,
    ...more,
  };
}

test('every template for staff exists in every language, with the same variables and buttons', () => {
  for (const name of [TEMPLATE_NAMES.request, TEMPLATE_NAMES.requestWithCode]) {
    const shapes = LANGUAGES.map((language) => {
      const found = findTemplate(templates.utility, name, language)!;
      return [placeholdersOf(found.components[0].text), buttonTexts(found).length];
    });
    expect(shapes).toEqual([shapes[0], shapes[0], shapes[0]]);
    expect(shapes[0]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], name === TEMPLATE_NAMES.request ? 2 : 0]);
  }
  for (const language of LANGUAGES)
    expect(findTemplate(templates.authentication, TEMPLATE_NAMES.approvalCode, language)).toBeDefined();
});

test.each(LANGUAGES)('the longest request that can be made fits its template: %s', (language) => {
  const long = (length: number) => 'm'.repeat(length);
  const words = requestWords(
    facts({
      language,
      storeName: long(80),
      tillName: long(80),
      requestedBy: { staffId: 'd', name: long(80) },
      kindName: { id: long(60), en: long(60), tr: long(60) },
      amount: Number.MAX_SAFE_INTEGER,
      basisPoints: 10_000,
      reason: long(140),
      note: long(280),
      saleRef: long(64),
    }),
  );
  for (const name of [TEMPLATE_NAMES.request, TEMPLATE_NAMES.requestWithCode]) {
    const template = findTemplate(templates.utility, name, language)!;
    const taps = name === TEMPLATE_NAMES.request ? payloads : [];
    const all = [...words, '1440'];
    expect(() => utilityMessage({ template, address, words: all, payloads: taps })).not.toThrow();
    // The same words inside the window.
    const text = renderUtility(template, all);
    if (taps.length === 0) expect(() => textMessage({ address, text })).not.toThrow();
    else {
      const buttons = buttonTexts(template).map((title, index) => ({ title, id: taps[index]! }));
      expect(() => interactiveMessage({ address, text, buttons })).not.toThrow();
    }
  }
});

test('words hold what Meta refuses in no way: lines, tabs, runs of spaces, nothing', () => {
  expect(requestWords(facts({ note: 'satu\n\tdua      tiga', saleRef: null, amount: null }))).toEqual([
    'Batal transaksi',
    'Toko Saksi',
    'Kasir 1',
    'Dewi Lestari',
    '-',
    'Salah barang (satu dua tiga)',
    '-',
  ]);
  expect(parameterText('😀😀😀😀', 3)).toBe('😀😀…');
});

test('amounts and percentages are in the language of the message', () => {
  const name = (language: 'id' | 'en' | 'tr') =>
    requestName(facts({ language, basisPoints: 1250 })).replace(/\s/gu, ' ');
  expect(name('id')).toBe('Batal transaksi Rp 50.000 / 12,5%, Kasir 1 (INV-7)');
  expect(name('en')).toBe('Void Rp 50,000 / 12.5%, Kasir 1 (INV-7)');
  expect(name('tr')).toBe('İptal Rp 50.000 / %12,5, Kasir 1 (INV-7)');
});

test('the message is the one that Meta documents', () => {
  const words = ['1', '2', '3', '4', '5', '6', '7', '8'];
  const fields = { template: request('id'), words, payloads, correlationId: 'm' };
  const button = (index: string, payload: string) => ({
    type: 'button',
    sub_type: 'quick_reply',
    index,
    parameters: [{ type: 'payload', payload }],
  });
  expect(utilityMessage({ ...fields, address })).toEqual({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '6281290003333',
    type: 'template',
    template: {
      name: 'saksi_approval_request',
      language: { code: 'id' },
      components: [
        { type: 'body', parameters: words.map((text) => ({ type: 'text', text })) },
        button('0', payloads[0]!),
        button('1', payloads[1]!),
      ],
    },
    biz_opaque_callback_data: 'm',
  });
  const byAccount = utilityMessage({ ...fields, address: { userId: 'ID.abc1' } });
  expect(byAccount).toMatchObject({ recipient: 'ID.abc1' });
  expect(byAccount).not.toHaveProperty('to');
});

test('each way in which a message can miss its template is named', () => {
  const template = request('id');
  const good = utilityMessage({ template, address, words: [...'12345678'], payloads });
  const faultsAfter = (change: (it: UtilityMessage) => void) => {
    const changed = structuredClone(good);
    change(changed);
    return checkUtilityMessage(changed, template);
  };
  const setWord = (text: string) => (it: UtilityMessage) => {
    const [body] = it.template.components;
    if (body?.type === 'body') body.parameters[0] = { type: 'text', text };
  };
  const setPayload = (payload: string) => (it: UtilityMessage) => {
    const tap = it.template.components[1];
    if (tap?.type === 'button') tap.parameters[0].payload = payload;
  };
  expect(faultsAfter(() => undefined)).toEqual([]);
  expect(faultsAfter((it) => (it.template.name = 'other'))).toEqual(['template_differs']);
  expect(faultsAfter((it) => (it.template.language.code = 'en'))).toEqual(['language_differs']);
  expect(faultsAfter((it) => it.template.components.shift())).toContain('body_parameter_count');
  expect(faultsAfter((it) => it.template.components.pop())).toEqual(['button_count']);
  expect(faultsAfter(setWord(' '))).toEqual(['parameter_empty']);
  for (const text of ['a\nb', 'a\tb', 'a    b'])
    expect(faultsAfter(setWord(text))).toEqual(['parameter_whitespace']);
  expect(faultsAfter(setWord('x'.repeat(1000)))).toEqual(['body_too_long']);
  expect(faultsAfter(setPayload('x'.repeat(129)))).toEqual(['payload_length']);
  expect(faultsAfter(setPayload(payloads[1]!))).toEqual(['payloads_alike']);
});

test('a definition that Meta would not take is refused', () => {
  const changed = (text: string, example: string[]) => () =>
    parseUtilityTemplate({
      ...request('id'),
      components: [{ type: 'body', text, example: { body_text: [example] } }],
    });
  expect(changed('Halo {{1}}.', ['a'])).not.toThrow();
  expect(changed('{{1}} halo.', ['a'])).toThrow('begin or end');
  expect(changed('Halo {{1}}', ['a'])).toThrow('begin or end');
  expect(changed('Halo {{2}}.', ['a'])).toThrow('variables run');
  expect(changed('Halo {{1}}.', [])).toThrow('example');
  expect(changed(`Halo {{1}}.${'x'.repeat(1020)}`, ['a'])).toThrow();
  const button = { type: 'quick_reply', text: 'x'.repeat(21) };
  const [body] = request('id').components;
  expect(() =>
    parseUtilityTemplate({ ...request('id'), components: [body, { type: 'buttons', buttons: [button] }] }),
  ).toThrow();
});

test.each([
  ['a title of 21 characters', { title: 'x'.repeat(21) }, 'title_length'],
  ['an id of 257 characters', { id: 'x'.repeat(257) }, 'id_length'],
  ['two alike', { id: 'b' }, 'buttons_alike'],
])('interactive buttons: %s', (_, wrong, fault) => {
  const buttons = [
    { id: 'a', title: 'A', ...wrong },
    { id: 'b', title: 'B' },
  ];
  expect(() => interactiveMessage({ address, text: 'x', buttons })).toThrow(fault);
});

test.each([{ phone: '081290003333' }, { userId: 'nobody' }, { userId: 'ID.' }])('no address: %j', (wrong) => {
  expect(() => textMessage({ address: wrong as never, text: 'x' })).toThrow('recipient_malformed');
});

test('every reply exists in every language and fits, whatever is put into it', () => {
  const replies = loadReplies();
  const long = 'x'.repeat(2000);
  const values = { request: long, name: long, store: long, given: 1, needed: 2, seconds: 120 };
  for (const language of LANGUAGES) {
    for (const key of Object.keys(REPLY_VALUES) as ReplyKey[]) {
      const text = replies(language, key, values as never);
      expect(text.length).toBeLessThan(1024);
      expect(text).not.toMatch(/\{\{|\}\}/);
      expect(() => textMessage({ address, text })).not.toThrow();
    }
  }
});

test('a language that lacks a text, has one too many, or names another value does not load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'replies-'));
  const url = pathToFileURL(`${folder}/`);
  const source = new URL('../../resources/templates/replies/', import.meta.url);
  const write = (change: (texts: Record<string, string>) => void) => {
    for (const language of LANGUAGES) {
      const texts = JSON.parse(readFileSync(new URL(`${language}.json`, source), 'utf8'));
      if (language === 'tr') change(texts);
      writeFileSync(join(folder, `${language}.json`), JSON.stringify(texts));
    }
  };
  mkdirSync(folder, { recursive: true });
  write(() => undefined);
  expect(() => loadReplies(url)).not.toThrow();
  write((texts) => delete texts.expired);
  expect(() => loadReplies(url)).toThrow('replies tr: wrong or missing: expired');
  write((texts) => (texts.more = 'x'));
  expect(() => loadReplies(url)).toThrow('more');
  write((texts) => (texts.told_approved = '{{request}} {{who}}'));
  expect(() => loadReplies(url)).toThrow('told_approved');
  rmSync(folder, { recursive: true });
});

test('somebody unknown is answered in the language of their country', () => {
  expect(languageOf({ userId: 'ID.1' })).toBe('id');
  expect(languageOf({ from: '905321234567' })).toBe('tr');
  expect(languageOf({ from: '14155550100', userId: 'US.1' })).toBe('en');
});
