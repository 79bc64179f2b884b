import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../test/fixtures/gateway.ts';
import { createPoster, type Poster } from './post.ts';

/** As many as a poster has connections. */
const IN_FLIGHT = 100;

let server: Server;
let poster: Poster;
/** Asked and not answered, by the number that was posted. */
let asked: Map<number, { readonly request: IncomingMessage; readonly response: ServerResponse }>;

beforeEach(async () => {
  asked = new Map();
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    request.once('end', () => asked.set(JSON.parse(text).n, { request, response }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/messages?proof=p`);
  poster = createPoster({ url, headers: { authorization: 'Bearer t' }, proxied: false });
});
afterEach(async () => {
  server.closeAllConnections();
  poster.close();
  await new Promise((resolve) => server.close(resolve));
});

async function arrived(n: number) {
  await eventually(async () => asked.has(n), `request ${n}`);
  const it = asked.get(n);
  if (it === undefined) throw new Error('unreachable');
  return it;
}

it('answers with what came, in one piece or many, of whatever status, JSON or not', async () => {
  const whole = poster.post({ n: 1 });
  const { request, response } = await arrived(1);
  expect([request.method, request.url, request.headers.authorization]).toEqual([
    'POST',
    '/v1/messages?proof=p',
    'Bearer t',
  ]);
  response.end('{"id":"wamid.1"}');
  expect(await whole.answer).toEqual({ status: 200, data: { id: 'wamid.1' } });

  const pieces = poster.post({ n: 2 });
  const second = await arrived(2);
  second.response.writeHead(400).write(Buffer.from('{"error":"\u20ac"}').subarray(0, 11));
  await new Promise((resolve) => setTimeout(resolve, 20));
  // In the middle of a sign of three bytes.
  second.response.end(Buffer.from('{"error":"\u20ac"}').subarray(11));
  expect(await pieces.answer).toEqual({ status: 400, data: { error: '\u20ac' } });

  const page = poster.post({ n: 3 });
  (await arrived(3)).response.writeHead(502).end('<html>');
  expect(await page.answer).toEqual({ status: 502, data: '<html>' });
});

it('hangs up on what is given up', async () => {
  const posting = poster.post({ n: 1 });
  const { request } = await arrived(1);
  const hungUp = new Promise((resolve) => request.socket.once('close', resolve));
  posting.abort();
  await expect(posting.answer).rejects.toMatchObject({ code: 'UND_ERR_ABORTED' });
  await hungUp;
});

it('gives up at once what waits for a connection, and never sends it', async () => {
  const first = Array.from({ length: IN_FLIGHT }, (_, index) => poster.post({ n: index }));
  await eventually(async () => asked.size === IN_FLIGHT, 'all connections to be taken');
  const waiting = poster.post({ n: IN_FLIGHT });
  waiting.abort();
  await expect(waiting.answer).rejects.toMatchObject({ code: 'UND_ERR_ABORTED' });
  for (const { response } of asked.values()) response.end('{}');
  await Promise.all(first.map(({ answer }) => answer));
  const last = poster.post({ n: IN_FLIGHT + 1 });
  (await arrived(IN_FLIGHT + 1)).response.end('{}');
  await last.answer;
  expect(asked.has(IN_FLIGHT)).toBe(false);
});

it('refuses an answer that is longer than any of Meta’s, and says when the line broke', async () => {
  const long = poster.post({ n: 1 });
  (await arrived(1)).response.end('x'.repeat(70_000));
  await expect(long.answer).rejects.toMatchObject({ code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' });
  const broken = poster.post({ n: 2 });
  (await arrived(2)).request.socket.destroy();
  await expect(broken.answer).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
});
