import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  POS_APPROVAL_FINAL,
  POS_PATHS,
  posApprovalCreateSchema,
  posApprovalSchema,
} from '../../shared/pos-link-api.ts';
import {
  BY_ID,
  EMPTY,
  follow,
  idempotencyKeyOf,
  KEYED,
  type PosRoutesContext,
  REFUSALS,
} from './route-parts.ts';

export function addApprovalRoutes(server: FastifyInstance, context: PosRoutesContext): void {
  const { pos } = context;
  const app = server.withTypeProvider<ZodTypeProvider>();
  const response = { 200: posApprovalSchema, ...REFUSALS };

  app.post(
    POS_PATHS.approvals,
    {
      schema: {
        summary: "Ask for a supervisor's approval; who asks is who is signed in at the till",
        headers: KEYED,
        body: posApprovalCreateSchema,
        response: { 201: posApprovalSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const approval = await pos.startApproval(idempotencyKeyOf(request), request.body);
      return reply.code(201).send(approval);
    },
  );

  app.get(
    POS_PATHS.approval,
    { schema: { summary: 'How the approval stands', params: BY_ID, response } },
    (request) => pos.getApproval(request.params.id),
  );

  app.get(
    POS_PATHS.approvalEvents,
    {
      schema: {
        summary: 'Follow it: each event is the whole approval; ends after a final status',
        params: BY_ID,
        response: {
          200: {
            description: 'event: approval',
            content: { 'text/event-stream': { schema: posApprovalSchema } },
          },
          ...REFUSALS,
        },
      },
    },
    (request, reply) => {
      const { id } = request.params;
      follow(context, reply, {
        event: 'approval',
        schema: posApprovalSchema,
        final: POS_APPROVAL_FINAL,
        present: pos.getApproval(id),
        listen: (listener) => pos.followApproval(id, listener),
      });
    },
  );

  app.post(
    POS_PATHS.approvalCancel,
    {
      schema: {
        summary: 'Give it up: from now on nothing happens, whatever is answered',
        params: BY_ID,
        headers: KEYED,
        body: EMPTY,
        response,
      },
    },
    (request) => pos.cancelApproval(request.params.id, idempotencyKeyOf(request)),
  );
}
