import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { TillView } from '../../shared/bridge.ts';
import type { Clock } from '../../shared/effects.ts';
import { baseView } from '../dev/fixtures.ts';
import { createHttpBridge, SILENCE_MS } from './http-bridge.ts';

const VIEW = baseView('id', 'light');
const TOKEN = 'token-of-this-start';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Timer {
  readonly delayMs: number;
  readonly fn: () => void;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A real host on loopback that answers as the test says, and a clock whose timers the test runs. */
async function host(handler: Handler) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => handler(request, response, body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const timers = new Set<Timer>();
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    schedule(delayMs, fn) {
      const timer = { delayMs, fn };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const run = (wanted: (timer: Timer) => boolean) => {
    const timer = [...timers].find(wanted);
    if (timer === undefined) throw new Error('no such timer');
    timers.delete(timer);
    timer.fn();
    return timer.delayMs;
  };
  const bridge = createHttpBridge({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    fetch,
    clock,
    random: { jitter: () => 0.5 },
  });
  const reconnects = () => [...timers].filter(({ delayMs }) => delayMs !== SILENCE_MS);
  return { bridge, timers, reconnects, run };
}

function follow(bridge: { subscribe(listener: (view: TillView | null) => void): () => void }) {
  const seen: (TillView | null)[] = [];
  const stop = bridge.subscribe((view) => seen.push(view));
  closers.push(stop);
  return { seen, stop };
}

const event = (view: unknown) => `event: view\ndata: ${JSON.stringify(view)}\n\n`;
const named = (appVersion: string): TillView => ({ ...VIEW, appVersion });
const versions = (seen: readonly (TillView | null)[]) => seen.map((view) => view?.appVersion ?? null);

test('a call goes out with its token and comes back as it was answered', async () => {
  const seen: unknown[] = [];
  const { bridge } = await host((request, response, body) => {
    seen.push([request.method, request.url, request.headers['x-saksi-token'], JSON.parse(body)]);
    response.end(JSON.stringify({ ok: true, value: { customers: [], ageMs: null } }));
  });
  expect(await bridge.invoke('customers.search', { q: 'siti' })).toEqual({
    ok: true,
    value: { customers: [], ageMs: null },
  });
  expect(seen).toEqual([['POST', '/bridge/invoke/customers.search', TOKEN, { q: 'siti' }]]);
});

test('a refusal is a value, as the host words it with or without ok', async () => {
  const error = { code: 'pin_wrong', message: 'wrong PIN', params: { triesLeft: 2 }, retry: false };
  const answers = [{ ok: false, error }, { error }, { nonsense: 1 }];
  const { bridge } = await host((_, response) => {
    response.writeHead(403).end(JSON.stringify(answers.shift()));
  });
  const refused = { ok: false, error: { code: 'pin_wrong', params: { triesLeft: 2 } } };
  expect(await bridge.invoke('session.signOut', {})).toMatchObject(refused);
  expect(await bridge.invoke('session.signOut', {})).toMatchObject(refused);
  expect(await bridge.invoke('session.signOut', {})).toMatchObject({
    ok: false,
    error: { code: 'internal' },
  });
});

test('a host that is away answers not_ready', async () => {
  const { bridge } = await host((request) => request.socket.destroy());
  expect(await bridge.invoke('session.signOut', {})).toMatchObject({
    ok: false,
    error: { code: 'not_ready' },
  });
});

test('views arrive as events, also when an event is cut in two; a late listener gets the last', async () => {
  let stream: ServerResponse | undefined;
  const headers: unknown[] = [];
  const { bridge } = await host((request, response) => {
    headers.push([request.url, request.headers['x-saksi-token'], request.headers.accept]);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event(named('1')));
    stream = response;
  });
  const { seen } = follow(bridge);
  await vi.waitFor(() => expect(versions(seen)).toEqual(['1']));
  const whole = Buffer.from(event(named('2 · ünï')));
  // Between the two bytes of 'ü', and far enough apart to arrive as two pieces.
  const middle = whole.indexOf('ü') + 1;
  stream?.write(whole.subarray(0, middle));
  await new Promise((resolve) => setTimeout(resolve, 50));
  stream?.write(whole.subarray(middle));
  await vi.waitFor(() => expect(versions(seen)).toEqual(['1', '2 · ünï']));
  expect(versions(follow(bridge).seen)).toEqual(['2 · ünï']);
  expect(headers).toEqual([['/bridge/events', TOKEN, 'text/event-stream']]);
});

test('a lost host is null, then it is tried again with growing waits, and found again', async () => {
  let up = false;
  let tries = 0;
  const { bridge, reconnects, run } = await host((request, response) => {
    tries += 1;
    if (!up) return request.socket.destroy();
    response.writeHead(200);
    response.write(event(named('back')));
    return undefined;
  });
  const { seen } = follow(bridge);
  const waits: number[] = [];
  for (const round of [1, 2, 3, 4, 5, 6, 7]) {
    await vi.waitFor(() => expect(reconnects()).toHaveLength(1));
    expect(tries).toBe(round);
    if (round === 7) up = true;
    waits.push(run(({ delayMs }) => delayMs !== SILENCE_MS));
  }
  expect(waits).toEqual([125, 250, 500, 1000, 2000, 2500, 2500]);
  await vi.waitFor(() => expect(versions(seen).at(-1)).toBe('back'));
  expect(seen.slice(0, 7).every((view) => view === null)).toBe(true);
});

test('a stream that falls silent is given up', async () => {
  const { bridge, run } = await host((_, response) => {
    response.writeHead(200);
    response.write(event(named('1')));
  });
  const { seen } = follow(bridge);
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  run(({ delayMs }) => delayMs === SILENCE_MS);
  await vi.waitFor(() => expect(versions(seen)).toEqual(['1', null]));
});

test('a view outside its schema is not shown', async () => {
  const { bridge } = await host((_, response) => {
    response.writeHead(200);
    response.write(event({ ...VIEW, staff: 'everybody' }));
  });
  const { seen } = follow(bridge);
  await vi.waitFor(() => expect(seen).toEqual([null]));
});

test('a wrong token is a lost host, whatever comes with the refusal', async () => {
  const { bridge, reconnects } = await host((_, response) => {
    response.writeHead(401).end(event(named('not for you')));
  });
  const { seen } = follow(bridge);
  await vi.waitFor(() => expect(seen).toEqual([null]));
  expect(reconnects()).toHaveLength(1);
});

test('the last listener gone, the stream is closed and nothing is tried again', async () => {
  let closed = false;
  const { bridge, timers } = await host((request, response) => {
    response.writeHead(200);
    response.write(event(named('1')));
    request.socket.on('close', () => {
      closed = true;
    });
  });
  const { seen, stop } = follow(bridge);
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  stop();
  await vi.waitFor(() => expect(closed).toBe(true));
  await vi.waitFor(() => expect(timers.size).toBe(0));
  expect(versions(seen)).toEqual(['1']);
});
