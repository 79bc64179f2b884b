import fc from 'fast-check';
import fastify from 'fastify';
import { PNG } from 'pngjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../fixtures/fake-clock.ts';
import { VirtualMpop } from './mpop.ts';
import { mpopPage } from './page.ts';
import { slipText } from './paper.ts';
import { StarPrntParser } from './parser.ts';

const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : [part])),
  );

describe('the parser', () => {
  test.each([
    ['QR without the store-data command, as some libraries send it', bytes('\x1b\x1dyS2\x04\x02\x00AB\n')],
    ['ESC/POS drawer pulse', bytes('\x1bp\x00\x19\xfa')],
    ['ESC/POS cut', bytes('\x1dV\x00')],
    ['pulse out of range', bytes('\x1b\x07\x00\x14\x07')],
    ['a size that does not exist', bytes('\x1bi\x09\x00')],
    ['an unknown code page', bytes('\x1b\x1dt\x63')],
    ['external device 2, which is not there', bytes(0x1a)],
    ['a control code in text', bytes('ab\x00')],
    ['a cut mode that does not exist', bytes('\x1bd\x04')],
    ['a QR cell too large', bytes('\x1b\x1dyS2\x09')],
    ['QR data of no length', bytes('\x1b\x1dyD1\x00\x00\x00')],
  ])('refuses %s', (_, input) => {
    const parser = new StarPrntParser();
    parser.push(input);
    expect(parser.errors.length).toBeGreaterThan(0);
  });

  test('reads the same commands however the bytes are cut up', () => {
    const stream = bytes(
      '\x1b@\x1bE\x1b\x1dt\x20Toko \x1bF\n\x1b\x1dyS0\x02\x1b\x1dyS1\x01\x1b\x1dyS2\x06\x1b\x1dyD1\x00\x03\x00A\x1bB\x1b\x1dyP',
      '\x1bb\x06\x02\x02\x3cAB12\x1e\x1bd\x01\x1b\x07\x14\x14\x07\x1b\x1ea\x01\x1b\x1eE\x00\x1b\x06\x01\x17',
    );
    const whole = new StarPrntParser().push(stream);
    expect(whole.map(({ command }) => command.kind).filter((kind) => kind !== 'text')).toEqual(
      'initialise bold code_page bold line_feed qr_model qr_level qr_cell qr_data qr_print barcode cut pulse_width fire_drawer auto_status clear_end_counter status_request end_mark'.split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 80 }), (sizes) => {
        const parser = new StarPrntParser();
        const found = [];
        let at = 0;
        for (const size of [...sizes, stream.length]) {
          found.push(...parser.push(stream.slice(at, at + size)));
          at += size;
        }
        expect(found).toEqual(whole);
        expect(parser.errors).toEqual([]);
      }),
    );
  });
});

describe('the device', () => {
  let clock: FakeClock;
  let mpop: VirtualMpop;
  let sent: Uint8Array[];
  let cable: NonNullable<ReturnType<VirtualMpop['attach']>>;

  beforeEach(() => {
    clock = new FakeClock();
    mpop = new VirtualMpop({ clock });
    sent = [];
    const attached = mpop.attach({ send: (frame) => sent.push(frame), close: () => undefined });
    if (attached === null) throw new Error('unplugged');
    cable = attached;
  });

  /** Sends, and gives the line the time that the bytes take. */
  async function feed(input: Uint8Array): Promise<void> {
    const taken = cable.receive(input);
    await clock.advance(Math.ceil((input.length * 1000) / 11_520) + 1);
    await taken;
  }

  test('sends status once when asked, and of itself only when told to', async () => {
    await feed(bytes('\x1b\x06\x01'));
    mpop.openCover();
    expect(sent).toHaveLength(1);
    await feed(bytes('\x1b\x1ea\x01'));
    mpop.closeCover();
    expect(sent.map((frame) => frame[2])).toEqual([0x00, 0x28, 0x00]);
  });

  test('counts an end mark after what stands before it is printed, not on reception', async () => {
    await feed(bytes('\x1b\x1ea\x01line\n\x17'));
    expect(mpop.state.etbCounter).toBe(0);
    await clock.advance(100);
    expect(mpop.state.etbCounter).toBe(1);
    expect(sent.at(-1)?.[7]).toBe(0x02);
    expect(sent.at(-1)?.[2]).toBe(0x02); // ETB executed
  });

  test('out of paper: keeps the rest, and a pulse behind it waits; status does not', async () => {
    mpop.removePaper();
    await feed(bytes('line\n\x1b\x07\x14\x14\x07'));
    await clock.advance(1000);
    expect(mpop.drawerPulses).toHaveLength(0);
    await feed(bytes('\x1b\x06\x01'));
    expect(sent).toHaveLength(1);
    mpop.refill();
    await clock.advance(1000);
    expect(mpop.drawerPulses).toHaveLength(1);
    expect(mpop.state.drawerOpen).toBe(true);
  });

  test('holds the host back at the speed of the line and when the buffer is full', async () => {
    let taken = false;
    const line = cable
      .receive(bytes('x'.repeat(31), '\n'))
      .then(() => cable.receive(bytes('x'.repeat(1120))));
    void line.then(() => {
      taken = true;
    });
    await clock.advance(90);
    expect(taken).toBe(false);
    await clock.advance(20);
    expect(taken).toBe(true);

    mpop.openCover();
    let more = false;
    for (let filled = 0; filled < 5; filled += 1) {
      void cable.receive(bytes('\n'.repeat(1000))).then(() => {
        more = filled === 4;
      });
      await clock.advance(200);
    }
    expect(more).toBe(false);
    expect(mpop.state.bufferedBytes).toBeLessThanOrEqual(4_096);
    mpop.closeCover();
    await clock.advance(600_000);
    expect(more).toBe(true);
  });

  test('a line wider than the paper and a glyph that does not exist are errors', async () => {
    await feed(bytes('x'.repeat(32), '\n'));
    expect(mpop.errors).toHaveLength(0);
    await feed(bytes('x'.repeat(33), '\n'));
    await clock.advance(100);
    expect(mpop.errors).toHaveLength(1);
    await feed(bytes('\x1b\x1dt\x22\xe0\n')); // a page that it has no table of
    await clock.advance(100);
    expect(mpop.errors).toHaveLength(2);
  });

  test('the page shows the state and the slips, and its buttons work', async () => {
    await feed(bytes('\x1bETotal\x1bF 5\n\x1bd\x01'));
    await clock.advance(1000);
    const app = fastify();
    await app.register(mpopPage({ mpop, label: 'test' }), { prefix: '/mpop' });
    const state = (await app.inject('/mpop/state')).json();
    expect(state).toMatchObject({
      label: 'test',
      drawerOpen: false,
      slips: [{ number: 1, text: ['Total 5'] }],
    });
    const png = PNG.sync.read((await app.inject('/mpop/slips/1.png')).rawPayload);
    expect(png.width).toBe(432);
    expect(png.data.filter((level, at) => at % 4 === 0 && level < 0x80).length).toBeGreaterThan(100);
    expect((await app.inject('/mpop/slips/2.png')).statusCode).toBe(404);
    expect((await app.inject({ method: 'POST', url: '/mpop/do/open-cover' })).statusCode).toBe(204);
    expect(mpop.state.coverOpen).toBe(true);
    expect((await app.inject({ method: 'POST', url: '/mpop/do/toString' })).statusCode).toBe(404);
    expect((await app.inject('/mpop/')).body).toContain('Virtual mPOP');
    await app.close();
  });

  test('switched off and on it has forgotten what it was to print', async () => {
    await feed(bytes('one\ntwo\n\x17'));
    mpop.powerCycle();
    await clock.advance(5000);
    expect(mpop.state).toMatchObject({ etbCounter: 0, bufferedBytes: 0 });
    expect(slipText(mpop.uncut)).toEqual([]);
  });
});
