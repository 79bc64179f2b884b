import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAmount } from '../../shared/money.ts';
import { slipLayoutSchema } from '../../shared/slip-layouts.ts';
import { COLUMNS, Paper, type PrintedElement, slipText } from '../../test/sim/mpop/paper.ts';
import { StarPrntParser } from '../../test/sim/mpop/parser.ts';
import {
  type ApprovalSlip,
  buildApprovalSlip,
  buildRedemptionSlip,
  buildSlip,
  type RedemptionSlip,
} from './layouts.ts';
import type { SlipDocument } from './slip.ts';
import { encodeSlip } from './starprnt/encode.ts';

/** Encodes, reads back with the strict parser, and gives what is on the paper. */
function print(document: SlipDocument): { elements: readonly PrintedElement[]; errors: unknown[] } {
  const parser = new StarPrntParser();
  const paper = new Paper();
  for (const chunk of encodeSlip(document, 32).chunks) {
    for (const { command } of parser.push(chunk)) paper.apply(command);
    expect(parser.pendingBytes).toBe(0); // every chunk ends with a command
  }
  expect(paper.slips).toHaveLength(1);
  return { elements: paper.slips[0]?.elements ?? [], errors: [...parser.errors, ...paper.errors] };
}

const indonesian: RedemptionSlip = {
  storeName: 'Toko Maju Jaya',
  storeLines: ['Jl. Malioboro No. 12, Yogyakarta 55271', '0274-555-123'],
  time: '12 Nov 2026 14.05',
  saleRef: 'INV-2026-0042',
  cashier: 'Siti',
  customer: '+62 ••• 4321',
  asset: 'deposit',
  amount: formatAmount(50_000, 'deposit', 'IDR', 'id'),
  balanceAfter: formatAmount(1_250_000, 'deposit', 'IDR', 'id'),
  sealedBy: '',
  reference: 'R-7F3K-92QD',
  qr: 'SAKSI:R-7F3K-92QD',
  footer: '',
  copy: false,
};

test('Indonesian slip', () => {
  const { elements, errors } = print(buildRedemptionSlip(indonesian, { language: 'id' }));
  expect(errors).toEqual([]);
  expect(slipText(elements)).toMatchInlineSnapshot(`
    [
      " Toko Maju Jaya",
      "Jl. Malioboro No. 12, Yogyakarta",
      "             55271",
      "          0274-555-123",
      "",
      "        PEMAKAIAN SALDO",
      "--------------------------------",
      "Waktu          12 Nov 2026 14.05",
      "Penjualan          INV-2026-0042",
      "Kasir                       Siti",
      "Pelanggan           +62 ••• 4321",
      "--------------------------------",
      "Deposit dipakai        Rp 50.000",
      "Sisa saldo          Rp 1.250.000",
      "--------------------------------",
      "",
      "[QR SAKSI:R-7F3K-92QD]",
      "",
      "          R-7F3K-92QD",
      "Terima kasih. Simpan struk ini.",
      "",
      "",
      "",
    ]
  `);
});

test('English copy, in points', () => {
  const slip: RedemptionSlip = {
    ...indonesian,
    storeName: 'Corner Shop',
    storeLines: ['12 High Street'],
    cashier: '',
    asset: 'points',
    amount: '1,200 points',
    balanceAfter: '300 points',
    copy: true,
  };
  const { elements, errors } = print(buildRedemptionSlip(slip, { language: 'en' }));
  expect(errors).toEqual([]);
  expect(slipText(elements)).toMatchInlineSnapshot(`
    [
      "  Corner Shop",
      "         12 High Street",
      "",
      "      COPY",
      "          BALANCE USED",
      "--------------------------------",
      "Time           12 Nov 2026 14.05",
      "Sale               INV-2026-0042",
      "Customer            +62 ••• 4321",
      "--------------------------------",
      "Points used         1,200 points",
      "Balance left          300 points",
      "--------------------------------",
      "",
      "[QR SAKSI:R-7F3K-92QD]",
      "",
      "          R-7F3K-92QD",
      "   Thank you. Keep this slip.",
      "",
      "",
      "",
    ]
  `);
});

test('Turkish slip, with letters of two code pages and a lira sign that the printer lacks', () => {
  const slip: RedemptionSlip = {
    ...indonesian,
    storeName: 'Çağlayan Şarküteri',
    storeLines: ['İstiklâl Cad. №5, Beyoğlu', 'Iğdır'],
    time: '12 Kas 2026 14:05',
    cashier: 'Gülşen Öz',
    amount: formatAmount(1_250, 'deposit', 'TRY', 'tr'),
    balanceAfter: formatAmount(99_999_00, 'deposit', 'TRY', 'tr'),
  };
  const { elements, errors } = print(buildRedemptionSlip(slip, { language: 'tr' }));
  expect(errors).toEqual([]);
  expect(slipText(elements)).toMatchInlineSnapshot(`
    [
      "    Çağlayan",
      "   Şarküteri",
      "   İstiklâl Cad. No5, Beyoğlu",
      "             Iğdır",
      "",
      "        BAKİYE KULLANIMI",
      "--------------------------------",
      "Saat           12 Kas 2026 14:05",
      "Satış              INV-2026-0042",
      "Kasiyer                Gülşen Öz",
      "Müşteri             +62 ••• 4321",
      "--------------------------------",
      "Kullanılan depozito      TL12,50",
      "Kalan bakiye         TL99.999,00",
      "--------------------------------",
      "",
      "[QR SAKSI:R-7F3K-92QD]",
      "",
      "          R-7F3K-92QD",
      "    Teşekkür ederiz. Bu fişi",
      "           saklayın.",
      "",
      "",
      "",
    ]
  `);
});

test('amounts end at the right edge', () => {
  const text = slipText(print(buildRedemptionSlip(indonesian, { language: 'id' })).elements);
  for (const amount of ['Rp 50.000', 'Rp 1.250.000']) {
    expect(text.find((line) => line.endsWith(amount))).toHaveLength(COLUMNS);
  }
});

test('no text can reach the printer as a command, and no line is wider than the paper', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom(...'←•¶§→ şéa日٣\x1b\x07\x1c\x00') }),
  );
  fc.assert(
    fc.property(anyText, anyText, fc.boolean(), (one, other, copy) => {
      const document = buildRedemptionSlip(
        { ...indonesian, storeName: one, customer: other, copy },
        { language: 'tr' },
      );
      const wild: SlipDocument = {
        elements: [{ kind: 'row', left: one, right: other, size: 2 }, ...document.elements],
      };
      const { errors } = print(wild);
      expect(errors).toEqual([]);
    }),
    { numRuns: 200 }, // many of them hold lines that are drawn as dots
  );
}, 60_000);

test('a name made of the pictures of ESC BEL ¶ ¶ BEL does not open the drawer', () => {
  const bytes = encodeSlip({ elements: [{ kind: 'text', text: 'ş←•¶¶•' }] }, 32).chunks.flatMap((chunk) => [
    ...chunk,
  ]);
  expect(bytes).not.toContain(0x07);
  expect(encodeSlip({ elements: [{ kind: 'text', text: '😀' }] }, 32).replacedCharacters).toBe(1);
});

test("the store's own closing words take the place of ours", () => {
  const { elements } = print(
    buildRedemptionSlip({ ...indonesian, footer: 'Buka tiap hari 8-21' }, { language: 'id' }),
  );
  const text = slipText(elements).join('\n');
  expect(text).toContain('Buka tiap hari 8-21');
  expect(text).not.toContain('Terima kasih');
});

test('a slip with a hole is not printed', () => {
  const layout = slipLayoutSchema.parse({ name: 'x', elements: [{ kind: 'text', text: '{{nothing}}' }] });
  expect(() => buildSlip(layout, {}, {})).toThrow('no value for nothing');
});

const approval: ApprovalSlip = {
  storeName: 'Toko Saksi',
  storeLines: ['Jl. Melati No. 8'],
  time: '21/11/26 09.00',
  layout: 'approval',
  kind: 'Batal transaksi',
  amount: 'Rp 75.000',
  percent: '',
  saleRef: 'INV/7',
  reason: 'Salah barang',
  note: '',
  requestedBy: 'Dewi',
  approvedBy: 'Siti, Hendra',
  reference: '0'.repeat(32),
  copy: false,
};

test('the slip of an approval says who asked, who said yes, what for and why', () => {
  const { elements, errors } = print(buildApprovalSlip(approval, { language: 'id' }));
  expect(errors).toEqual([]);
  const text = slipText(elements).join('\n');
  for (const told of [
    'PERSETUJUAN',
    'Batal transaksi',
    'Rp 75.000',
    'INV/7',
    'Salah barang',
    'Dewi',
    'Siti, Hendra',
  ]) {
    expect(text).toContain(told);
  }
  for (const left of ['Persen', 'Catatan', 'SALINAN']) expect(text).not.toContain(left);
  const copy = slipText(
    print(buildApprovalSlip({ ...approval, copy: true, approvedBy: '' }, { language: 'en' })).elements,
  );
  expect(copy.join('\n')).toContain('COPY');
  expect(copy.find((line) => line.startsWith('Approved by'))).toContain('by the rules');
});

test('whatever a cashier writes, the slip of an approval prints it whole and as text', () => {
  const note = fc.string({ unit: fc.constantFrom(...'ab c←•¶\x1b\x07şé日'), maxLength: 280 });
  fc.assert(
    fc.property(note, note, (one, other) => {
      const slip = { ...approval, reason: one, note: other, percent: '%12,5' };
      expect(print(buildApprovalSlip(slip, { language: 'tr' })).errors).toEqual([]);
    }),
    { numRuns: 200 },
  );
  const long = 'kata '.repeat(56).trim();
  const words = slipText(
    print(buildApprovalSlip({ ...approval, note: long }, { language: 'id' })).elements,
  ).join(' ');
  expect(words.match(/kata/g)).toHaveLength(56);
});
