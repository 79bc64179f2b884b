/**
 * The same slip through our encoder and through receipt-printer-encoder is the same on paper as wide as 42 and 48 columns; for
 * 32, and every other kind, see electron/till/slip-golden.test.ts.
 */
import { expect, test } from 'vitest';
import { EscPosCommandParser } from '../../../test/sim/escpos/parser.ts';
import { Paper } from '../../../test/sim/mpop/paper.ts';
import type { EncodedSlip, PrinterColumns } from '../dialect.ts';
import { buildRedemptionSlip } from '../layouts.ts';
import { encodeSlip } from '../starprnt/encode.ts';
import { escPos } from './dialect.ts';

function printed(slip: EncodedSlip, columns: PrinterColumns) {
  const parser = new EscPosCommandParser();
  const paper = new Paper(columns);
  for (const chunk of slip.chunks) for (const { command } of parser.push(chunk)) paper.apply(command);
  expect([...parser.errors, ...paper.errors]).toEqual([]);
  expect(parser.pendingBytes).toBe(0);
  expect(paper.slips).toHaveLength(1);
  return paper.slips[0]?.elements ?? [];
}

test.each(['id', 'en', 'tr'] as const)('a redemption in %s, on 80 mm', (language) => {
  const document = buildRedemptionSlip(
    {
      storeName: 'Çağlayan Şarküteri',
      storeLines: ['Jl. Malioboro No. 12, Yogyakarta 55271'],
      time: '12 Nov 2026 14.05',
      saleRef: 'INV-2026-0042',
      cashier: 'Gülşen Öz',
      customer: '+62 ••• 4321',
      asset: 'deposit',
      amount: 'Rp 50.000',
      balanceAfter: 'Rp 1.250.000',
      sealedBy: '',
      reference: 'R-7F3K-92QD',
      qr: 'SAKSI:R-7F3K-92QD',
      footer: '',
      copy: true,
    },
    { language },
  );
  for (const columns of [42, 48] as const) {
    const own = printed(escPos.encode(document, columns), columns);
    const peer = printed(encodeSlip(document, columns, { language: 'esc-pos' }), columns);
    expect(own).toEqual(peer);
  }
});
