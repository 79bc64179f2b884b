import { describe, expect, it } from 'vitest';
import type { CaseDetail } from '../../../shared/cases.ts';
import { pdfText } from '../../../test/fixtures/pdf-text.ts';
import { sha256 } from '../../store/sha256.ts';
import { makeCasePdf, masked } from './case-pdf.ts';

const AT = Date.UTC(2026, 10, 27, 3, 0, 0);
const STORE = '019b0000-0000-7000-8000-000000000001';
const uuid = (n: number) => `019b0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const CHAIN = `store/${STORE}`;
const KEY = 'a'.repeat(43);
const jws = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;
const header = {
  ...{ saksiEvidence: 1, gatewayId: uuid(9), key: { kty: 'OKP', crv: 'Ed25519', x: KEY, kid: 'k' } },
  ...{ storeId: STORE, storeName: 'Toko Saksi', from: AT - 90_000, to: AT, madeAt: AT },
  chains: [
    { chain: CHAIN, before: { seq: 10, hash: 'b'.repeat(64) }, last: { seq: 60, hash: 'c'.repeat(64) } },
    {
      chain: `till/${uuid(4)}/77`,
      before: { seq: 0, hash: 'd'.repeat(64) },
      last: { seq: 5, hash: 'e'.repeat(64) },
    },
  ],
};
const heads = [60, 40].map((seq) => ({
  head: jws({ seq, hash: String(seq % 10).repeat(64), iat: 1_764_000_000 }),
  chain: 0,
}));
const EVIDENCE = [header, ...heads, { end: 'x.y.z' }].map((line) => `${JSON.stringify(line)}\n`).join('');

function detail(events: number): CaseDetail {
  return {
    case: {
      ...{ id: uuid(20), number: 7, title: 'Pembatalan Ayu, telp +62 812-3456-7890', status: 'closed' },
      ...{ outcome: 'fraud', assignee: null, openedBy: 'Agus Wijaya', openedAt: AT, changedAt: AT },
    },
    entries: [
      {
        ...{ id: uuid(30), no: 1, kind: 'noted', at: AT, staffName: 'Agus Wijaya', findings: 0, events: 0 },
        ...{ text: 'Ditanya lewat 081234567890.\nMengaku.', status: null, outcome: null, assigneeName: null },
      },
    ],
    findings: [
      {
        ...{
          id: 1,
          storeId: STORE,
          signal: 'void_rate',
          person: { kind: 'cashier', id: uuid(2) },
          revision: 1,
        },
        ...{ personName: 'Ayu Lestari', tillId: null, tillName: null, window: { from: 20_776, to: 20_804 } },
        ...{ severity: 'high', score: 84, eventIds: [], foundAt: AT, state: 'in_case', acknowledged: null },
        figures: {
          count: 19,
          expected: 4.25,
          exposure: 612,
          value: 0.031,
          median: 0.007,
          mad: 0.002,
          z: 7.1,
        },
      },
    ],
    events: Array.from({ length: events }, (_, n) => ({
      ...{
        id: n + 1,
        storeId: STORE,
        tillId: uuid(4),
        source: 'gateway' as const,
        seq: n + 11,
        at: AT - n * 1_000,
      },
      ...{ kind: n === 0 ? 'audit.unheard_of' : 'approval.approved', staffId: uuid(2), approverId: uuid(3) },
      ...{ customerId: null, saleRef: `S-${n}`, subjectId: null, asset: 'cash' as const, amount: 48_500 },
      ...{ outcome: 'ok' as const, detail: {}, tillName: 'Kasir 1', staffName: 'Ayu Lestari' },
      ...{ approverName: 'Dewi', customerName: null, chain: CHAIN, hash: sha256(`event ${n}`) },
    })),
    staff: [],
  };
}

async function pdfOf(events: number, language: 'id' | 'en' | 'tr' = 'id') {
  let turns = 0;
  const pdf = await makeCasePdf(
    {
      ...{ detail: detail(events), evidence: EVIDENCE, storeName: 'Toko Saksi', currency: 'IDR' },
      ...{ timezone: 'Asia/Jakarta', language, by: 'Agus Wijaya', at: AT },
    },
    async () => {
      turns += 1;
    },
  );
  return { pages: await pdfText(pdf), turns };
}

describe('a case as PDF', () => {
  it('shows what the evidence proves: hashes, places in chains, the newest signed head, key and file', async () => {
    const { pages } = await pdfOf(3);
    const text = pages.join(' ');
    for (let n = 0; n < 3; n += 1) expect(text).toContain(`${CHAIN} · ${n + 11} · ${sha256(`event ${n}`)}`);
    expect(text).toContain(sha256(EVIDENCE));
    expect(text).toMatch(/Sidik kuncinya [0-9A-HJKMNP-TV-Z]{10} /);
    expect(text).toContain('entri 11 sampai 60');
    expect(text).toMatch(/sampai entri 60, .*: 0{64}/);
    expect(text).not.toContain('entri 40,');
    expect(text).toContain('Belum ditandatangani');
    expect(text).toContain('audit.unheard_of');
    expect(text).toContain('Disetujui');
  });

  it('says what was found with its figures, what was done, and covers numbers of phones', async () => {
    const text = (await pdfOf(1)).pages.join(' ');
    expect(text).toContain('19 pembatalan dalam 612 transaksi; kasir yang setara biasanya 4,25.');
    expect(text).toContain('Wajarnya: 4,25');
    expect(text).toContain('Ditutup: Kecurangan');
    expect(text).toContain('Mengaku.');
    expect(text.match(/•••7890/g)).toHaveLength(2);
    expect(text).not.toMatch(/3456/);
  });

  it('numbers its pages, lets others have their turn, and speaks the language that is asked for', async () => {
    const { pages, turns } = await pdfOf(200, 'tr');
    expect(pages.length).toBeGreaterThan(5);
    for (const [index, page] of pages.entries())
      expect(page).toContain(`sayfa ${index + 1} / ${pages.length}`);
    expect(turns).toBeGreaterThanOrEqual(40);
    expect(pages.join(' ')).toContain('Onaylandı');
    expect((await pdfOf(1, 'en')).pages[0]).toContain('Closed: Fraud');
  });

  it.each([
    ['INV-2026-0011822 at 10:20', 'INV-2026-0011822 at 10:20'],
    ['call 0812 3456 7890 now', 'call •••7890 now'],
    ['+90 (532) 111 22 33', '•••2233'],
  ])('%s becomes %s', (text, shown) => {
    expect(masked(text)).toBe(shown);
  });
});
