import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { systemRandom } from '../../shared/effects.ts';
import { TEST_KEYS } from '../../test/fixtures/redemption-world.ts';
import { type CodeBinding, createNonce, deriveCode, hashCode, matchCode, tagPhone } from './codes.ts';

const binding: CodeBinding = {
  redemptionId: '0190a6e0-0000-7000-8000-00000000000a',
  tillId: '0190a6e0-0000-7000-8000-00000000000b',
  asset: 'deposit',
  amount: 50_000,
  serial: 1,
};
const seed = { redemptionId: binding.redemptionId, serial: 1, nonce: new Uint8Array(16).fill(7), digits: 6 };

it('derives the same code from the same seed, and another from any other', () => {
  const code = deriveCode(TEST_KEYS, seed);
  expect(code).toMatch(/^\d{6}$/);
  expect(deriveCode(TEST_KEYS, { ...seed })).toBe(code);
  const others = [
    deriveCode(TEST_KEYS, { ...seed, serial: 2 }),
    deriveCode(TEST_KEYS, { ...seed, nonce: new Uint8Array(16).fill(8) }),
    deriveCode(TEST_KEYS, { ...seed, redemptionId: binding.tillId }),
    deriveCode({ ...TEST_KEYS, codeKey: new Uint8Array(32) }, seed),
  ];
  expect(others).not.toContain(code);
});

it('derives codes as documented', () => {
  const bytes = createHmac('sha256', TEST_KEYS.codeKey)
    .update(`code\n${seed.redemptionId}\n1\n0\n`)
    .update(seed.nonce)
    .digest();
  const first = bytes.readUInt32BE(0);
  expect(first).toBeLessThan(4_294_000_000);
  expect(deriveCode(TEST_KEYS, seed)).toBe(String(first % 1_000_000).padStart(6, '0'));
});

it('passes over candidates that would favour some codes', () => {
  // 2^32 is no multiple of 10^8: from 4 200 000 000 on a candidate is refused, and the next four bytes are taken.
  for (let serial = 1; ; serial += 1) {
    const bytes = createHmac('sha256', TEST_KEYS.codeKey)
      .update(`code\n${seed.redemptionId}\n${serial}\n0\n`)
      .update(seed.nonce)
      .digest();
    if (bytes.readUInt32BE(0) < 4_200_000_000 || bytes.readUInt32BE(4) >= 4_200_000_000) continue;
    const expected = String(bytes.readUInt32BE(4) % 100_000_000).padStart(8, '0');
    expect(deriveCode(TEST_KEYS, { ...seed, serial, digits: 8 })).toBe(expected);
    return;
  }
});

it.each([4, 6, 8])('spreads %i digits evenly, leading zeros included', (digits) => {
  const draws = 20_000;
  const firsts = new Array<number>(10).fill(0);
  const lasts = new Array<number>(10).fill(0);
  for (let index = 0; index < draws; index += 1) {
    const code = deriveCode(TEST_KEYS, { ...seed, digits, serial: index, nonce: createNonce(systemRandom) });
    if (code.length !== digits) throw new Error(`${code.length} digits`);
    const [first, last] = [Number(code[0]), Number(code.at(-1))];
    firsts[first] = (firsts[first] ?? 0) + 1;
    lasts[last] = (lasts[last] ?? 0) + 1;
  }
  // Chi-square over 10 bins, 9 degrees of freedom: above 45 once in a million even codes.
  for (const bins of [firsts, lasts]) {
    const chi = bins.reduce((total, count) => total + (count - draws / 10) ** 2 / (draws / 10), 0);
    expect(chi).toBeLessThan(45);
  }
});

it('binds the hash to redemption, till, asset, amount and serial', () => {
  const hash = hashCode(TEST_KEYS, binding, '123456').toString('hex');
  const changed: Partial<CodeBinding>[] = [
    { redemptionId: binding.tillId },
    { tillId: binding.redemptionId },
    { asset: 'points' },
    { amount: 50_001 },
    { serial: 2 },
  ];
  for (const change of changed) {
    expect(hashCode(TEST_KEYS, { ...binding, ...change }, '123456').toString('hex')).not.toBe(hash);
  }
  const otherKey = { ...TEST_KEYS, verifyKey: new Uint8Array(32) };
  expect(hashCode(otherKey, binding, '123456').toString('hex')).not.toBe(hash);
});

it('finds the newest serial whose code it is', () => {
  const hex = (serial: number, code: string) =>
    hashCode(TEST_KEYS, { ...binding, serial }, code).toString('hex');
  const hashes = { 1: hex(1, '111111'), 2: hex(2, '222222'), 3: hex(3, '111111') };
  expect(matchCode(TEST_KEYS, binding, hashes, '222222')).toBe(2);
  expect(matchCode(TEST_KEYS, binding, hashes, '111111')).toBe(3);
  expect(matchCode(TEST_KEYS, binding, hashes, '333333')).toBeNull();
  expect(matchCode(TEST_KEYS, { ...binding, amount: 1 }, hashes, '222222')).toBeNull();
  expect(matchCode(TEST_KEYS, binding, {}, '222222')).toBeNull();
});

it('tags a phone number the same each time in a store, and not without the key', () => {
  const tag = (keys: typeof TEST_KEYS, store: string) =>
    tagPhone(keys, store, '+6281234567890').toString('hex');
  expect(tag(TEST_KEYS, binding.tillId)).toMatch(/^[0-9a-f]{32}$/);
  expect(tag(TEST_KEYS, binding.tillId)).toBe(tag(TEST_KEYS, binding.tillId));
  expect(tag(TEST_KEYS, binding.redemptionId)).not.toBe(tag(TEST_KEYS, binding.tillId));
  const otherKey = { ...TEST_KEYS, verifyKey: new Uint8Array(32) };
  expect(tag(otherKey, binding.tillId)).not.toBe(tag(TEST_KEYS, binding.tillId));
});
