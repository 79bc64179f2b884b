import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { bearerOf, isLoopbackHost, sameToken } from '../loopback/caller.ts';
import type { ServerLog } from '../loopback/log.ts';
import { answerRefusals } from '../loopback/refusals.ts';
import { createLoopbackServer, listenOnLoopback } from '../loopback/server.ts';
import type { StateStream } from '../loopback/state-stream.ts';
import type { PosPort } from '../till/contract.ts';
import { describeByZod } from './openapi.ts';
import { createRateLimit, POS_RATES } from './rate-limit.ts';
import { addPosRoutes, isPublicRoute } from './routes.ts';
import type { PosToken } from './token-file.ts';

export interface PosLinkOptions {
  pos: PosPort;
  /** Wanted port; 0: any. Where it is taken, another is chosen. */
  port: number;
  token: Pick<PosToken, 'current'>;
  appVersion: string;
  clock: Clock;
  log: ServerLog;
}

export interface PosLink {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The wanted port was taken: whoever calls must be told the new one. */
  readonly moved: boolean;
  /** Ends the streams and closes. Idempotent. */
  stop(): Promise<void>;
}

/** Serves the POS link (shared/pos-link-api.ts) on 127.0.0.1. */
export async function createPosLink(options: PosLinkOptions): Promise<PosLink> {
  const { clock, log } = options;
  const app = createLoopbackServer();
  const streams = new Set<StateStream>();
  answerRefusals(app, log);
  await describeByZod(app, options.appVersion);
  guard(app, options);
  addPosRoutes(app, { pos: options.pos, clock, log, streams });
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });

  const { port, moved } = await listenOnLoopback(app, options.port);
  if (moved) log.warn({ wanted: options.port, port }, 'POS link: the port was taken, another was chosen');
  return { port, moved, url: `http://127.0.0.1:${port}`, stop: () => app.close() };
}

function guard(app: FastifyInstance, { clock, token }: PosLinkOptions): void {
  const limits = {
    known: createRateLimit(clock, POS_RATES.known),
    unknown: createRateLimit(clock, POS_RATES.unknown),
  };
  app.addHook('onRequest', async (request: FastifyRequest, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    const { headers } = request;
    if (!isLoopbackHost(headers, request.socket.localPort ?? 0) || isFromPage(headers)) {
      throw new SaksiError('origin_forbidden');
    }
    const given = bearerOf(headers);
    const known = given !== null && sameToken(given, token.current());
    (known ? limits.known : limits.unknown)();
    if (!known && !isPublicRoute(request.routeOptions.url)) throw new SaksiError('unauthorised');
  });
}

/** A browser marks what its pages send; a terminal's program has no reason to. */
function isFromPage(headers: FastifyRequest['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin !== undefined || (site !== undefined && site !== 'none');
}
