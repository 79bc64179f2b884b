import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { POS_PATHS, posCashSaleCreateSchema, posCashSaleSchema } from '../../shared/pos-link-api.ts';
import { idempotencyKeyOf, KEYED, type PosRoutesContext, REFUSALS } from './route-parts.ts';

export function addCashSaleRoutes(server: FastifyInstance, { pos }: PosRoutesContext): void {
  server.withTypeProvider<ZodTypeProvider>().post(
    POS_PATHS.cashSales,
    {
      schema: {
        summary: 'Open the drawer for an ordinary cash sale; somebody must be signed in at the till',
        description:
          'Once for each sale reference within a day: the same again answers with the first opening. Answers when the ' +
          'drawer did. Refused with not_signed_in, shift_grant_missing (no openings are left), cash_sale_over_limit, ' +
          'cash_sale_ref_used (the same reference with another amount) and drawer_absent.',
        headers: KEYED,
        body: posCashSaleCreateSchema,
        response: { 201: posCashSaleSchema, ...REFUSALS },
      },
    },
    async (request, reply) => {
      const sale = await pos.openForCashSale(idempotencyKeyOf(request), request.body);
      return reply.code(201).send(sale);
    },
  );
}
