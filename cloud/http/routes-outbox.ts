import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { OFFLINE_PATHS, outboxAnswerSchema, outboxBatchSchema } from '../../shared/offline.ts';
import type { TillEvents } from '../events/append.ts';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { OutboxService } from '../outbox/service.ts';
import type { TillService } from '../tills/service.ts';
import type { Metrics } from './metrics.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface OutboxRoutesOptions {
  readonly tills: TillService;
  readonly outbox: OutboxService;
  readonly limits: OutboxLimits;
  readonly events: TillEvents;
  readonly metrics: Metrics;
}

/** 200 items with the longest texts that their schema allows, and their JSON escapes. */
const BODY_BYTES_MAX = 2 * 1024 * 1024;

export async function outboxRoutes(instance: FastifyInstance, options: OutboxRoutesOptions): Promise<void> {
  const { tills, outbox, limits, events, metrics } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.post(
    OFFLINE_PATHS.outbox,
    {
      // Before the body is read.
      onRequest: [requireTill(tills), async (request) => limits.attempt(tillOf(request).tillId)],
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        summary: "Take over a batch of a till's outbox",
        description:
          'Each item carries its own idempotency key. Items of one stream go in the order in which they stand; a refused one holds up nothing, one that is put off holds up its stream.',
        security,
        body: outboxBatchSchema,
        response: { 200: outboxAnswerSchema, ...refusals },
      },
    },
    async (request) => {
      const till = tillOf(request);
      const { items } = request.body;
      try {
        const results = await limits.alongside(till.tillId, () => outbox.apply(till, items));
        results.forEach(({ outcome }, index) => {
          const kind = items[index]?.message.kind ?? 'unknown';
          metrics.outbox.inc({ kind, outcome });
        });
        return { results };
      } finally {
        events.committed([till.tillId]);
      }
    },
  );
}
