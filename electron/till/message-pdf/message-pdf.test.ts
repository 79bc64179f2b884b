import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import type { LoggedMessage } from '../../../shared/message-log.ts';
import { openDesk } from '../../../test/fixtures/desk.ts';
import { MANAGER_ID } from '../../../test/fixtures/fake-gateway.ts';
import { pdfText } from '../../../test/fixtures/pdf-text.ts';
import { removeTempFolders } from '../../../test/fixtures/temp-folder.ts';
import { DATABASE_FILE } from '../../store/store.ts';
import { type MessagePdf, makeMessagePdf } from './message-pdf.ts';
import { sfntOf } from './woff.ts';

afterAll(removeTempFolders);

const AT = Date.UTC(2026, 10, 27, 3, 0, 0);

function message(index: number, change: Partial<LoggedMessage> = {}): LoggedMessage {
  return {
    id: `019b0000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    at: AT - index * 60_000,
    kind: 'code',
    channel: 'whatsapp',
    state: 'read',
    reason: null,
    template: 'saksi_redemption_code/id',
    attempts: 1,
    phoneMasked: '+62•••••••7890',
    recipient: `Pelanggan ${index}`,
    tillName: 'Kasir 1',
    causedBy: 'Dewi Lestari',
    saleRef: `S-${index}`,
    cost: { state: 'spent', amount: 367, currency: 'IDR' },
    history: [],
    ...change,
  };
}

const pdfOf = (input: Partial<MessagePdf>) => {
  let turns = 0;
  const made = makeMessagePdf(
    {
      ...{ messages: [], filter: {}, cut: false, storeName: 'Toko Saksi', timezone: 'Asia/Jakarta' },
      ...{ language: 'id', by: 'Agus Wijaya', at: AT, ...input },
    },
    async () => {
      turns += 1;
    },
  );
  return made.then((pdf) => ({ pdf, turns }));
};

describe('the message log as PDF', () => {
  it('says what it was narrowed to, what it came to, and every message with its number masked', async () => {
    const { pdf } = await pdfOf({
      filter: { from: Date.UTC(2026, 10, 20, 17, 0, 0), kind: 'code', state: 'failed', q: '0812-3456-7890' },
      messages: [
        message(1),
        message(2, {
          state: 'failed',
          cost: { state: 'returned', amount: 0, currency: 'IDR' },
          history: [{ state: 'failed', at: AT, code: 131026 }],
        }),
        message(3, { cost: { state: 'free', amount: 0, currency: 'IDR' } }),
      ],
    });
    const [page = '', ...others] = await pdfText(pdf);
    expect(others).toEqual([]);
    for (const text of [
      'Pesan: Toko Saksi',
      'oleh Agus Wijaya',
      'Dari 21/11/26',
      'Kode penukaran',
      'Cari: •••7890',
    ])
      expect(page).toContain(text);
    expect(page).toContain('Pesan: 3 · Biaya: Rp 367 · Gratis: 1 · Dikembalikan: 1');
    for (const text of [
      'Pelanggan 1',
      '+62•••••••7890',
      'Dewi Lestari',
      'S-2',
      '(131026)',
      'Halaman 1 dari 1',
    ])
      expect(page).toContain(text);
    expect(page).not.toContain('3456');
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('prints names of every script, and marks what no font has', async () => {
    const names = ['Ayşe Gülbahçe Işık', 'Нина Соколова', 'Ἀριάδνη', '王小明', 'أحمد', 'สมชาย', 'Siti 🛍'];
    const { pdf } = await pdfOf({
      language: 'tr',
      messages: names.map((recipient, index) => message(index, { recipient })),
    });
    const [page = ''] = await pdfText(pdf);
    for (const name of names.slice(0, 4)) expect(page).toContain(name.normalize('NFC'));
    expect(page).toContain('สมชาย');
    expect(page).toMatch(/أحمد|دمحأ/);
    expect(page).toContain('Siti □');
  });

  it('numbers its pages, repeats the columns, cuts what is too long, and says when there is more', async () => {
    const messages = Array.from({ length: 120 }, (_, index) =>
      message(index, { recipient: `Raden Ayu Kusumaningtyas Wirjodiningrat Suryadiningrat ${index}` }),
    );
    const { pdf, turns } = await pdfOf({ language: 'en', messages, cut: true });
    const pages = await pdfText(pdf);
    expect(pages.length).toBeGreaterThan(2);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
      expect(page).toContain('Caused by');
    }
    expect(pages.join(' ').match(/S-\d+/g)).toHaveLength(120);
    expect(pages[0]).toContain('Raden Ayu Kusumaning');
    expect(pages[0]).toContain('…');
    expect(pages[0]).toContain('Only the newest 120');
    expect(pages[0]).toContain('Cost: Rp 44,040');
    expect(turns).toBeGreaterThan(20);
  });
});

describe('saving the message log', () => {
  it('is for managers, takes every page, and is written down', async () => {
    const desk = await openDesk();
    desk.gateway.messages = Array.from({ length: 120 }, (_, index) => message(index));
    const save = () => desk.call(desk.till.invoke('messages.pdf', { filter: { kind: 'code' } }));
    await desk.signIn();
    await expect(save()).rejects.toMatchObject({ code: 'role_not_allowed' });
    await desk.till.invoke('session.signOut', {});
    await desk.signIn(MANAGER_ID);
    const pages = await pdfText(Buffer.from((await save()).pdf, 'base64'));
    expect(pages.join(' ').match(/S-\d+/g)).toHaveLength(120);
    expect(pages[0]).toContain('oleh Hendra');
    await desk.call(desk.till.stop());
    const db = new Database(join(desk.dataDir, DATABASE_FILE), { readonly: true });
    const entries = db.prepare("SELECT body FROM audit WHERE kind = 'messages.exported'").pluck().all();
    db.close();
    expect(entries).toEqual(['{"format":"pdf","rows":120}']);
  });
});

it('takes no font that is none', () => {
  expect(() => sfntOf(Buffer.from('OTTO'))).toThrow(RangeError);
});
