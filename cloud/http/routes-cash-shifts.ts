import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { CASH_SHIFTS_PATH, cashShiftPageSchema, cashShiftQuerySchema } from '../../shared/cash-shift.ts';
import type { CashShiftService } from '../cash-shift/service.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface CashShiftRoutesOptions {
  readonly tills: TillService;
  readonly cashShifts: Pick<CashShiftService, 'page'>;
}

/** What becomes of a shift comes through the outbox; here it is read. */
export async function cashShiftRoutes(
  instance: FastifyInstance,
  { tills, cashShifts }: CashShiftRoutesOptions,
): Promise<void> {
  instance.withTypeProvider<ZodTypeProvider>().get(
    CASH_SHIFTS_PATH,
    {
      onRequest: requireTill(tills),
      schema: {
        summary: "The store's shifts, newest first, and the cash differences per cashier and till",
        description: 'A till shows it to managers only.',
        security,
        querystring: cashShiftQuerySchema,
        response: { 200: cashShiftPageSchema, ...refusals },
      },
    },
    (request) => cashShifts.page(tillOf(request).storeId, request.query),
  );
}
