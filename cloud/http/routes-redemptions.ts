import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { asSaksiError } from '../../shared/errors.ts';
import {
  cancelRequestSchema,
  captureRequestSchema,
  GATEWAY_PATHS,
  IDEMPOTENCY_HEADER,
  type RedemptionAnswer,
  redemptionAnswerSchema,
  redemptionCreateSchema,
  redemptionListSchema,
  verifyRequestSchema,
} from '../../shared/gateway-api.ts';
import { idempotencyKeySchema, uuidSchema } from '../../shared/ids.ts';
import type { TillEvents } from '../events/append.ts';
import type { MessageQueue } from '../messages/queue.ts';
import type { RedemptionService } from '../redemptions/service.ts';
import type { AuthenticatedTill, TillService } from '../tills/service.ts';
import type { Metrics } from './metrics.ts';
import { refusals, tillSecurity } from './routes-tills.ts';
import { idempotencyKeyOf, requireTill, tillOf } from './till-auth.ts';

export interface RedemptionRoutesOptions {
  readonly tills: TillService;
  readonly redemptions: RedemptionService;
  readonly events: TillEvents;
  readonly queue: MessageQueue;
  readonly metrics: Metrics;
}

const params = z.object({ id: uuidSchema });
const headers = z.looseObject({ [IDEMPOTENCY_HEADER]: idempotencyKeySchema });
const security = tillSecurity;
const response = { 200: redemptionAnswerSchema, ...refusals };

export async function redemptionRoutes(
  instance: FastifyInstance,
  options: RedemptionRoutesOptions,
): Promise<void> {
  const { tills, redemptions, events, queue, metrics } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);

  /** Runs what changes a redemption. Refusals change things too: a wrong code costs a try. */
  async function change(
    request: FastifyRequest,
    run: (till: AuthenticatedTill, key: string) => Promise<RedemptionAnswer>,
  ): Promise<RedemptionAnswer> {
    const till = tillOf(request);
    const key = idempotencyKeyOf(request);
    try {
      const answer = await run(till, key);
      metrics.redemptions.inc({ outcome: answer.redemption.status });
      return answer;
    } catch (error) {
      metrics.redemptions.inc({ outcome: asSaksiError(error).code });
      throw error;
    } finally {
      events.committed([till.tillId]);
    }
  }

  function issued(answer: RedemptionAnswer): RedemptionAnswer {
    if (answer.redemption.status === 'awaiting_code') {
      metrics.codes.inc({ outcome: 'issued' });
      queue.wake();
    }
    return answer;
  }

  app.post(
    GATEWAY_PATHS.redemptions,
    {
      onRequest,
      schema: {
        summary: 'Start a redemption: reserve the amount, send a code',
        security,
        headers,
        body: redemptionCreateSchema,
        response,
      },
    },
    (request) =>
      change(request, async (till, key) => issued(await redemptions.create(till, key, request.body))),
  );

  app.get(
    GATEWAY_PATHS.redemptionsOpen,
    {
      onRequest,
      schema: {
        summary: "This till's open redemptions",
        security,
        response: { 200: redemptionListSchema, ...refusals },
      },
    },
    async (request) => ({ redemptions: await redemptions.listOpen(tillOf(request)) }),
  );

  app.get(
    GATEWAY_PATHS.redemption,
    { onRequest, schema: { summary: 'One redemption of this till', security, params, response } },
    (request) => redemptions.get(tillOf(request), request.params.id),
  );

  app.post(
    GATEWAY_PATHS.verify,
    {
      onRequest,
      schema: {
        summary: 'Check the code that the customer said',
        security,
        headers,
        params,
        body: verifyRequestSchema,
        response,
      },
    },
    (request) =>
      change(request, async (till, key) => {
        try {
          const answer = await redemptions.verify(till, request.params.id, key, request.body.code);
          metrics.codes.inc({ outcome: 'accepted' });
          return answer;
        } catch (error) {
          metrics.codes.inc({ outcome: asSaksiError(error).code });
          throw error;
        }
      }),
  );

  app.post(
    GATEWAY_PATHS.resend,
    { onRequest, schema: { summary: 'Send a new code', security, headers, params, response } },
    (request) =>
      change(request, async (till, key) => issued(await redemptions.resend(till, request.params.id, key))),
  );

  app.post(
    GATEWAY_PATHS.capture,
    {
      onRequest,
      schema: {
        summary: 'The sale is done: charge',
        security,
        headers,
        params,
        body: captureRequestSchema,
        response,
      },
    },
    (request) =>
      change(request, (till, key) => redemptions.capture(till, request.params.id, key, request.body)),
  );

  app.post(
    GATEWAY_PATHS.cancel,
    {
      onRequest,
      schema: {
        summary: 'Give the reservation back',
        security,
        headers,
        params,
        body: cancelRequestSchema,
        response,
      },
    },
    (request) =>
      change(request, (till, key) => redemptions.cancel(till, request.params.id, key, request.body)),
  );
}
