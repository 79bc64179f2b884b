import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  base32Half,
  formatPairingCode,
  keyFingerprint,
  pairingSecretSchema,
  parsePairingCode,
} from './pairing.ts';

describe('a pairing code', () => {
  it('survives being written down, for any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 7, maxLength: 7 }),
        fc.uint8Array({ minLength: 7, maxLength: 32 }),
        (a, b) => {
          const code = { secret: base32Half(a), fingerprint: base32Half(b) };
          expect(pairingSecretSchema.safeParse(code.secret).success).toBe(true);
          expect(parsePairingCode(formatPairingCode(code))).toEqual(code);
        },
      ),
    );
  });

  it('reads look-alikes, lower case and spaces as meant', () => {
    expect(parsePairingCode(' o123i 45678 9abcd efghj ')).toEqual({
      secret: '0123145678',
      fingerprint: '9ABCDEFGHJ',
    });
  });

  it.each(['', 'ABCDE', 'UUUUU-UUUUU-UUUUU-UUUUU', '0123456789012345678901'])('refuses %j', (input) => {
    expect(parsePairingCode(input)).toBeNull();
  });

  it('uses all of the first 50 bits, and no more', () => {
    const bytes = new Uint8Array(7);
    const other = (index: number, bit: number) =>
      base32Half(bytes.map((byte, at) => (at === index ? byte ^ bit : byte)));
    expect(other(0, 0x80)).not.toBe(base32Half(bytes));
    expect(other(6, 0x40)).not.toBe(base32Half(bytes));
    expect(other(6, 0x20)).toBe(base32Half(bytes));
  });

  it('fingerprints differ by key', async () => {
    expect(await keyFingerprint('a'.repeat(43))).not.toBe(await keyFingerprint('b'.repeat(43)));
  });
});
