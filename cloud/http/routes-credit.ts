import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Kysely } from 'kysely';
import {
  CREDIT_PATHS,
  creditAnswerSchema,
  statementQuerySchema,
  statementSchema,
} from '../../shared/message-credit.ts';
import { creditOf } from '../credit/accounts.ts';
import { statementOf } from '../credit/statement.ts';
import type { Database } from '../db/schema.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface CreditRoutesOptions {
  readonly tills: TillService;
  readonly db: Kysely<Database>;
}

/** A store's message credit, for its managers' screens; the till keeps them from others. */
export async function creditRoutes(instance: FastifyInstance, options: CreditRoutesOptions): Promise<void> {
  const { tills, db } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);

  app.get(
    CREDIT_PATHS.credit,
    {
      onRequest,
      schema: {
        summary: "The store's message credit",
        security,
        response: { 200: creditAnswerSchema, ...refusals },
      },
    },
    (request) => creditOf(db, tillOf(request).storeId),
  );

  app.get(
    CREDIT_PATHS.statement,
    {
      onRequest,
      schema: {
        summary: 'What the messages of a time cost, and where Meta says otherwise',
        security,
        querystring: statementQuerySchema,
        response: { 200: statementSchema, ...refusals },
      },
    },
    (request) => statementOf(db, tillOf(request).storeId, request.query),
  );
}
