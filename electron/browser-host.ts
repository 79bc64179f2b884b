import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BROWSER_HOST_PATHS, BROWSER_TOKEN_HEADER } from '../shared/bridge.ts';
import { type Effects, systemEffects } from '../shared/effects.ts';
import { SaksiError } from '../shared/errors.ts';
import { handleBridgeCall } from './host/bridge-calls.ts';
import { loadRendererFiles } from './host/renderer-files.ts';
import { HARDENING_HEADERS } from './host/renderer-policy.ts';
import { feedViews } from './host/view-feed.ts';
import { createToken, isLoopbackHost, isOwnOrigin, sameToken } from './loopback/caller.ts';
import { LOOPBACK_LIMITS } from './loopback/limits.ts';
import type { ServerLog } from './loopback/log.ts';
import { answerRefusals } from './loopback/refusals.ts';
import { createLoopbackServer, listenOnLoopback } from './loopback/server.ts';
import { openStateStream, type StateStream } from './loopback/state-stream.ts';
import type { Till } from './till/contract.ts';

export interface BrowserHostOptions {
  till: Pick<Till, 'view' | 'onView' | 'invoke'>;
  /** Wanted port; 0: any. Where it is taken, another is chosen. */
  port: number;
  /** The built screen (dist/renderer). */
  rendererDir: string;
  log: ServerLog;
  effects?: Effects;
}

export interface BrowserHost {
  /** What to open: carries this start's token in its fragment, which no browser sends anywhere. */
  readonly url: string;
  readonly port: number;
  /** The wanted port was taken. */
  readonly moved: boolean;
  /** Ends the streams and closes; the till goes on. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Serves the till's screen on loopback to an ordinary browser, for machines without Electron. The bridge answers only
 * to the token of this start, from our own page, under a loopback name.
 */
export async function createBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const effects = options.effects ?? systemEffects;
  const token = createToken(effects.random);
  const app = createLoopbackServer();
  const streams = new Set<StateStream>();

  answerRefusals(app, options.log, (error) => ({ ok: false, error }));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HARDENING_HEADERS).header('cache-control', 'no-store');
    if (!isLoopbackHost(request.headers, request.socket.localPort ?? 0)) {
      throw new SaksiError('origin_forbidden');
    }
  });
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  await serveScreen(app, options.rendererDir);
  serveBridge(app, { ...options, effects }, token, streams);

  const { port, moved } = await listenOnLoopback(app, options.port);
  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    moved,
    stop: () => app.close(),
  };
}

async function serveScreen(app: FastifyInstance, folder: string): Promise<void> {
  const files = await loadRendererFiles(folder);
  app.get('/*', (request, reply) => {
    const file = files(request.url.split('?')[0] ?? '');
    if (file === null) throw new SaksiError('not_found');
    return reply.headers(file.headers).send(file.body);
  });
}

function serveBridge(
  app: FastifyInstance,
  { till, log, effects }: BrowserHostOptions & { effects: Effects },
  token: string,
  streams: Set<StateStream>,
): void {
  const checkCaller = async (request: FastifyRequest) => {
    if (!isOwnOrigin(request.headers, request.method === 'POST')) throw new SaksiError('origin_forbidden');
    const given = request.headers[BROWSER_TOKEN_HEADER];
    if (typeof given !== 'string' || !sameToken(given, token)) throw new SaksiError('unauthorised');
  };

  app.post<{ Params: { method: string } }>(
    `${BROWSER_HOST_PATHS.invoke}/:method`,
    { onRequest: checkCaller },
    (request) => handleBridgeCall(till, request.params.method, request.body, log),
  );

  app.get(BROWSER_HOST_PATHS.events, { onRequest: checkCaller }, (_request, reply) => {
    if (streams.size >= LOOPBACK_LIMITS.streams) {
      throw new SaksiError('too_many_requests', { params: { seconds: 5 } });
    }
    reply.hijack();
    const stream = openStateStream({
      response: reply.raw,
      headers: HARDENING_HEADERS,
      event: 'view',
      clock: effects.clock,
      onClosed: () => {
        streams.delete(stream);
        stopFeed();
      },
    });
    streams.add(stream);
    const stopFeed = feedViews(till, log, (view) => stream.push(JSON.stringify(view)));
  });
}
