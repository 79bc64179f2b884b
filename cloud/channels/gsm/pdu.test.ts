import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSubmit, statusReport } from '../../../test/sim/gsm/submit.ts';
import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from './alphabet.ts';
import { PARTS_MAX, readStatusReport, submitPdus } from './pdu.ts';

const submit = (text: string, more: object = {}) =>
  submitPdus({ to: '+6281234567890', text, reference: 7, validSeconds: 300, report: true, ...more });
const read = (text: string) => submit(text).map(({ hex, length }) => readSubmit(hex, length));

it('writes a short text as the standard has it', () => {
  // "hello" in septets is E8 32 9B FD 06, as in every textbook of SMS.
  const [pdu] = submit('hello', { to: '+46708251358' });
  expect(pdu?.hex).toBe('0031000B916407281553F800000005E8329BFD06');
  expect(pdu?.length).toBe(19);
});

it('takes 160 characters in one message and 161 in two, joined by one reference', () => {
  expect(read('a'.repeat(160))).toHaveLength(1);
  const two = read(`${'a'.repeat(160)}b`);
  expect(two.map(({ part }) => part)).toEqual([
    { reference: 7, of: 2, number: 1 },
    { reference: 7, of: 2, number: 2 },
  ]);
  expect(two.map(({ text }) => text).join('')).toBe(`${'a'.repeat(160)}b`);
});

it('writes what the alphabet lacks in UCS-2, 70 characters a message', () => {
  expect(read('ğ'.repeat(70)).map(({ alphabet }) => alphabet)).toEqual(['ucs2']);
  expect(read('ğ'.repeat(71)).map(({ text }) => text.length)).toEqual([67, 4]);
});

it('tears neither an escape from its character nor a surrogate pair apart', () => {
  expect(read(`${'a'.repeat(152)}€${'b'.repeat(20)}`).map(({ text }) => text)).toEqual([
    'a'.repeat(152),
    `€${'b'.repeat(20)}`,
  ]);
  expect(read(`${'ş'.repeat(66)}😀${'ş'.repeat(9)}`).map(({ text }) => text)).toEqual([
    'ş'.repeat(66),
    `😀${'ş'.repeat(9)}`,
  ]);
});

const gsm = fc.string({
  unit: fc.constantFrom(...'@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !#¤%09:?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€'),
  minLength: 1,
  maxLength: 450,
});

it('gives a network every text as it was', () => {
  fc.assert(
    fc.property(fc.oneof(gsm, fc.string({ unit: 'binary', minLength: 1, maxLength: 200 })), (text) => {
      const parts = read(text.toWellFormed());
      expect(parts.map((part) => part.text).join('')).toBe(text.toWellFormed());
      expect(parts.length).toBeLessThanOrEqual(PARTS_MAX);
    }),
  );
});

it('unpacks what it packed, after any number of bits', () => {
  fc.assert(
    fc.property(gsm, fc.nat({ max: 6 }), (text, fillBits) => {
      const septets = (toSeptets(text) ?? []).flat();
      expect(fromSeptets(unpackSeptets(packSeptets(septets, fillBits), septets.length, fillBits))).toBe(text);
    }),
  );
});

it.each([
  [60, 0],
  [300, 0],
  [301, 1],
  [43_200, 143],
  [43_201, 144],
  [86_400, 167],
  [172_800, 168],
  [10_000_000, 196],
])('says that %i s are validity %i', (validSeconds, value) => {
  expect(submit('x', { validSeconds }).map(({ hex, length }) => readSubmit(hex, length).validity)).toEqual([
    value,
  ]);
});

it.each(['0812345678', '+62', '+62abc4567', `+${'1'.repeat(16)}`])('refuses %s, which is no number', (to) => {
  expect(() => submit('x', { to })).toThrow(RangeError);
});

it('refuses a text that is none, and one that is a novel', () => {
  expect(() => submit('')).toThrow(RangeError);
  expect(() => submit('ş'.repeat(67 * PARTS_MAX + 1))).toThrow(RangeError);
});

it('reads a status report', () => {
  const { hex } = statusReport({ reference: 41, to: '+6281234567890', status: 0x46 });
  expect(readStatusReport(hex)).toEqual({ reference: 41, recipient: '+6281234567890', status: 0x46 });
  const odd = statusReport({ reference: 1, to: '+905321234567', status: 0 });
  expect(readStatusReport(odd.hex)?.recipient).toBe('+905321234567');
});

it('takes no other thing for a status report, whatever it is', () => {
  const { hex } = statusReport({ reference: 41, to: '+6281234567890', status: 0 });
  for (const other of ['', 'OK', hex.slice(0, -2), hex.slice(0, -1), hex.replace(/^0006/, '0004')]) {
    expect(readStatusReport(other)).toBeNull();
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(() => readStatusReport(Buffer.from(bytes).toString('hex'))).not.toThrow();
    }),
  );
});
