import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { bareSession, openPrinterShop, resultWithin, sessionOn } from '../../test/fixtures/printer-shop.ts';
import type { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import type { PrinterSession } from './printer.ts';
import { encodeSlip } from './starprnt/encode.ts';
import { createVirtualPair, type VirtualDeviceEnd } from './virtual.ts';

const READY = Uint8Array.from([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0]);
const SLIP = encodeSlip({ elements: [{ kind: 'text', text: 'Toko Maju' }] }, 32);

let clock: FakeClock;
let mpop: VirtualMpop;
let session: PrinterSession;
let device: VirtualDeviceEnd;

const within = <T>(ms: number, promise: Promise<T>) => resultWithin(clock, ms, promise);

beforeEach(async () => {
  ({ clock, printer: mpop, session, device } = await openPrinterShop());
});

describe('the link', () => {
  test('a printer that says nothing is mute; its drawer still opens', async () => {
    const { session: mute, device } = bareSession(clock);
    const heard: number[] = [];
    device.onReceive((bytes) => void heard.push(...bytes));
    mute.start();
    await clock.advance(2000);
    expect(mute.snapshot.link).toBe('mute');
    expect(await within(10, mute.print(SLIP))).toMatchObject({ failure: 'printer_timeout', sent: 'none' });
    expect(await within(2000, mute.openDrawer())).toEqual({ sent: true, confirmed: false });
    expect(heard.slice(-5)).toEqual([0x1b, 0x07, 20, 20, 0x07]);
  });

  test('a silent printer is probed; one that does not answer is connected anew', async () => {
    await clock.advance(60_000);
    expect(session.snapshot).toMatchObject({ link: 'ready', epoch: 1 });
    device.onReceive(() => undefined); // the cable is out, and the port does not know it
    await clock.advance(20_000);
    expect(session.snapshot.link).not.toBe('ready');
  });

  test('what the printer was saying when the cable was pulled does not swallow its next words', async () => {
    const { session: other, device } = bareSession(clock);
    other.start();
    await clock.advance(10);
    device.send(Uint8Array.from([0x23, 0x86, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x00])); // and 512 more bytes
    device.unplug();
    device.plug();
    await clock.advance(300);
    expect(other.snapshot.link).toBe('greeting');
    device.send(Uint8Array.from([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0]));
    expect(other.snapshot.link).toBe('ready');
    await other.stop();
  });

  test('a mute printer is asked again and again, and is ready when it answers', async () => {
    const { session: late, device } = bareSession(clock);
    late.start();
    await clock.advance(60_000);
    expect(late.snapshot).toMatchObject({ link: 'mute', epoch: 1 });
    device.onReceive(() => device.send(READY));
    await clock.advance(6_000);
    expect(late.snapshot.link).toBe('ready');
    await late.stop();
  });

  test('a port that does not open is tried again soon at first, then at most every five seconds, for ever', async () => {
    const { host, device } = createVirtualPair({ clock });
    device.unplug();
    const attempts: number[] = [];
    const counted = {
      ...host,
      open: async () => {
        attempts.push(clock.monotonic());
        await host.open();
      },
    };
    const patient = sessionOn(counted, clock);
    patient.start();
    await clock.advance(60_000);
    const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(gaps[0]).toBeLessThanOrEqual(250);
    expect(gaps.every((gap, index) => index === 0 || gap >= (gaps[index - 1] ?? 0))).toBe(true);
    expect(gaps.at(-1)).toBe(3_750); // 5 s, of which half is jitter, at a jitter of one half
    device.plug();
    device.onReceive(() => device.send(READY));
    await clock.advance(5_000);
    expect(patient.snapshot.link).toBe('ready');
    await patient.stop();
  });

  test('out of paper with a slip in it for an hour: still connected, and its buffer does not fill up', async () => {
    mpop.setPaperMm(1);
    expect(await within(70_000, session.print(SLIP))).toMatchObject({ failure: 'printer_paper_out' });
    const { bufferedBytes } = mpop.state;
    await clock.advance(3_600_000);
    expect(mpop.state.bufferedBytes).toBe(bufferedBytes);
    expect(session.snapshot).toMatchObject({ link: 'ready', epoch: 1, status: { paper: 'out' } });
    mpop.refill();
    await clock.advance(1_000);
    expect(await within(5_000, session.print(SLIP))).toEqual({ ok: true });
  });

  test('stopped, it leaves no timer behind', async () => {
    mpop.unplug();
    await clock.advance(1000);
    await session.stop();
    await clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
    expect(session.snapshot.link).toBe('stopped');
  });
});

describe('rubbish from the printer', () => {
  const DONE = [0x23, 0x06, 0x02, 0, 0, 0, 0, 0x02, 0];

  /** The status that would end the slip, damaged so that no part of it is a status. */
  const damaged = fc.oneof(
    fc.tuple(fc.nat(8), fc.constantFrom(0x01, 0x10, 0x80)).map(([at, bit]) =>
      // Header 2 may carry bit 7; there the damage must be another bit.
      DONE.map((byte, index) => (index === at ? byte ^ (at === 1 && bit === 0x80 ? 0x10 : bit) : byte)),
    ),
    fc.nat(8).map((at) => DONE.filter((_, index) => index !== at)),
    fc.nat(8).map((length) => DONE.slice(0, length)),
    fc.array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 12 }),
  );

  test('100,000 damaged statuses: none of them ends the slip; the true one does', async () => {
    const { session: other, device } = bareSession(clock);
    device.onReceive((bytes) => {
      if (bytes[1] === 0x1e) device.send(READY); // ESC RS a 1
    });
    other.start();
    await clock.advance(10);
    const printing = other.print(SLIP);
    await clock.advance(10);
    fc.assert(
      fc.property(damaged, (bytes) => {
        device.send(Uint8Array.from([0xff, ...bytes])); // ends what the one before left unfinished
        expect(other.snapshot.status?.etbCounter).toBe(0);
      }),
      { numRuns: 100_000 },
    );
    expect(await within(100, printing)).toBe('pending');
    device.send(Uint8Array.from([...READY, ...DONE]));
    expect(await within(100, printing)).toEqual({ ok: true });
    await other.stop();
  }, 120_000);
});
