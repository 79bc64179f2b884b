import { escPos } from '../../electron/devices/escpos/dialect.ts';
import { buildRedemptionSlip } from '../../electron/devices/layouts.ts';
import { encodeSlip } from '../../electron/devices/starprnt/encode.ts';
import { type Bench, quantile, result } from './bench.ts';

const ROUNDS = 9;
const SLIPS = 100;

const SLIP = buildRedemptionSlip(
  {
    storeName: 'Çağlayan Şarküteri',
    storeLines: ['İstiklâl Cad. No 5, Beyoğlu'],
    time: '12 Kas 2026 14:05',
    saleRef: 'INV-2026-0042',
    cashier: 'Gülşen Öz',
    customer: '+90 ••• 4321',
    asset: 'deposit',
    amount: 'TL12,50',
    balanceAfter: 'TL99,00',
    sealedBy: '',
    reference: 'R-7F3K-92QD',
    qr: 'SAKSI:R-7F3K-92QD',
    footer: '',
    copy: false,
  },
  { language: 'tr' },
);

/** Slips in a second. */
function rateOf(encode: () => unknown): number {
  const from = performance.now();
  for (let slip = 0; slip < SLIPS; slip += 1) encode();
  return (SLIPS * 1000) / (performance.now() - from);
}

/** Own ESC/POS encoder and the library's, in turns, so that both meet the same machine. */
export const encodeBench: Bench = {
  names: ['devices.encode'],
  about: 'slips of a redemption encoded as ESC/POS in a second, over receipt-printer-encoder',
  mark: '≥ 1',
  async run() {
    const own: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      own.push(rateOf(() => escPos.encode(SLIP, 48)));
      peer.push(rateOf(() => encodeSlip(SLIP, 48, { language: 'esc-pos' })));
    }
    const n = ROUNDS * SLIPS;
    return { 'devices.encode': result(quantile(own, 0.5), 'slips/s', quantile(peer, 0.5), n) };
  },
};
