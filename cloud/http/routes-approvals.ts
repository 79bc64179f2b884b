import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { approvalAnswerSchema, approvalCreateSchema } from '../../shared/approvals.ts';
import { asSaksiError } from '../../shared/errors.ts';
import {
  approvalCodeSchema,
  approvalListSchema,
  GATEWAY_PATHS,
  IDEMPOTENCY_HEADER,
} from '../../shared/gateway-api.ts';
import { idempotencyKeySchema, uuidSchema } from '../../shared/ids.ts';
import type { ApprovalService } from '../approvals/service.ts';
import type { TillService } from '../tills/service.ts';
import type { Metrics } from './metrics.ts';
import { refusals, tillSecurity } from './routes-tills.ts';
import { idempotencyKeyOf, requireTill, tillOf } from './till-auth.ts';

export interface ApprovalRoutesOptions {
  readonly tills: TillService;
  readonly approvals: ApprovalService;
  readonly metrics: Metrics;
}

const params = z.object({ id: uuidSchema });
const headers = z.looseObject({ [IDEMPOTENCY_HEADER]: idempotencyKeySchema });
const security = tillSecurity;
const response = { 200: approvalAnswerSchema, ...refusals };

export async function approvalRoutes(
  instance: FastifyInstance,
  options: ApprovalRoutesOptions,
): Promise<void> {
  const { tills, approvals, metrics } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);

  /** What comes of a request is counted by the service; here only what is refused. */
  async function counted<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      metrics.approvals.inc({ kind: '', outcome: asSaksiError(error).code });
      throw error;
    }
  }

  app.post(
    GATEWAY_PATHS.approvals,
    {
      onRequest,
      schema: {
        summary: 'Ask for an approval',
        description: 'Free by policy: answered at once as approved, with the grant.',
        ...{ security, headers, response },
        body: approvalCreateSchema,
      },
    },
    (request) => counted(() => approvals.create(tillOf(request), idempotencyKeyOf(request), request.body)),
  );

  app.get(
    GATEWAY_PATHS.approvalsOpen,
    {
      onRequest,
      schema: {
        summary: "This till's pending approvals, and approved ones that may still be used",
        security,
        response: { 200: approvalListSchema, ...refusals },
      },
    },
    async (request) => ({ approvals: await approvals.listOpen(tillOf(request)) }),
  );

  app.get(
    GATEWAY_PATHS.approval,
    { onRequest, schema: { summary: 'One approval of this till', security, params, response } },
    (request) => approvals.get(tillOf(request), request.params.id),
  );

  app.post(
    GATEWAY_PATHS.approvalCancel,
    { onRequest, schema: { summary: 'Take a request back', security, headers, params, response } },
    (request) =>
      counted(() => approvals.cancel(tillOf(request), request.params.id, idempotencyKeyOf(request))),
  );

  app.post(
    GATEWAY_PATHS.approvalCode,
    {
      onRequest,
      schema: {
        summary: 'The code that a supervisor said',
        ...{ security, headers, params, response },
        body: approvalCodeSchema,
      },
    },
    (request) =>
      counted(() => {
        const key = idempotencyKeyOf(request);
        return approvals.submitCode(tillOf(request), request.params.id, key, request.body.code);
      }),
  );
}
