import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyChallenge, verifySignature } from './signature.ts';

const secret = 'app-secret';
const sign = (body: Uint8Array, by = secret): string =>
  `sha256=${createHmac('sha256', by).update(body).digest('hex')}`;

test('a known answer', () => {
  // Computed with: printf '{"a":1}' | openssl dgst -sha256 -hmac app-secret
  const header = 'sha256=a2ac6607a24977f9757e6d78319ae1660ad42ffeee0ee3f0dff30a92bcf85448';
  expect(verifySignature(Buffer.from('{"a":1}'), header, secret)).toBe(true);
});

test('it holds for the exact bytes and for no others, whatever they are', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, flip) => {
        const header = sign(bytes);
        expect(verifySignature(bytes, header, secret)).toBe(true);
        const changed = Uint8Array.from(bytes);
        changed[at % bytes.length]! ^= flip;
        expect(verifySignature(changed, header, secret)).toBe(false);
      },
    ),
  );
});

test('the same JSON in other bytes is another body', () => {
  const escaped = Buffer.from('{"name":"Ay\\u015fe"}');
  const plain = Buffer.from('{"name":"Ayşe"}');
  expect(JSON.parse(escaped.toString())).toEqual(JSON.parse(plain.toString()));
  expect(verifySignature(plain, sign(escaped), secret)).toBe(false);
});

test.each([
  ['none', undefined],
  ['empty', ''],
  ['without prefix', sign(Buffer.from('x')).slice('sha256='.length)],
  ['SHA-1', `sha1=${'0'.repeat(40)}`],
  ['cut short', sign(Buffer.from('x')).slice(0, -2)],
  ['too long', `${sign(Buffer.from('x'))}00`],
  ['no hex', `sha256=${'z'.repeat(64)}`],
  ['given twice', [sign(Buffer.from('x')), sign(Buffer.from('x'))]],
  ['by another secret', sign(Buffer.from('x'), 'other')],
])('a header that is %s is refused', (_, header) => {
  expect(verifySignature(Buffer.from('x'), header, secret)).toBe(false);
});

test('an empty secret is a fault of ours, not a signature that fits', () => {
  expect(() => verifySignature(Buffer.from('x'), sign(Buffer.from('x'), ''), '')).toThrow(TypeError);
  expect(() => verifyChallenge({}, '')).toThrow(TypeError);
});

const asked = { 'hub.mode': 'subscribe', 'hub.verify_token': 'token', 'hub.challenge': '1158201444' };

test('the challenge is echoed for the right token only', () => {
  expect(verifyChallenge(asked, 'token')).toBe('1158201444');
  expect(verifyChallenge(asked, 'other')).toBeUndefined();
  expect(verifyChallenge({ ...asked, 'hub.mode': 'unsubscribe' }, 'token')).toBeUndefined();
  expect(verifyChallenge({ ...asked, 'hub.verify_token': ['token', 'token'] }, 'token')).toBeUndefined();
  expect(verifyChallenge({ ...asked, 'hub.challenge': '<script>' }, 'token')).toBeUndefined();
  expect(verifyChallenge({}, 'token')).toBeUndefined();
});
