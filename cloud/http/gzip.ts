import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { SaksiError } from '../../shared/errors.ts';

/**
 * A `preParsing` hook for routes that take bodies under gzip (RFC 9110 section 8.4.1), of `bytesMax` at most before and after: a
 * small body cannot become a large one. Throws `bad_request` for what is no gzip and for any other encoding, `body_too_large`.
 */
export function gunzipBody(bytesMax: number) {
  return async (request: FastifyRequest, _reply: unknown, payload: Readable): Promise<Readable> => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') return payload;
    if (encoding !== 'gzip')
      throw new SaksiError('bad_request', { params: { at: 'headers/content-encoding' } });
    const packed = await readAll(payload, bytesMax);
    const body = unpack(packed, bytesMax);
    // Fastify compares this with the length that was announced.
    return Object.assign(Readable.from([body]), { receivedEncodedLength: packed.length });
  };
}

async function readAll(payload: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new SaksiError('body_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unpack(packed: Buffer, bytesMax: number): Buffer {
  try {
    return gunzipSync(packed, { maxOutputLength: bytesMax });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    throw new SaksiError(isTooLarge ? 'body_too_large' : 'bad_request', {
      ...(isTooLarge ? {} : { params: { at: 'body' } }),
      cause: error,
    });
  }
}
