import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  POS_FINAL,
  POS_PATHS,
  posRedemptionCreateSchema,
  posRedemptionSchema,
  posStatusSchema,
} from '../../shared/pos-link-api.ts';
import { addApprovalRoutes } from './approval-routes.ts';
import { addCashSaleRoutes } from './cash-sale-routes.ts';
import {
  BY_ID,
  EMPTY,
  follow,
  idempotencyKeyOf,
  KEYED,
  type PosRoutesContext,
  REFUSALS,
} from './route-parts.ts';
import { addShiftRoutes } from './shift-routes.ts';

/** Its description is no secret: an integrator reads it before having a token. */
export function isPublicRoute(url: string | undefined): boolean {
  return url === POS_PATHS.openapi;
}

export function addPosRoutes(server: FastifyInstance, context: PosRoutesContext): void {
  const { pos } = context;
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    POS_PATHS.status,
    { schema: { summary: 'Is the till ready', response: { 200: posStatusSchema, ...REFUSALS } } },
    () => pos.status(),
  );

  app.post(
    POS_PATHS.redemptions,
    {
      schema: {
        summary: 'Start a redemption; the customer is sent a code',
        headers: KEYED,
        body: posRedemptionCreateSchema,
        response: { 201: posRedemptionSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const redemption = await pos.start(idempotencyKeyOf(request), request.body);
      return reply.code(201).send(redemption);
    },
  );

  app.get(
    POS_PATHS.redemption,
    {
      schema: {
        summary: 'How it stands',
        params: BY_ID,
        response: { 200: posRedemptionSchema, ...REFUSALS },
      },
    },
    (request) => pos.get(request.params.id),
  );

  app.get(
    POS_PATHS.events,
    {
      schema: {
        summary: 'Follow it: each event is the whole redemption; ends after a final status',
        params: BY_ID,
        response: {
          200: {
            description: 'event: redemption',
            content: { 'text/event-stream': { schema: posRedemptionSchema } },
          },
          ...REFUSALS,
        },
      },
    },
    (request, reply) => {
      const { id } = request.params;
      follow(context, reply, {
        event: 'redemption',
        schema: posRedemptionSchema,
        final: POS_FINAL,
        present: pos.get(id),
        listen: (listener) => pos.follow(id, listener),
      });
    },
  );

  const settlements = {
    [POS_PATHS.capture]: {
      summary: 'Capture after the sale (capture: manual)',
      settle: (id: string, key: string) => pos.capture(id, key),
    },
    [POS_PATHS.cancel]: {
      summary: 'Cancel: the money stays with the customer',
      settle: (id: string, key: string) => pos.cancel(id, key),
    },
  };
  for (const [path, { summary, settle }] of Object.entries(settlements)) {
    app.post(
      path,
      {
        schema: {
          summary,
          params: BY_ID,
          headers: KEYED,
          body: EMPTY,
          response: { 200: posRedemptionSchema, ...REFUSALS },
        },
      },
      (request) => settle(request.params.id, idempotencyKeyOf(request)),
    );
  }

  addApprovalRoutes(server, context);
  addCashSaleRoutes(server, context);
  addShiftRoutes(server, context);
}
