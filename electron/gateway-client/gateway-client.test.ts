import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemEffects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { formatPairingCode, keyFingerprint } from '../../shared/pairing.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { type CallContext, call } from './call.ts';
import { CONNECTION_TRANSITIONS } from './connection.ts';
import { followEvents } from './event-stream.ts';
import { GatewayClock } from './gateway-clock.ts';
import { createHttp } from './http.ts';
import { gatewayBaseUrl, pair } from './pairing.ts';

/** Over a real socket: what axios makes of broken lines is the point here. */
let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

async function serve(
  handle: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<CallContext> {
  let count = 0;
  server = createServer((request, response) => {
    count += 1;
    handle(request, response, count);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return {
    http: createHttp(),
    effects: systemEffects,
    gatewayClock: new GatewayClock(systemEffects.clock),
    baseUrl: `http://127.0.0.1:${port}`,
    bearer: 'the-till-key',
  };
}

const answer = z.object({ fine: z.boolean() });
const get = { method: 'GET', path: '/x', answer, timeoutMs: 2_000, retries: 0 } as const;
const post = { ...get, method: 'POST', body: { a: 1 } } as const;
const fine = (response: ServerResponse) => response.end('{"fine":true}');

describe('a call', () => {
  it('sends token, key and body, and gives the checked answer', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const context = await serve((request, response) => {
      seen.push(request.headers);
      fine(response);
    });
    expect(await call(context, { ...post, idempotencyKey: 'key-00001' })).toEqual({ fine: true });
    expect(seen[0]).toMatchObject({
      authorization: 'Bearer the-till-key',
      'idempotency-key': 'key-00001',
      'content-type': 'application/json',
    });
  });

  it.each([
    ['another shape', (response: ServerResponse) => response.end('{"fine":"yes"}')],
    ['a refusal in no known shape', (response: ServerResponse) => response.writeHead(400).end('{"oops":1}')],
    ['too much', (response: ServerResponse) => response.end(`"${'x'.repeat(5 * 1024 * 1024)}"`)],
  ])('answered with %s is a bad answer', async (_, respond) => {
    const context = await serve((__, response) => void respond(response));
    await expect(call(context, get)).rejects.toMatchObject({ code: 'gateway_bad_answer' });
  });

  it.each([
    ['a page in place of JSON', (response: ServerResponse) => response.end('<html>')],
    ['a redirect', (response: ServerResponse) => response.writeHead(302, { location: 'http://x/' }).end()],
    ['a sign-in wanted', (response: ServerResponse) => response.writeHead(511).end('{}')],
  ])('answered with %s met something else than the gateway', async (_, respond) => {
    const context = await serve((__, response) => void respond(response));
    await expect(call(context, get)).rejects.toMatchObject({ code: 'captive_portal' });
  });

  it('passes on what the gateway refuses with', async () => {
    const refusal = new SaksiError('code_wrong', { params: { triesLeft: 3 } });
    const context = await serve((_, response) =>
      response.writeHead(403).end(JSON.stringify({ error: refusal.toWire() })),
    );
    await expect(call(context, get)).rejects.toMatchObject({ code: 'code_wrong', params: { triesLeft: 3 } });
  });

  it('to a proxy whose gateway is away is unreachable', async () => {
    const context = await serve((_, response) => response.writeHead(502).end('Bad Gateway'));
    await expect(call(context, get)).rejects.toMatchObject({ code: 'gateway_unreachable' });
  });

  it('times out, and says nothing of the token', async () => {
    const context = await serve(() => {});
    const failed = call(context, { ...get, timeoutMs: 50 }).catch((error: unknown) => error);
    expect(await failed).toMatchObject({ code: 'gateway_timeout' });
    expect(JSON.stringify(await failed, Object.getOwnPropertyNames(await failed))).not.toContain(
      'the-till-key',
    );
  });

  it('is tried again after a broken line when that is safe, with the same key', async () => {
    const keys: unknown[] = [];
    const context = await serve((request, response, count) => {
      keys.push(request.headers['idempotency-key']);
      if (count < 3) request.socket.destroy();
      else fine(response);
    });
    await call(context, { ...post, retries: 2, idempotencyKey: 'key-00001' });
    expect(keys).toEqual(['key-00001', 'key-00001', 'key-00001']);
  });

  it('without a key is not tried again', async () => {
    let tries = 0;
    const context = await serve((request) => {
      tries += 1;
      request.socket.destroy();
    });
    await expect(call(context, { ...post, retries: 2 })).rejects.toMatchObject({
      code: 'gateway_unreachable',
    });
    expect(tries).toBe(1);
  });

  it('is not tried again when the gateway refused', async () => {
    let tries = 0;
    const context = await serve((_, response) => {
      tries += 1;
      response.writeHead(500).end(JSON.stringify({ error: new SaksiError('internal').toWire() }));
    });
    await expect(call(context, { ...get, retries: 2 })).rejects.toMatchObject({ code: 'internal' });
    expect(tries).toBe(1);
  });

  it('ends when the till stops', async () => {
    const stop = new AbortController();
    const context = await serve(() => stop.abort());
    await expect(call({ ...context, signal: stop.signal }, { ...get, retries: 2 })).rejects.toMatchObject({
      code: 'gateway_unreachable',
    });
  });
});

describe("the gateway's clock", () => {
  it('keeps the sharpest reading, runs on the monotonic clock and does not follow the wall', async () => {
    const clock = new FakeClock();
    const gateway = new GatewayClock(clock);
    expect([gateway.now(), gateway.skewMs()]).toEqual([null, null]);
    const t0 = clock.now();
    gateway.note(t0 + 5_000, 0, 0);
    gateway.note(t0 + 5_400, 0, 1_000); // within its own blur the first reading stands
    expect(gateway.skewMs()).toBe(5_000);
    clock.setWall(t0 - 3_600_000);
    expect(gateway.now()).toBe(t0 + 5_000);
    expect(gateway.skewMs()).toBe(3_605_000);
    await clock.advance(1_000);
    expect(gateway.now()).toBe(t0 + 6_000);
  });

  it('takes a duller reading that cannot be true together with the old one', async () => {
    const clock = new FakeClock();
    const gateway = new GatewayClock(clock);
    const t0 = clock.now();
    gateway.note(t0, 0, 0);
    // The machine slept for a minute, and its monotonic clock with it.
    gateway.note(t0 + 60_000, 0, 20);
    expect(gateway.now()).toBe(t0 + 59_990);
  });
});

describe('the event stream', () => {
  const handlers = (events: unknown[]) => ({
    opened: () => events.push('opened'),
    event: (event: { type: string }, id: string | null) => events.push([event.type, id]),
    ping: (ping: { type: string }) => events.push(ping.type),
    unreadable: (id: string | null) => events.push(['unreadable', id]),
  });
  const never = () => new AbortController().signal;
  const EVENTS = { 'content-type': 'text/event-stream' };

  it('goes on after the last id and takes events in whatever pieces they come', async () => {
    const text = `id: 8\nevent: till.changed\ndata: {"type":"till.changed"}\n\nevent: ping\ndata: ${JSON.stringify(
      {
        type: 'ping',
        time: 1,
        messageQueue: { waiting: 0 },
      },
    )}\n\nfoo: bar\nid: 9\nevent: x\ndata: {"type":"x"}\n\n`;
    let lastId: unknown;
    const context = await serve((request, response) => {
      lastId = request.headers['last-event-id'];
      response.writeHead(200, EVENTS);
      const feed = async () => {
        for (const letter of text) {
          response.write(letter);
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      };
      feed().catch(() => response.destroy());
    });
    const events: unknown[] = [];
    await expect(followEvents(context, '7', handlers(events), never())).rejects.toMatchObject({
      code: 'gateway_unreachable',
    });
    expect(lastId).toBe('7');
    expect(events).toEqual(['opened', ['till.changed', '8'], 'ping', ['unreadable', '9']]);
  });

  it('passes on a refusal, and calls nothing', async () => {
    const error = new SaksiError('till_revoked').toWire();
    const context = await serve((_, response) => response.writeHead(403).end(JSON.stringify({ error })));
    const events: unknown[] = [];
    await expect(followEvents(context, null, handlers(events), never())).rejects.toMatchObject({
      code: 'till_revoked',
    });
    expect(events).toEqual([]);
  });

  it('breaks off one event that never ends', async () => {
    const context = await serve((_, response) => {
      response.writeHead(200, EVENTS).write('data: ');
      const more = () => response.write('x'.repeat(64 * 1024), (error) => (error ? undefined : more()));
      more();
    });
    await expect(followEvents(context, null, handlers([]), never())).rejects.toMatchObject({
      code: 'gateway_bad_answer',
    });
  });

  it('ends when it is told to, and when nobody listens', async () => {
    const stop = new AbortController();
    const context = await serve((_, response) => response.writeHead(200, EVENTS).write(':\n\n'));
    const events: unknown[] = [];
    const following = followEvents(
      context,
      null,
      { ...handlers(events), opened: () => stop.abort() },
      stop.signal,
    );
    await expect(following).rejects.toMatchObject({ code: 'gateway_unreachable' });
    const closed = { ...context, baseUrl: 'http://127.0.0.1:1' };
    await expect(followEvents(closed, null, handlers(events), never())).rejects.toMatchObject({
      code: 'gateway_unreachable',
    });
  });

  it('has no way back from refused but by opening', () => {
    const { opened, strained, lost, denied, mended } = CONNECTION_TRANSITIONS.refused;
    expect([opened, strained, lost, denied, mended]).toEqual([
      'online',
      'degraded',
      'refused',
      undefined,
      'offline',
    ]);
  });
});

describe('pairing', () => {
  const uuid = '019b0000-0000-7000-8000-000000000001';
  const key = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), kid: 'k1' } as const;
  const given = {
    gatewayId: uuid,
    gatewayKey: key,
    tillId: uuid,
    tillName: 'Kasir 1',
    tillKey: 'secret',
    store: {
      ...{ id: uuid, name: 'Toko', address: '', footer: '', country: 'ID', currency: 'IDR' },
      ...{ language: 'id', timezone: 'Asia/Jakarta' },
    },
  };

  it('sends the secret half only, and believes the key whose fingerprint was in the code', async () => {
    let body = '';
    const context = await serve((request, response) => {
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => response.end(JSON.stringify(given)));
    });
    const fingerprint = await keyFingerprint(key.x);
    const code = formatPairingCode({ secret: 'ABCDEFGH00', fingerprint });
    expect(await pair(context, code.toLowerCase(), '1.0')).toEqual(given);
    expect(body).toBe('{"secret":"ABCDEFGH00","appVersion":"1.0"}');
    const forged = formatPairingCode({ secret: 'ABCDEFGH00', fingerprint: '0000000000' });
    await expect(pair(context, forged, '1.0')).rejects.toMatchObject({ code: 'pairing_key_mismatch' });
    await expect(pair(context, 'ABCDE', '1.0')).rejects.toMatchObject({ code: 'pairing_code_invalid' });
  });

  it.each([
    ['https://gateway.example/', 'https://gateway.example'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['https://shop.example/saksi/', 'https://shop.example/saksi'],
  ])('takes %s', (input, base) => expect(gatewayBaseUrl(input)).toBe(base));

  it.each([
    'http://gateway.example',
    'ftp://x',
    'https://a:b@x',
    'https://x/?q=1',
    'nonsense',
    'file:///etc/passwd',
  ])('refuses %s', (input) =>
    expect(() => gatewayBaseUrl(input)).toThrow(expect.objectContaining({ code: 'bad_request' })),
  );
});
