import Fastify, { type FastifyInstance } from 'fastify';
import { LOOPBACK_LIMITS } from './limits.ts';

/** A Fastify server with our bounds: nothing large, nothing kept open for long but event streams. */
export function createLoopbackServer(): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: LOOPBACK_LIMITS.bodyBytes,
    requestTimeout: LOOPBACK_LIMITS.requestTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 128 },
  });
  app.server.maxConnections = LOOPBACK_LIMITS.connections;
  return app;
}

export interface Listening {
  port: number;
  /** The wanted port was taken, so another was chosen. */
  moved: boolean;
}

/** Listens on 127.0.0.1 at `port`, or at any free port where that one is taken. */
export async function listenOnLoopback(app: FastifyInstance, port: number): Promise<Listening> {
  try {
    await app.listen({ host: '127.0.0.1', port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (port === 0 || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error;
    await app.listen({ host: '127.0.0.1', port: 0 });
    return { port: boundPort(app), moved: true };
  }
  return { port: boundPort(app), moved: false };
}

function boundPort(app: FastifyInstance): number {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server is not listening');
  return address.port;
}
