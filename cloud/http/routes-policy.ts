import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  GATEWAY_PATHS,
  IDEMPOTENCY_HEADER,
  policyAnswerSchema,
  policyChangeSchema,
} from '../../shared/gateway-api.ts';
import { idempotencyKeySchema } from '../../shared/ids.ts';
import type { PolicyService } from '../policy/service.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity } from './routes-tills.ts';
import { idempotencyKeyOf, requireTill, tillOf } from './till-auth.ts';

/** The largest policy that a till takes is about 150 kB of JSON. */
const POLICY_BYTES_MAX = 256 * 1024;

export interface PolicyRoutesOptions {
  readonly tills: TillService;
  readonly policies: PolicyService;
}

export async function policyRoutes(instance: FastifyInstance, options: PolicyRoutesOptions): Promise<void> {
  const { tills, policies } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);
  const headers = z.looseObject({ [IDEMPOTENCY_HEADER]: idempotencyKeySchema });
  const response = { 200: policyAnswerSchema, ...refusals };

  app.get(
    GATEWAY_PATHS.policy,
    { onRequest, schema: { summary: "The store's policy", security: tillSecurity, response } },
    (request) => policies.current(tillOf(request).storeId),
  );

  app.put(
    GATEWAY_PATHS.policy,
    {
      onRequest,
      bodyLimit: POLICY_BYTES_MAX,
      schema: {
        summary: "A manager changes the store's policy",
        description: 'With the version that it was made from, and the manager’s PIN.',
        security: tillSecurity,
        ...{ headers, response },
        body: policyChangeSchema,
      },
    },
    (request) => policies.change(tillOf(request), idempotencyKeyOf(request), request.body),
  );
}
