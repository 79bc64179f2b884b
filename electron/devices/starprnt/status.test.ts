import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeStatus, packFiveBits, StatusParser, unpackFiveBits } from './status.ts';

/** A status as on the wire, 9 bytes, version 3. */
function frame(status1: number, status2: number, status4: number, status6: number): number[] {
  return [0x23, 0x06, status1, status2, 0x00, status4, 0x00, status6, 0x00];
}
const READY = frame(0, 0, 0, 0);

describe('header 1', () => {
  test.each([
    [0x0f, 7],
    [0x21, 8],
    [0x23, 9],
    [0x25, 10],
    [0x27, 11],
    [0x29, 12],
    [0x2b, 13],
    [0x2d, 14],
    [0x2f, 15],
  ])('%s says %s bytes', (header, length) => {
    expect(unpackFiveBits(header)).toBe(length);
    const bytes = [header, 0x06, ...new Array<number>(length - 2).fill(0)];
    const parser = new StatusParser();
    expect(parser.push(Uint8Array.from(bytes.slice(0, -1)))).toEqual([]);
    expect(parser.push(Uint8Array.from(bytes.slice(-1)))).toEqual([Uint8Array.from(bytes)]);
  });

  test('a length that no printer sends is no header', () => {
    for (const header of [0x01, 0x0d, 0x41, 0x6f]) {
      const parser = new StatusParser();
      expect(parser.push(Uint8Array.from([header, ...new Array<number>(40).fill(0)]))).toEqual([]);
      expect(parser.discarded).toBe(41);
    }
  });

  test('the five bits are packed as Star packs them, both ways', () => {
    expect([1, 2, 4, 8, 16].map(packFiveBits)).toEqual([0x02, 0x04, 0x08, 0x20, 0x40]);
    for (let value = 0; value < 32; value += 1) expect(unpackFiveBits(packFiveBits(value))).toBe(value);
  });
});

describe('what a status says', () => {
  const decode = (bytes: number[]) => decodeStatus(Uint8Array.from(bytes), 'high_is_open');

  test('a printer with nothing to report', () => {
    expect(decode(READY)).toEqual({
      online: true,
      coverOpen: false,
      paper: 'ok',
      drawerSwitch: 'closed',
      overheated: false,
      unrecoverableError: false,
      cutterError: false,
      mechanicalError: false,
      bufferOverflow: false,
      etbCounter: 0,
    });
  });

  test.each([
    [frame(0x08, 0, 0, 0), { online: false }],
    [frame(0x20, 0, 0, 0), { coverOpen: true }],
    [frame(0x04, 0, 0, 0), { drawerSwitch: 'open' }],
    [frame(0, 0x40, 0, 0), { overheated: true }],
    [frame(0, 0x20, 0, 0), { unrecoverableError: true }],
    [frame(0, 0x08, 0, 0), { cutterError: true }],
    [frame(0, 0x04, 0, 0), { mechanicalError: true }],
    [frame(0, 0, 0x04, 0), { paper: 'near_end' }],
    [frame(0, 0, 0x0c, 0), { paper: 'out' }],
    [frame(0, 0, 0, 0x6e), { etbCounter: 31 }],
    [frame(0, 0, 0, 0x40), { etbCounter: 16 }],
  ])('%j', (bytes, expected) => {
    expect(decode(bytes)).toEqual({ ...decode(READY), ...expected });
  });

  test('the other polarity of the drawer', () => {
    expect(decodeStatus(Uint8Array.from(READY), 'low_is_open').drawerSwitch).toBe('open');
    expect(decodeStatus(Uint8Array.from(frame(0x04, 0, 0, 0)), 'low_is_open').drawerSwitch).toBe('closed');
  });
});

describe('in a stream', () => {
  test('a status with a length and data after it, as on Ethernet', () => {
    const parser = new StatusParser();
    const extended = [0x23, 0x86, 0, 0, 0, 0, 0, 0x02, 0, 0x00, 0x03, 0x23, 0x06, 0x00];
    const frames = parser.push(Uint8Array.from([...extended, ...frame(0x20, 0, 0, 0)]));
    expect(frames.map((one) => decodeStatus(one, 'high_is_open').coverOpen)).toEqual([false, true]);
    expect(parser.discarded).toBe(0);
  });

  test('a status is found behind the beginning of another that never ended', () => {
    const parser = new StatusParser();
    const cutOff = [0x2f, 0x06, 0x00, 0x00];
    expect(parser.push(Uint8Array.from([...cutOff, ...READY, ...READY]))).toHaveLength(2);
    expect(parser.discarded).toBe(cutOff.length);
  });

  test('after a lost connection the half-read status is forgotten', () => {
    const parser = new StatusParser();
    parser.push(Uint8Array.from([0x23, 0x06, 0x00, 0x00]));
    parser.reset();
    expect(parser.push(Uint8Array.from(READY))).toHaveLength(1);
    expect(parser.discarded).toBe(0);
  });

  test('however it is cut up, whatever stands between, the frames are the same', () => {
    const noise = fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.map((byte) => byte | 0x80)); // never a frame
    const counter = fc.integer({ min: 0, max: 31 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(noise, counter), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (parts, size) => {
          const stream = parts.flatMap(([rubbish, value]) => [
            ...rubbish,
            ...frame(0, 0, 0, packFiveBits(value)),
          ]);
          const parser = new StatusParser();
          const counters: number[] = [];
          for (let at = 0; at < stream.length; at += size) {
            for (const found of parser.push(Uint8Array.from(stream.slice(at, at + size)))) {
              counters.push(decodeStatus(found, 'high_is_open').etbCounter);
            }
          }
          expect(counters).toEqual(parts.map(([, value]) => value));
          expect(parser.discarded).toBe(parts.reduce((sum, [rubbish]) => sum + rubbish.length, 0));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('100,000 sequences of any bytes: no crash, only well-formed frames, bounded memory', () => {
    const parser = new StatusParser();
    let frames = 0;
    // Any byte at all, but mostly the kinds that a status is made of, so that frames do come about.
    const byte = fc.oneof(
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 255 }).map((any) => any & 0b0110_1110) },
      { weight: 2, arbitrary: fc.constantFrom(0x0f, 0x21, 0x23, 0x2f, 0x86) },
    );
    const sequence = fc.array(byte, { minLength: 1, maxLength: 40 }).map((all) => Uint8Array.from(all));
    fc.assert(
      fc.property(sequence, (bytes) => {
        const discardedBefore = parser.discarded;
        const found = parser.push(bytes);
        frames += found.length;
        // At most one whole frame is held back between two calls, so nothing piles up.
        const accounted =
          parser.discarded - discardedBefore + found.reduce((sum, one) => sum + one.length, 0);
        expect(accounted).toBeLessThanOrEqual(bytes.length + 17);
        for (const one of found) expect(isWellFormed(one)).toBe(true);
      }),
      { numRuns: 100_000 },
    );
    expect(frames).toBeGreaterThan(1_000);
  }, 120_000);
});

/** Written from Star's table of fixed bits, and not with the parser's own masks. */
function isWellFormed(bytes: Uint8Array): boolean {
  const bits = (byte: number) => byte.toString(2).padStart(8, '0');
  const [header = '', ...rest] = [...bytes].map(bits);
  const length = Number.parseInt(header.slice(1, 3) + header.slice(4, 7), 2);
  return (
    /^0..0...1$/.test(header) &&
    length === bytes.length &&
    /^.{3}0.{3}0$/.test(rest[0] ?? '') &&
    rest.slice(1).every((byte) => /^0..0...0$/.test(byte))
  );
}
