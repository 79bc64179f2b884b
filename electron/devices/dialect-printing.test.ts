/** What every language promises of a printer, over the link, on a virtual printer that knows that language and no other. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { openPrinterShop, resultWithin } from '../../test/fixtures/printer-shop.ts';
import { escPosLanguage } from '../../test/sim/escpos/escpos.ts';
import type { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { slipText } from '../../test/sim/mpop/paper.ts';
import { starLineLanguage } from '../../test/sim/starline/starline.ts';
import { escPos } from './escpos/dialect.ts';
import type { PrinterSession } from './printer.ts';
import type { SlipDocument } from './slip.ts';
import { starLine } from './starline/dialect.ts';

const DOCUMENT: SlipDocument = {
  elements: [
    { kind: 'text', text: 'Şarküteri', align: 'center', bold: true, size: 2 },
    { kind: 'row', left: 'Deposit', right: 'Rp 50.000' },
    { kind: 'rule' },
    { kind: 'text', text: 'سوبرماركت' },
    { kind: 'qr', data: 'SAKSI:R:1' },
    { kind: 'barcode', data: 'AB{12%7' },
  ],
};

const PRINTERS = [
  { name: 'ESC/POS, by process id', dialect: escPos, language: () => escPosLanguage('process_id') },
  { name: 'ESC/POS, by GS r', dialect: escPos, language: () => escPosLanguage('sensor') },
  { name: 'Star Line', dialect: starLine, language: starLineLanguage },
];

let clock: FakeClock;
let printer: VirtualMpop;
let session: PrinterSession;

const within = <T>(ms: number, promise: Promise<T>) => resultWithin(clock, ms, promise);

describe.each(PRINTERS)('$name', ({ dialect, language }) => {
  const slip = dialect.encode(DOCUMENT, 48);

  beforeEach(async () => {
    ({ clock, printer, session } = await openPrinterShop({ columns: 48, language: language() }, dialect));
  });

  test('is ok only when it has printed, slip after slip', async () => {
    for (let count = 1; count <= 40; count += 1) {
      const printing = session.print(slip);
      expect(await within(100, printing)).toBe('pending');
      expect(printer.slips).toHaveLength(count - 1);
      expect(await within(5_000, printing)).toEqual({ ok: true });
      expect(printer.slips).toHaveLength(count);
    }
    expect(printer.errors).toEqual([]);
    const elements = printer.slips[0]?.elements ?? [];
    expect(slipText(elements)).toEqual([
      '       Şarküteri',
      `Deposit${' '.repeat(32)}Rp 50.000`,
      '-'.repeat(48),
      '[DOTS 576x24]',
      '[QR SAKSI:R:1]',
      '',
      '[BARCODE AB{12%7]',
      '',
      '',
      '',
      '',
    ]);
    expect(elements[6]).toMatchObject({ width: 2, height: 60, text: true, align: 'center' });
  });

  test.each([
    ['printer_paper_out', () => printer.removePaper()],
    ['printer_cover_open', () => printer.openCover()],
    ['printer_cutter_error', () => printer.breakCutter(true)],
    ['printer_overheated', () => printer.overheat(true)],
  ])('%s: nothing is sent, and it is said by its name', async (failure, spoil) => {
    spoil();
    await clock.advance(10);
    expect(await within(3_000, session.print(slip))).toMatchObject({ failure, sent: 'none' });
    expect(printer.state.bufferedBytes).toBe(0);
  });

  test('paper out in the middle and nobody comes: the next slip is not taken for this one', async () => {
    printer.setPaperMm(10);
    const first = await within(80_000, session.print(slip));
    expect(first).toMatchObject({ failure: 'printer_paper_out', sent: expect.stringMatching(/some|all/) });
    printer.refill();
    expect(await within(10_000, session.print(slip))).toEqual({ ok: true });
    expect(printer.slips).toHaveLength(2);
    expect(printer.errors).toEqual([]);
  });

  test('switched off and on while it was idle: the next slip prints', async () => {
    expect(await within(5_000, session.print(slip))).toEqual({ ok: true });
    printer.powerCycle();
    expect(await within(5_000, session.print(slip))).toEqual({ ok: true });
  });

  test.each([1, 2] as const)(
    'the drawer at connector %s opens, and its switch says so',
    async (connector) => {
      const opening = session.openDrawer({ onTime: 20, offTime: 20 }, connector);
      expect(await within(2_000, opening)).toEqual({ sent: true, confirmed: true });
      expect(printer.drawerPulses).toMatchObject([{ connector, onTime: 20, offTime: 20 }]);
      printer.closeDrawer();
      await clock.advance(10);
      expect(session.snapshot.status?.drawerSwitch).toBe('closed');
      expect(printer.errors).toEqual([]);
    },
  );

  test('a jammed drawer: the pulse was sent, and nobody says that it opened', async () => {
    printer.jamDrawer(true);
    expect(await within(10_000, session.openDrawer())).toEqual({ sent: true, confirmed: false });
  });
});
