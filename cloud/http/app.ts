/** The HTTP server: what every route shares. The routes are in the files beside this one. */
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Effects } from '../../shared/effects.ts';
import { TIME_HEADER } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import { installErrorHandling } from './errors.ts';
import { createRequestLog } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { openApiTransform, serializerCompiler, validatorCompiler } from './zod.ts';

/** The largest body that a till sends is well under a kilobyte. */
const BODY_BYTES_MAX = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than a proxy keeps its idle connections, so that it is never us who hang up on a request. */
const KEEP_ALIVE_MS = 75_000;

export interface AppOptions {
  readonly effects: Effects;
  readonly logger: FastifyBaseLogger;
  readonly metrics: Metrics;
  readonly trustProxy: boolean;
  readonly version: string;
}

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { effects, logger, metrics, trustProxy, version } = options;
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: createRequestLog,
    genReqId: () => createUuid(effects),
    trustProxy,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Event streams are ended by `streams.stop()`; idle connections need not be waited for.
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 128 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler as Parameters<typeof app.setSerializerCompiler>[0]);
  app.decorateRequest('till', null);
  app.decorateRequest('web', null);
  app.decorateRequest('managerScope', null);
  app.decorateRequest('namedManager', null);
  installErrorHandling(app);

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header(TIME_HEADER, String(effects.clock.now()));
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const seconds = reply.elapsedTime / 1000;
    metrics.requests.observe({ method: request.method, route, status: String(reply.statusCode) }, seconds);
    const timing = { req: request, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    request.log.debug(timing, 'answered');
  });

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Saksi gateway',
        version,
        description:
          'Tills pair, redeem and follow events here. Refusals have the schema of every 4xx answer.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { till: { type: 'http', scheme: 'bearer' } } },
    },
    transform: openApiTransform,
  });
  return app;
}
