import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gatewayStateSchema } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import { TIME_HEADER } from '../../shared/gateway-api.ts';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { startTcpProxy, type TcpProxy } from '../../test/fixtures/tcp-proxy.ts';
import { call } from './call.ts';
import { CONNECTION_TRANSITIONS, type ConnectionEvent, createConnection, isUp } from './connection.ts';
import { GatewayClock } from './gateway-clock.ts';
import { createHttp } from './http.ts';
import { BREAKER, createBreakers, createLineHealth, LINE } from './line-health.ts';

const SHOWN_WITHIN_MS = 3_000;
const STEP_MS = 100;
const answer = z.object({ fine: z.boolean() });
const get = { method: 'GET', path: '/x', answer, timeoutMs: 6_000, retries: 0 } as const;

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** A gateway on a real socket behind a real line; every time limit is on a clock that stands still. */
async function openLine() {
  const clock = new FakeClock();
  const streams = new Set<ServerResponse>();
  const paths: string[] = [];
  const gateway = { aheadMs: 0, handle: null as Handle | null, beats: true };
  const server: Server = createServer((request, response) => {
    paths.push(request.url ?? '');
    if (gateway.handle !== null) return gateway.handle(request, response);
    response.setHeader(TIME_HEADER, String(clock.now() + gateway.aheadMs));
    if (request.url === '/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
      streams.add(response);
      response.on('close', () => streams.delete(response));
    } else response.end(request.url === '/healthz' ? '{"status":"ok"}' : '{"fine":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const beat = () => {
    if (gateway.beats) for (const stream of streams) stream.write(':\n\n');
    clock.schedule(1_000, beat);
  };
  beat();
  const proxy = await startTcpProxy({ port: (server.address() as AddressInfo).port }, clock);
  const context = {
    http: createHttp(),
    effects: { clock, random: seededRandom(3) },
    gatewayClock: new GatewayClock(clock),
    baseUrl: `http://127.0.0.1:${proxy.port}`,
    bearer: 'the-till-key',
  };
  const said: string[] = [];
  let network = 'wifi';
  const line = createConnection(
    context,
    () => null,
    {
      changed: () => said.push(line.state()),
      online: () => said.push('!online'),
      event: () => undefined,
      unreadable: () => undefined,
      ping: () => undefined,
    },
    () => network,
  );
  line.start();
  const step = async () => {
    await clock.advance(STEP_MS);
    // Sockets answer in real time, however the clock stands.
    await new Promise((resolve) => setTimeout(resolve, 4));
  };
  const run = async (ms: number) => {
    for (let at = 0; at < ms; at += STEP_MS) await step();
  };
  /** Fake milliseconds until the state shows. */
  const until = async (state: string, code: string | null = null): Promise<number> => {
    const from = clock.monotonic();
    for (let turn = 0; turn < 300; turn += 1) {
      if (line.state() === state && (code === null || line.error()?.code === code)) break;
      await step();
    }
    expect([line.state(), code && line.error()?.code]).toEqual([state, code]);
    return clock.monotonic() - from;
  };
  const close = async () => {
    const stopped = line.stop();
    await run(300);
    await stopped;
    await proxy.close();
    server.closeAllConnections();
    server.close();
  };
  opened.push(close);
  await until('online');
  return {
    clock,
    gateway,
    streams,
    paths,
    proxy,
    context,
    line,
    said,
    run,
    until,
    setNetwork: (name: string) => {
      network = name;
    },
  };
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

describe('the state of the line shows within 3 s', () => {
  it.each<[string, (proxy: TcpProxy) => void]>([
    ['cut', (proxy) => proxy.mode('cut')],
    ['swallowed without a word (half-open sockets)', (proxy) => proxy.mode('black_hole')],
    ['deaf in one direction', (proxy) => proxy.mode('half_close')],
  ])('when it is %s, and when it is back', async (_, spoil) => {
    const { proxy, until, run, said } = await openLine();
    await run(2_300);
    spoil(proxy);
    expect(await until('offline')).toBeLessThan(SHOWN_WITHIN_MS);
    await run(20_000);
    proxy.mode('pass');
    expect(await until('online')).toBeLessThan(SHOWN_WITHIN_MS);
    expect(said.filter((word) => word === '!online')).toHaveLength(2);
  });

  it('when it turns slow: degraded, not offline for good; and when it is quick again', async () => {
    const { proxy, until, run, line } = await openLine();
    await run(2_000);
    proxy.delay(1_000);
    expect(await until('degraded')).toBeLessThan(SHOWN_WITHIN_MS);
    await run(10_000);
    expect(isUp(line.state())).toBe(true);
    expect(line.state()).toBe('degraded');
    proxy.delay(0);
    expect(await until('online')).toBeLessThan(SHOWN_WITHIN_MS);
  });

  it('when a sign-in page of the network answers in the place of the gateway', async () => {
    const { gateway, proxy, until, run, line } = await openLine();
    gateway.handle = (_, response) => response.end('<html>Welcome to Cafe Wifi</html>');
    proxy.drop();
    expect(await until('offline', 'captive_portal')).toBeLessThan(SHOWN_WITHIN_MS);
    gateway.handle = (_, response) => response.writeHead(302, { location: 'http://portal/' }).end();
    await run(5_000);
    expect(line.error()?.code).toBe('captive_portal');
    // JSON of the right shape, but without the gateway's time.
    gateway.handle = (_, response) => response.end('{"status":"ok"}');
    await run(5_000);
    expect([line.state(), line.error()?.code]).toEqual(['offline', 'captive_portal']);
    gateway.handle = null;
    expect(await until('online')).toBeLessThan(SHOWN_WITHIN_MS);
  });

  it("when the till's clock is wrong by more than 5 min, and when it was set right", async () => {
    const { clock, until, line, run } = await openLine();
    clock.setWall(clock.now() + 4 * 60_000);
    await run(3_000);
    expect(line.state()).toBe('online');
    clock.setWall(clock.now() + 3 * 60_000);
    expect(await until('refused', 'clock_skew')).toBeLessThan(SHOWN_WITHIN_MS);
    expect(line.error()?.params.minutes).toBe(7);
    clock.setWall(clock.now() - 7 * 60_000);
    expect(await until('online')).toBeLessThan(SHOWN_WITHIN_MS);
  });

  it('when some calls fail and others do not', async () => {
    const { gateway, streams, clock, context, line, until } = await openLine();
    gateway.handle = (request, response) => {
      response.setHeader(TIME_HEADER, String(clock.now()));
      if (request.url === '/healthz') response.end('{"status":"ok"}');
      else response.writeHead(500).end(JSON.stringify({ error: new SaksiError('internal').toWire() }));
    };
    await expect(call(line.context, get)).rejects.toMatchObject({ code: 'internal' });
    expect(await until('degraded', 'internal')).toBeLessThan(SHOWN_WITHIN_MS);
    expect(streams.size).toBe(1);
    expect(context.bearer).toBe('the-till-key');
    expect(await until('online')).toBeLessThan(SHOWN_WITHIN_MS);
  });

  it('looks at once when the machine changes its network', async () => {
    const { paths, run, setNetwork } = await openLine();
    await run(3_000);
    paths.length = 0;
    setNetwork('mobile');
    await run(1_100);
    expect(paths).toEqual(['/healthz']);
  });

  it('costs no probe while the stream beats, and is proved by probes where it does not', async () => {
    const { paths, gateway, run, line } = await openLine();
    paths.length = 0;
    await run(9_000);
    expect(paths).toEqual([]);
    gateway.beats = false;
    await run(9_000);
    expect(line.state()).toBe('online');
    expect(paths.filter((path) => path === '/healthz').length).toBeGreaterThan(4);
    // The stream itself is dead, whatever the probes say: the watchdog opens another.
    await run(6_000);
    expect(paths).toContain('/v1/events');
  });

  it('survives bits that were turned on the way', async () => {
    const { proxy, run, until } = await openLine();
    proxy.mode('corrupt');
    await run(4_000);
    proxy.mode('pass');
    proxy.drop();
    await until('online');
  });
});

describe('a dead endpoint', () => {
  it('costs one try per pause, not a time limit for each caller', async () => {
    const { clock, gateway, line, run } = await openLine();
    let asked = 0;
    gateway.handle = (request, response) => {
      response.setHeader(TIME_HEADER, String(clock.now()));
      if (request.url === '/healthz') response.end('{"status":"ok"}');
      else asked += 1;
    };
    const fail = async () => {
      const failed = call(line.context, { ...get, timeoutMs: 500 }).catch((error: unknown) => error);
      await run(700);
      return failed;
    };
    for (let turn = 0; turn < BREAKER.failures; turn += 1) await fail();
    expect(asked).toBe(BREAKER.failures);
    expect(line.state()).toBe('degraded');
    await expect(call(line.context, get)).rejects.toMatchObject({ params: { reason: 'breaker' } });
    // Another endpoint is not held up.
    await expect(
      call(line.context, { ...get, path: '/healthz', answer: z.object({ status: z.string() }) }),
    ).resolves.toEqual({ status: 'ok' });
    await run(BREAKER.baseMs);
    await Promise.all([
      fail(),
      expect(call(line.context, get)).rejects.toMatchObject({ params: { reason: 'breaker' } }),
    ]);
    expect(asked).toBe(BREAKER.failures + 1);
    gateway.handle = null;
    await run(2 * BREAKER.baseMs);
    expect(await call(line.context, get)).toEqual({ fine: true });
  });

  it('is left alone for longer and longer, never for more than its limit', () => {
    const clock = { at: 0, monotonic: () => clock.at };
    const breakers = createBreakers(clock, () => 1);
    for (let turn = 0; turn < 30; turn += 1) breakers.note('GET /x', false);
    expect(breakers.admits('GET /x')).toBe(false);
    clock.at = BREAKER.maxMs;
    expect([breakers.admits('GET /x'), breakers.admits('GET /x')]).toEqual([true, false]);
    breakers.note('GET /x', true);
    expect([breakers.admits('GET /x'), breakers.anyOpen()]).toEqual([true, false]);
  });
});

describe('the transition table', () => {
  const states = gatewayStateSchema.options;
  const events: ConnectionEvent[] = ['opened', 'strained', 'lost', 'denied', 'mended'];

  it('names every state, leads only to known ones, and calls nothing up that is not', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (happened) => {
        let state: (typeof states)[number] = 'connecting';
        for (const event of happened) {
          state = CONNECTION_TRANSITIONS[state][event] ?? state;
          expect(states).toContain(state);
          if (event === 'denied') expect(state).toBe('refused');
          if (event === 'opened') expect(state).toBe('online');
          if (event === 'lost') expect(['offline', 'refused']).toContain(state);
        }
      }),
    );
  });

  it('is strained by one failure or a slow middle among the last few, and by nothing older', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ ms: fc.nat(8_000), ok: fc.boolean() }), { maxLength: 12 }),
        (outcomes) => {
          const health = createLineHealth();
          for (const { ms, ok } of outcomes) {
            health.note({ ms, error: ok ? null : new SaksiError('gateway_timeout') });
          }
          const last = outcomes.slice(-LINE.recent);
          const slow = last.filter(({ ms }) => ms > LINE.slowMs).length;
          const failing = last.some(({ ok }) => !ok);
          if (failing || slow > last.length / 2) expect(health.strained()).toBe(true);
          if (!failing && slow === 0) expect(health.strained()).toBe(false);
        },
      ),
    );
  });
});
