import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../test/fixtures/fake-clock.ts';
import { type EscPosModel, escPosLanguage } from '../../../test/sim/escpos/escpos.ts';
import { VirtualMpop } from '../../../test/sim/mpop/mpop.ts';
import { slipText } from '../../../test/sim/mpop/paper.ts';
import { connectVirtual } from '../../../test/sim/mpop/virtual-cable.ts';
import type { DrawerConnector } from '../dialect.ts';
import { PrinterSession } from '../printer.ts';
import type { SlipDocument } from '../slip.ts';
import { createVirtualPair } from '../virtual.ts';
import { drawerPulse } from './commands.ts';
import { escPos } from './dialect.ts';

const DOCUMENT: SlipDocument = {
  elements: [
    { kind: 'text', text: 'Şarküteri', align: 'center', bold: true, size: 2 },
    { kind: 'row', left: 'Deposit', right: 'Rp 50.000' },
    { kind: 'rule' },
    { kind: 'text', text: 'سوبرماركت' },
    { kind: 'qr', data: 'SAKSI:R:1' },
    { kind: 'barcode', data: 'AB{12' },
  ],
};

let clock: FakeClock;
let printer: VirtualMpop;
let session: PrinterSession;

async function shop(model: EscPosModel, columns: 32 | 42 | 48 = 48): Promise<void> {
  clock = new FakeClock();
  printer = new VirtualMpop({ clock, columns, language: escPosLanguage(model) });
  const { host, device } = createVirtualPair({ clock });
  connectVirtual(printer, device);
  const effects = { clock, random: { bytes: (count: number) => new Uint8Array(count), jitter: () => 0.5 } };
  session = new PrinterSession(host, { polarity: 'high_is_open', heartbeat: true, dialect: escPos }, effects);
  session.start();
  await clock.advance(50);
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'pending'> {
  let result: T | 'pending' = 'pending';
  void promise.then((value) => {
    result = value;
  });
  for (let passed = 0; passed < ms && result === 'pending'; passed += 10) await clock.advance(10);
  return result;
}

describe.each(['process_id', 'sensor'] as const)('a printer that confirms by %s', (model) => {
  beforeEach(() => shop(model));

  test('is ok only when it has printed, slip after slip', async () => {
    const slip = escPos.encode(DOCUMENT, 48);
    for (let count = 1; count <= 40; count += 1) {
      const printing = session.print(slip);
      expect(await within(100, printing)).toBe('pending');
      expect(printer.slips).toHaveLength(count - 1);
      expect(await within(5_000, printing)).toEqual({ ok: true });
      expect(printer.slips).toHaveLength(count);
    }
    expect(printer.errors).toEqual([]);
    expect(slipText(printer.slips[0]?.elements ?? [])).toEqual([
      '       Şarküteri',
      `Deposit${' '.repeat(32)}Rp 50.000`,
      '-'.repeat(48),
      '[DOTS 576x24]',
      '[QR SAKSI:R:1]',
      '',
      '[BARCODE AB{12]',
      '',
      '',
      '',
      '',
    ]);
  });

  test.each([
    ['printer_paper_out', () => printer.removePaper()],
    ['printer_cover_open', () => printer.openCover()],
    ['printer_cutter_error', () => printer.breakCutter(true)],
    ['printer_overheated', () => printer.overheat(true)],
  ])('%s: nothing is sent, and it is said by its name', async (failure, spoil) => {
    spoil();
    await clock.advance(10);
    const result = await within(3_000, session.print(escPos.encode(DOCUMENT, 48)));
    expect(result).toMatchObject({ failure, sent: 'none' });
  });

  test('paper out in the middle and nobody comes: the next slip is not taken for this one', async () => {
    printer.setPaperMm(10);
    const first = await within(80_000, session.print(escPos.encode(DOCUMENT, 48)));
    expect(first).toMatchObject({ failure: 'printer_paper_out', sent: expect.stringMatching(/some|all/) });
    printer.refill();
    expect(await within(10_000, session.print(escPos.encode(DOCUMENT, 48)))).toEqual({ ok: true });
    expect(printer.slips).toHaveLength(2);
    expect(printer.errors).toEqual([]);
  });
});

test('a printer that confirms nothing: the slip is sent and never counts as printed', async () => {
  await shop('no_answer');
  const result = await within(5_000, session.print(escPos.encode(DOCUMENT, 48)));
  expect(result).toMatchObject({ ok: false, failure: 'printer_timeout', sent: 'all' });
  await clock.advance(5_000);
  expect(printer.slips).toHaveLength(1);
});

test.each([1, 2] as const)(
  'the drawer at connector %s opens, and its switch says so',
  async (connector: DrawerConnector) => {
    await shop('process_id');
    expect(await within(2_000, session.openDrawer({ onTime: 20, offTime: 20 }, connector))).toEqual({
      sent: true,
      confirmed: true,
    });
    expect(printer.drawerPulses).toMatchObject([{ onTime: 20, offTime: 20 }]);
    expect([...drawerPulse({ onTime: 20, offTime: 40 }, connector)]).toEqual([
      0x1b,
      0x70,
      connector - 1,
      100,
      200,
    ]);
    expect(() => drawerPulse({ onTime: 0, offTime: 1 })).toThrow(RangeError);
  },
);
