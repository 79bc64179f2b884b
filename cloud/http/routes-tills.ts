import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { wireErrorSchema } from '../../shared/errors.ts';
import {
  customerListSchema,
  customerSearchSchema,
  GATEWAY_PATHS,
  pairAnswerSchema,
  pairRequestSchema,
  tillContextSchema,
} from '../../shared/gateway-api.ts';
import { searchCustomers } from '../customers/customers.ts';
import type { Engine } from '../db/engine.ts';
import type { MessageStore } from '../messages/store.ts';
import type { TillService } from '../tills/service.ts';
import { requireTill, tillOf } from './till-auth.ts';

export const refusals = { '4xx': wireErrorSchema, '5xx': wireErrorSchema };
export const tillSecurity = [{ till: [] }];

export interface TillRoutesOptions {
  readonly engine: Engine;
  readonly tills: TillService;
  readonly messages: MessageStore;
}

export async function tillRoutes(instance: FastifyInstance, options: TillRoutesOptions): Promise<void> {
  const { engine, tills, messages } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);

  app.post(
    GATEWAY_PATHS.pair,
    {
      schema: {
        summary: 'Pair a till',
        description: 'With the secret half of a pairing code, once. The answer holds the till key.',
        body: pairRequestSchema,
        response: { 200: pairAnswerSchema, ...refusals },
      },
    },
    (request) => tills.redeem(request.ip, request.body.secret, request.body.appVersion),
  );

  app.get(
    GATEWAY_PATHS.till,
    {
      onRequest,
      schema: {
        summary: 'What a till needs to know of its place',
        security: tillSecurity,
        response: { 200: tillContextSchema, ...refusals },
      },
    },
    async (request) => {
      const till = tillOf(request);
      return tills.context(till, (await messages.waitingByStore()).get(till.storeId) ?? 0);
    },
  );

  app.get(
    GATEWAY_PATHS.customers,
    {
      onRequest,
      schema: {
        summary: 'Customers by phone, member number, or the start of a name',
        security: tillSecurity,
        querystring: customerSearchSchema,
        response: { 200: customerListSchema, ...refusals },
      },
    },
    async (request) => ({
      customers: await searchCustomers(engine.kysely, tillOf(request).storeId, request.query.q),
    }),
  );
}
