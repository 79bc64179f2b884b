import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IDEMPOTENCY_HEADER } from '../../shared/gateway-api.ts';
import { idempotencyKeySchema } from '../../shared/ids.ts';
import { SHIFT_PATHS, shiftGrantAnswerSchema, shiftGrantRequestSchema } from '../../shared/shift.ts';
import type { ShiftService } from '../shift/service.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { idempotencyKeyOf, requireTill, tillOf } from './till-auth.ts';

export interface ShiftRoutesOptions {
  readonly tills: TillService;
  readonly shift: ShiftService;
}

const headers = z.looseObject({ [IDEMPOTENCY_HEADER]: idempotencyKeySchema });

/** Leave to open drawers for cash sales; what becomes of it comes through the outbox. */
export async function shiftRoutes(
  instance: FastifyInstance,
  { tills, shift }: ShiftRoutesOptions,
): Promise<void> {
  instance.withTypeProvider<ZodTypeProvider>().post(
    SHIFT_PATHS.grants,
    {
      onRequest: requireTill(tills),
      schema: {
        summary: 'Ask for a shift grant',
        description:
          'Leave to open the drawer for cash sales, counted and with an end, for one person or as a spare of the till.',
        security,
        headers,
        body: shiftGrantRequestSchema,
        response: { 200: shiftGrantAnswerSchema, ...refusals },
      },
    },
    async (request) => ({
      grant: await shift.issue(tillOf(request), idempotencyKeyOf(request), request.body),
    }),
  );
}
