/** The same session over real ports: a PTY with serialport, and TCP. Real clock, real time. */
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock, systemEffects } from '../../shared/effects.ts';
import { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { slipText } from '../../test/sim/mpop/paper.ts';
import { connectPty, hasSocat } from '../../test/sim/mpop/pty.ts';
import { listenTcp } from '../../test/sim/mpop/server.ts';
import type { LinkState } from './link-states.ts';
import { PRINTER_LIMITS, PrinterSession } from './printer.ts';
import { HEARTBEAT_MS } from './printer-link.ts';
import { createSerialTransport } from './serial.ts';
import { encodeSlip } from './starprnt/encode.ts';
import { createTcpTransport } from './tcp.ts';
import type { Transport } from './transport.ts';
import { createUsbPrinterTransport } from './usb-printer.ts';

const SLIP = encodeSlip(
  {
    elements: [
      { kind: 'text', text: 'Toko Maju — ş', align: 'center', bold: true },
      { kind: 'qr', data: 'SAKSI:R:1' },
    ],
  },
  32,
);
const LONG_SLIP = encodeSlip(
  { elements: Array.from({ length: 60 }, (_, index) => ({ kind: 'text', text: `line ${index}` })) },
  32,
);

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function until(holds: () => boolean, timeoutMs = 5000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function start(
  transport: Transport,
  heartbeat: boolean,
  effects = systemEffects,
): Promise<PrinterSession> {
  const limits = { ...PRINTER_LIMITS, resumeMs: 1500 };
  const session = new PrinterSession(transport, { polarity: 'high_is_open', heartbeat }, effects, limits);
  cleanUps.push(() => session.stop());
  session.start();
  await until(() => session.snapshot.link === 'ready');
  return session;
}

const cables = {
  serial: async (mpop: VirtualMpop) => {
    const pty = await connectPty(mpop);
    cleanUps.push(() => pty.close());
    return start(createSerialTransport({ path: pty.path, clock: systemClock }), true);
  },
  /** What a USB printer's file does, a terminal does too: it is opened, gives bytes both ways, and goes. */
  usb: async (mpop: VirtualMpop) => {
    const pty = await connectPty(mpop);
    cleanUps.push(() => pty.close());
    return start(createUsbPrinterTransport({ path: pty.path, clock: systemClock }), true);
  },
  tcp: async (mpop: VirtualMpop) => {
    const server = await listenTcp(mpop, 0);
    cleanUps.push(() => server.close());
    return start(createTcpTransport({ host: '127.0.0.1', port: server.port, clock: systemClock }), false);
  },
};

describe.each([
  ['serial', !hasSocat()],
  ['usb', !hasSocat()],
  ['tcp', false],
] as const)('over %s', (kind, missing) => {
  // Serial needs socat for the pseudo terminals; where it is not installed those tests show as skipped.
  const run = test.skipIf(missing);

  run('prints, and says ok when the paper shows it', async () => {
    const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 400 });
    const session = await cables[kind](mpop);
    for (let slip = 1; slip <= 3; slip += 1) {
      expect(await session.print(SLIP)).toEqual({ ok: true });
      expect(mpop.slips).toHaveLength(slip);
    }
    expect(slipText(mpop.slips[2]?.elements ?? [])[0]?.trim()).toBe('Toko Maju — ş');
    expect(mpop.errors).toEqual([]);
  });

  run('opens the drawer, hears it open and close', async () => {
    const mpop = new VirtualMpop({ clock: systemClock });
    const session = await cables[kind](mpop);
    expect(await session.openDrawer()).toEqual({ sent: true, confirmed: true });
    mpop.closeDrawer();
    await until(() => session.snapshot.status?.drawerSwitch === 'closed');
    expect(mpop.drawerPulses).toHaveLength(1);
  });

  run(
    'unplugged mid-slip: reported within a second; plugged in again, goes on without a restart',
    async () => {
      const mpop = new VirtualMpop({ clock: systemClock });
      const session = await cables[kind](mpop);
      const printing = session.print(LONG_SLIP);
      await until(() => mpop.uncut.length > 5);
      const pulled = performance.now();
      mpop.unplug();
      expect(await printing).toMatchObject({ ok: false, failure: 'printer_unplugged' });
      expect(performance.now() - pulled).toBeLessThan(1000);
      expect(await session.print(SLIP)).toMatchObject({ failure: 'printer_absent', sent: 'none' });
      const seen: LinkState[] = [];
      session.onChange(({ link }) => seen.push(link));
      mpop.plug();
      await until(() => session.snapshot.link === 'ready', 10_000);
      expect(await session.print(SLIP)).toEqual({ ok: true });
      expect(slipText(mpop.slips.at(-1)?.elements ?? [])[0]?.trim()).toBe('Toko Maju — ş');
      expect(mpop.errors).toEqual([]);
    },
  );

  run('paper out mid-slip, refilled: finishes', async () => {
    const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 400, paperMm: 100 });
    const session = await cables[kind](mpop);
    const printing = session.print(LONG_SLIP);
    await until(() => session.snapshot.status?.paper === 'out');
    mpop.refill();
    expect(await printing).toEqual({ ok: true });
    expect(slipText(mpop.slips[0]?.elements ?? [])).toHaveLength(63);
  });

  run('paper out mid-slip, not refilled: fails in time and prints the next one properly', async () => {
    const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 400, paperMm: 100 });
    const session = await cables[kind](mpop);
    expect(await session.print(LONG_SLIP)).toMatchObject({ failure: 'printer_paper_out' });
    expect(await session.print(SLIP)).toMatchObject({ failure: 'printer_paper_out', sent: 'none' });
    mpop.refill();
    await until(() => session.snapshot.status?.paper === 'ok');
    expect(await session.print(SLIP)).toEqual({ ok: true });
    expect(slipText(mpop.slips.at(-1)?.elements ?? [])[0]?.trim()).toBe('Toko Maju — ş');
  });

  run('cover opened mid-slip, closed: finishes', async () => {
    const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 400 });
    const session = await cables[kind](mpop);
    const printing = session.print(LONG_SLIP);
    await until(() => mpop.uncut.length > 5);
    mpop.openCover();
    await until(() => session.snapshot.status?.coverOpen === true);
    expect(mpop.slips).toEqual([]);
    mpop.closeCover();
    expect(await printing).toEqual({ ok: true });
    expect(slipText(mpop.slips[0]?.elements ?? [])).toHaveLength(63);
  });

  run('cover open: refused at once; closed: prints', async () => {
    const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 400 });
    const session = await cables[kind](mpop);
    mpop.openCover();
    await until(() => session.snapshot.status?.coverOpen === true);
    expect(await session.print(SLIP)).toMatchObject({ failure: 'printer_cover_open', sent: 'none' });
    mpop.closeCover();
    await until(() => session.snapshot.status?.online === true);
    expect(await session.print(SLIP)).toEqual({ ok: true });
  });

  run('rubbish in the status: no false ok, and the true one is still heard', async () => {
    const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 300 });
    const session = await cables[kind](mpop);
    const printing = session.print(LONG_SLIP);
    let done = false;
    void printing.then(() => {
      done = true;
    });
    for (let burst = 0; burst < 20; burst += 1) {
      mpop.sendGarbage(Uint8Array.from({ length: 50 }, (_, index) => (burst * 37 + index * 101) % 256));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(done).toBe(false);
    expect(await printing).toEqual({ ok: true });
    expect(mpop.slips).toHaveLength(1);
  });
});

test.skipIf(!hasSocat())(
  'a printer that reads slowly is not run over, and the drawer does not wait for the end of the slip',
  async () => {
    const lines = 40;
    // Drawn as dots, a line is more than a thousand bytes: all of it is far more than any buffer on the way holds.
    const text = { kind: 'text', text: 'ขอบคุณที่ใช้บริการ' } as const;
    const dots = encodeSlip({ elements: Array.from({ length: lines }, () => text) }, 32);
    const mpop = new VirtualMpop({
      clock: systemClock,
      printMmPerSecond: null,
      bytesPerSecond: 40_000,
      bufferBytes: 1_024,
    });
    const session = await cables.serial(mpop);
    const printing = session.print(dots);
    await until(() => mpop.uncut.length > 3);
    await session.openDrawer();
    await until(() => mpop.drawerPulses.length === 1);
    expect(mpop.slips).toEqual([]);
    expect(await printing).toEqual({ ok: true });
    expect(mpop.slips[0]?.elements.filter(({ kind }) => kind === 'raster')).toHaveLength(lines);
    expect(mpop.errors).toEqual([]);
  },
);

test.skipIf(!hasSocat())(
  'a printer that fell silent while nothing was printed is missed, and comes back without a restart',
  async () => {
    const mpop = new VirtualMpop({ clock: systemClock, printMmPerSecond: 400 });
    let asleep = false;
    // The terminal stays, as a virtual serial port does when the cable is out; nobody answers at its end.
    const pty = await connectPty({
      get state() {
        return mpop.state;
      },
      onChange: (listener) => mpop.onChange(listener),
      attach(connection) {
        const attached = mpop.attach(connection);
        return (
          attached && {
            ...attached,
            receive: async (bytes) => (asleep ? undefined : attached.receive(bytes)),
          }
        );
      },
    });
    cleanUps.push(() => pty.close());
    const clock: Clock = {
      ...systemClock,
      schedule: (ms, fn) => systemClock.schedule(ms === HEARTBEAT_MS ? 100 : ms, fn),
    };
    const transport = createSerialTransport({ path: pty.path, clock });
    const session = await start(transport, true, { ...systemEffects, clock });
    asleep = true;
    await until(() => session.snapshot.link !== 'ready', 10_000);
    expect(await session.print(SLIP)).toMatchObject({ ok: false, sent: 'none' });
    asleep = false;
    await until(() => session.snapshot.link === 'ready', 10_000);
    expect(await session.print(SLIP)).toEqual({ ok: true });
    expect(mpop.slips).toHaveLength(1);
  },
);

test('a host that does not answer is given up; nothing hangs', async () => {
  const transport = createTcpTransport({ host: '127.0.0.1', port: 1, clock: systemClock });
  await expect(transport.open()).rejects.toMatchObject({ code: 'open_failed' });
  const serial = createSerialTransport({ path: '/dev/does-not-exist', clock: systemClock });
  await expect(serial.open()).rejects.toMatchObject({ code: 'open_failed' });
  await expect(serial.write(Uint8Array.of(1), 100)).rejects.toMatchObject({ code: 'closed' });
});

test.skipIf(!hasSocat())(
  'a port that one till has open is refused to another, and free again after close',
  async () => {
    const mpop = new VirtualMpop({ clock: systemClock });
    const pty = await connectPty(mpop);
    cleanUps.push(() => pty.close());
    const first = createSerialTransport({ path: pty.path, clock: systemClock });
    const second = createSerialTransport({ path: pty.path, clock: systemClock });
    await first.open();
    await expect(second.open()).rejects.toMatchObject({ code: 'open_failed' });
    await first.close();
    await second.open();
    await second.close();
  },
);

test.skipIf(!hasSocat())(
  'a USB printer that is pulled out while nothing is printed is missed at once',
  async () => {
    const mpop = new VirtualMpop({ clock: systemClock });
    const pty = await connectPty(mpop);
    cleanUps.push(() => pty.close());
    const transport = createUsbPrinterTransport({ path: pty.path, clock: systemClock });
    const closed: string[] = [];
    transport.onClose(({ why }) => closed.push(why));
    await transport.open();
    mpop.unplug();
    await until(() => closed.length > 0);
    expect(closed).toEqual(['lost']);
    await expect(transport.write(Uint8Array.of(1), 100)).rejects.toMatchObject({ code: 'closed' });
  },
);

// The kernel says ENODEV of a printer that is gone; the start of this file answers with an error just as well.
test.skipIf(process.platform !== 'linux')('a USB printer whose file fails is lost', async () => {
  const transport = createUsbPrinterTransport({ path: '/proc/self/mem', clock: systemClock });
  const closed: string[] = [];
  transport.onClose(({ why, detail }) => closed.push(`${why} ${detail.slice(0, 3)}`));
  await transport.open();
  await until(() => closed.length > 0);
  expect(closed).toEqual(['lost EIO']);
});
