import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { crc32, pngSize } from '../../shared/slip-design.ts';
import { assertLogoReadable } from './logo-check.ts';

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** 8 by 2 dots, grey, its chunks whole whatever `data` is. */
function logo(data: Buffer, { depth = 8, colour = 0 } = {}): string {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(8, 0);
  header.writeUInt32BE(2, 4);
  header[8] = depth;
  header[9] = colour;
  const png = Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    ...[chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))],
  ]);
  return png.toString('base64');
}
const rows = (bytes: number, filter = 0) =>
  deflateSync(Buffer.concat([Buffer.of(filter), Buffer.alloc(bytes - 1)]));

test('pictures of every colour type that a library writes are taken', () => {
  expect(() => assertLogoReadable(null)).not.toThrow();
  expect(() => assertLogoReadable(logo(rows(18)))).not.toThrow();
  for (const colorType of [0, 2, 4, 6] as const) {
    const png = PNG.sync.write(new PNG({ width: 30, height: 20 }), { colorType });
    expect(() => assertLogoReadable(png.toString('base64'))).not.toThrow();
  }
});

test.each([
  ['not packed at all', logo(Buffer.from('no data'))],
  ['a row too few', logo(rows(9))],
  ['a byte too many', logo(rows(19))],
  ['a filter that there is not', logo(rows(18, 5))],
  ['a colour type that there is not', logo(rows(18), { colour: 1 })],
  ['no depth', logo(rows(2), { depth: 0 })],
  ['far more than it says', logo(deflateSync(Buffer.alloc(8_000_000)))],
])('%s is no logo', (_name, broken) => {
  expect(pngSize(broken)).toEqual({ width: 8, height: 2 });
  expect(() => assertLogoReadable(broken)).toThrow(expect.objectContaining({ code: 'slip_logo_unreadable' }));
});
