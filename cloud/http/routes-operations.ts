import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { type Clock, sleep } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Engine } from '../db/engine.ts';
import type { Streams } from '../events/streams.ts';
import type { MessageStore } from '../messages/store.ts';
import type { Metrics } from './metrics.ts';
import { refusals } from './routes-tills.ts';

const READY_TIMEOUT_MS = 2000;

export interface OperationRoutesOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly streams: Streams;
  readonly messages: MessageStore;
  readonly isStopping: () => boolean;
}

/** For the operator, and for whatever balances load: is it alive, is it ready, how is it doing. */
export async function operationRoutes(app: FastifyInstance, options: OperationRoutesOptions): Promise<void> {
  const { engine, clock, metrics, streams, messages, isStopping } = options;

  app.get(
    '/healthz',
    { schema: { summary: 'The process is alive', response: { 200: z.object({ status: z.literal('ok') }) } } },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Requests can be served: migrations are done, the database answers',
        response: { 200: z.object({ status: z.literal('ready') }), ...refusals },
      },
    },
    async () => {
      if (isStopping() || !(await answers())) throw new SaksiError('not_ready');
      return { status: 'ready' as const };
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Prometheus metrics',
        response: { 200: { content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => {
      const waiting = await messages.waitingByStore();
      metrics.queueDepth.set([...waiting.values()].reduce((sum, count) => sum + count, 0));
      metrics.eventClients.set(streams.size);
      return reply
        .type(metrics.registry.contentType)
        .serializer((text: unknown) => String(text))
        .send(await metrics.registry.metrics());
    },
  );

  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      .serializer((text: unknown) => String(text))
      .send(JSON.stringify(app.swagger())),
  );

  /** Migrations ran before the server began to listen, so a database that answers is all that is left to ask. */
  async function answers(): Promise<boolean> {
    const asked = sql`select 1`.execute(engine.kysely).then(
      () => true,
      () => false,
    );
    return Promise.race([asked, sleep(clock, READY_TIMEOUT_MS).then(() => false)]);
  }
}
