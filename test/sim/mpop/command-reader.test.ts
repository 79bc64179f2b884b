import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EscPosCommandParser } from '../escpos/parser.ts';
import { StarLineParser } from '../starline/parser.ts';
import { StarPrntParser } from './parser.ts';

test.each([
  ['StarPRNT', () => new StarPrntParser()],
  ['Star Line', () => new StarLineParser()],
  ['ESC/POS', () => new EscPosCommandParser()],
])('%s, any bytes: no crash, and every byte is accounted for', (_, create) => {
  // Half of the bytes are such as begin a command.
  const byte = fc.oneof(
    fc.nat(255),
    fc.constantFrom(0x1b, 0x1d, 0x10, 0x1e, 0x58, 0x62, 0x53, 0x79, 0x28, 0x6b),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 120 }), (input) => {
      const parser = create();
      const taken = parser.push(Uint8Array.from(input)).reduce((sum, { size }) => sum + size, 0);
      const refused = parser.errors.reduce((sum, error) => sum + error.bytes.length / 2, 0);
      expect(taken + refused + parser.pendingBytes).toBe(input.length);
    }),
    { numRuns: 4_000 },
  );
});
