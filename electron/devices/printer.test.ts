import { beforeEach, describe, expect, test } from 'vitest';
import type { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { bareSession, openPrinterShop, resultWithin } from '../../test/fixtures/printer-shop.ts';
import type { MpopOptions } from '../../test/sim/mpop/model.ts';
import type { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { slipText } from '../../test/sim/mpop/paper.ts';
import type { PrintResult } from './print-job.ts';
import { PRINTER_LIMITS, type PrinterSession } from './printer.ts';
import { encodeSlip } from './starprnt/encode.ts';

const SLIP = encodeSlip(
  {
    elements: [
      { kind: 'text', text: 'Toko Maju', align: 'center', bold: true, size: 2 },
      { kind: 'row', left: 'Deposit', right: 'Rp 50.000' },
      { kind: 'qr', data: 'SAKSI:R:1' },
    ],
  },
  32,
);
/** Thirty lines: 120 mm, so 1.2 s of printing. */
const LONG_SLIP = encodeSlip(
  { elements: Array.from({ length: 30 }, (_, index) => ({ kind: 'text', text: `line ${index}` })) },
  32,
);

let clock: FakeClock;
let mpop: VirtualMpop;
let session: PrinterSession;

async function shop(options: Partial<MpopOptions> = {}): Promise<void> {
  ({ clock, printer: mpop, session } = await openPrinterShop(options));
}

const within = <T>(ms: number, promise: Promise<T>) => resultWithin(clock, ms, promise);

beforeEach(() => shop());

describe('printing', () => {
  test('is ok only when the printer has counted the end mark', async () => {
    const printing = session.print(LONG_SLIP);
    expect(await within(1000, printing)).toBe('pending');
    expect(mpop.slips).toHaveLength(0);
    expect(await within(2000, printing)).toEqual({ ok: true });
    expect(mpop.slips).toHaveLength(1);
    expect(slipText(mpop.slips[0]?.elements ?? [])[29]).toBe('line 29');
    expect(mpop.errors).toEqual([]);
  });

  test('works across the wrap of the counter', async () => {
    const counters: number[] = [];
    for (let slip = 0; slip < 70; slip += 1) {
      expect(await within(5000, session.print(SLIP))).toEqual({ ok: true });
      counters.push(mpop.state.etbCounter);
    }
    expect(mpop.slips).toHaveLength(70);
    expect(counters).not.toContain(0);
  });

  test('prints one slip after the other and refuses what is beyond the queue', async () => {
    const all = Array.from({ length: PRINTER_LIMITS.queuedJobs + 1 }, () => session.print(SLIP));
    const results = await within(30_000, Promise.all(all));
    expect((results as PrintResult[]).filter((result) => result.ok)).toHaveLength(PRINTER_LIMITS.queuedJobs);
    expect((results as PrintResult[]).at(-1)).toMatchObject({ failure: 'printer_error', sent: 'none' });
  });

  test('a printer that is away is absent at once, with nothing sent', async () => {
    mpop.unplug();
    expect(await within(10, session.print(SLIP))).toMatchObject({ failure: 'printer_absent', sent: 'none' });
  });

  test.each([
    ['printer_paper_out', () => mpop.removePaper()],
    ['printer_cover_open', () => mpop.openCover()],
    ['printer_cutter_error', () => mpop.breakCutter(true)],
    ['printer_overheated', () => mpop.overheat(true)],
  ])('%s before the slip: nothing is sent', async (failure, spoil) => {
    spoil();
    await clock.advance(10);
    expect(await within(10, session.print(SLIP))).toMatchObject({ failure, sent: 'none' });
    expect(mpop.state.bufferedBytes).toBe(0);
  });
});

describe('trouble in the middle of a slip', () => {
  test('paper out: shown at once, finishes when refilled', async () => {
    mpop.setPaperMm(40);
    const printing = session.print(LONG_SLIP);
    expect(await within(5000, printing)).toBe('pending');
    expect(session.snapshot.status?.paper).toBe('out');
    mpop.refill();
    expect(await within(5000, printing)).toEqual({ ok: true });
    expect(slipText(mpop.slips[0]?.elements ?? [])).toHaveLength(33);
  });

  test('paper out and nobody comes: a failure in bounded time, and the next slip is not taken for the first', async () => {
    mpop.setPaperMm(40);
    const first = session.print(LONG_SLIP);
    const result = await within(PRINTER_LIMITS.resumeMs + 5000, first);
    expect(result).toMatchObject({ failure: 'printer_paper_out', sent: 'all' });
    mpop.refill();
    const second = session.print(SLIP);
    expect(await within(10_000, second)).toEqual({ ok: true });
    expect(mpop.slips).toHaveLength(2);
    expect(slipText(mpop.slips[1]?.elements ?? [])[0]).toContain('Toko Maju');
  });

  test('paper out with the buffer full: a failure in bounded time, and the rest does not print by itself', async () => {
    await shop({ bufferBytes: 64, paperMm: 20 });
    const printing = session.print(LONG_SLIP);
    const result = await within(PRINTER_LIMITS.resumeMs + 5000, printing);
    expect(result).toMatchObject({ failure: 'printer_paper_out', sent: 'some' });
    expect(session.snapshot.epoch === 1 && session.snapshot.link === 'ready').toBe(false);
    mpop.refill();
    await clock.advance(20_000);
    expect(slipText(mpop.uncut)).not.toContain('line 29');
    expect(await within(10_000, session.print(SLIP))).toEqual({ ok: true });
  });

  test('a port that takes no more of a slip: a failure in bounded time, and a new connection', async () => {
    const { session: other, device } = bareSession(clock);
    device.onReceive((bytes) => {
      if (bytes[1] !== 0x1e) return new Promise(() => undefined);
      device.send(Uint8Array.from([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0]));
      return undefined;
    });
    other.start();
    await clock.advance(50);
    const result = await within(PRINTER_LIMITS.resumeMs + 100, other.print(SLIP));
    expect(result).toMatchObject({ failure: 'printer_timeout', sent: 'some' });
    expect(other.snapshot.link).toBe('waiting');
    await other.stop();
  });

  test('cover opened and closed: goes on', async () => {
    const printing = session.print(LONG_SLIP);
    await clock.advance(300);
    mpop.openCover();
    expect(await within(5000, printing)).toBe('pending');
    mpop.closeCover();
    expect(await within(5000, printing)).toEqual({ ok: true });
  });

  test('unplugged: reported within a second; after plugging in, prints again by itself', async () => {
    const printing = session.print(LONG_SLIP);
    await clock.advance(200);
    mpop.unplug();
    expect(await within(1000, printing)).toMatchObject({ failure: 'printer_unplugged' });
    expect(session.snapshot.link).toBe('waiting');
    mpop.plug();
    await clock.advance(10_000);
    expect(session.snapshot.link).toBe('ready');
    expect(await within(10_000, session.print(SLIP))).toEqual({ ok: true });
    expect(slipText(mpop.slips.at(-1)?.elements ?? [])[0]).toContain('Toko Maju');
    expect(mpop.errors).toEqual([]);
  });

  test.each([
    [false, 'printer_timeout'], // it forgot automatic status, so nothing tells of it
    [true, 'printer_error'], // set by its memory switch to tell at once
  ])(
    'switched off and on behind our back (tells of it: %s): never ok',
    async (autoStatusAtStart, failure) => {
      await shop({ autoStatusAtStart });
      expect(await within(5000, session.print(SLIP))).toEqual({ ok: true });
      const printing = session.print(LONG_SLIP);
      await clock.advance(300);
      mpop.powerCycle();
      expect(await within(30_000, printing)).toMatchObject({ ok: false, failure, sent: 'all' });
      expect(await within(10_000, session.print(SLIP))).toEqual({ ok: true });
    },
  );

  test('switched off and on while it was idle: the next slip prints', async () => {
    expect(await within(5000, session.print(SLIP))).toEqual({ ok: true });
    mpop.powerCycle();
    expect(await within(5000, session.print(SLIP))).toEqual({ ok: true });
  });

  test('switched off and on while it was out of paper: noticed without a restart', async () => {
    mpop.removePaper();
    await clock.advance(10);
    mpop.powerCycle();
    mpop.refill();
    await clock.advance(40_000);
    expect(await within(5000, session.print(SLIP))).toEqual({ ok: true });
  });

  test('a printer that does not answer before a slip gets none of it', async () => {
    const { session: other, device } = bareSession(clock);
    const heard: number[] = [];
    device.onReceive((bytes) => void heard.push(...bytes));
    other.start();
    await clock.advance(10);
    device.send(Uint8Array.from([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0]));
    expect(await within(2000, other.print(SLIP))).toMatchObject({ failure: 'printer_absent', sent: 'none' });
    expect(heard).toEqual([0x1b, 0x1e, 0x61, 1, 0x1b, 0x1e, 0x61, 1]);
    await other.stop();
  });

  test('a slip stopped half-way is cut off before the next', async () => {
    const first = session.print(LONG_SLIP);
    await clock.advance(5); // the first of its chunks is through
    mpop.unplug();
    expect(await within(1000, first)).toMatchObject({ failure: 'printer_unplugged', sent: 'some' });
    mpop.plug();
    await clock.advance(10_000);
    expect(await within(10_000, session.print(SLIP))).toEqual({ ok: true });
    expect(mpop.slips.map(({ elements }) => slipText(elements)[0]?.trim())).toEqual(['line 0', 'Toko Maju']);
  });
});

describe('the drawer', () => {
  test('opens and is confirmed by its switch', async () => {
    expect(await within(2000, session.openDrawer())).toEqual({ sent: true, confirmed: true });
    expect(mpop.drawerPulses).toHaveLength(1);
    expect(session.snapshot.status?.drawerSwitch).toBe('open');
    mpop.closeDrawer();
    await clock.advance(10);
    expect(session.snapshot.status?.drawerSwitch).toBe('closed');
  });

  test('jammed: sent, not confirmed, in bounded time', async () => {
    mpop.jamDrawer(true);
    const opening = session.openDrawer();
    expect(await within(PRINTER_LIMITS.drawerMs - 100, opening)).toBe('pending');
    expect(await within(200, opening)).toEqual({ sent: true, confirmed: false });
  });

  test('without a printer: absent at once', async () => {
    mpop.unplug();
    expect(await within(10, session.openDrawer())).toEqual({ sent: false, failure: 'drawer_absent' });
  });

  test('does not wait for a slip that waits for paper, and splits no command of a slip', async () => {
    mpop.setPaperMm(2000);
    const printing = session.print(LONG_SLIP);
    const opening = session.openDrawer();
    expect(await within(4000, Promise.all([printing, opening]))).toEqual([
      { ok: true },
      { sent: true, confirmed: true },
    ]);
    expect(mpop.errors).toEqual([]);
    expect(slipText(mpop.slips[0]?.elements ?? [])).toHaveLength(33);
  });

  test('the pulse is handed to the port while a slip waits for paper', async () => {
    mpop.setPaperMm(40);
    void session.print(LONG_SLIP);
    await clock.advance(3000);
    expect(session.snapshot.status?.paper).toBe('out');
    expect(await within(3000, session.openDrawer())).toEqual({ sent: true, confirmed: false });
    mpop.refill();
    await clock.advance(3000);
    expect(mpop.drawerPulses).toHaveLength(1); // a StarPRNT printer carries it out in its turn
  });

  test('a port that takes no bytes: told in time, and the pulse does not come later by itself', async () => {
    const { session: other, device } = bareSession(clock);
    other.start();
    await clock.advance(10);
    device.send(Uint8Array.from([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0]));
    device.onReceive(() => new Promise(() => undefined));
    expect(await within(2_100, other.openDrawer())).toEqual({ sent: false, failure: 'drawer_not_confirmed' });
    expect(other.snapshot.link).toBe('waiting');
    await other.stop();
  });
});
