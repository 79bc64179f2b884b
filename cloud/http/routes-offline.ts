import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  auditHeadAnswerSchema,
  auditHeadSchema,
  OFFLINE_PATHS,
  reconciliationAnswerSchema,
  reconciliationQuerySchema,
  sealedAnswerSchema,
  walletPageSchema,
} from '../../shared/offline.ts';
import type { OfflineService } from '../offline/service.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface OfflineRoutesOptions {
  readonly tills: TillService;
  readonly offline: OfflineService;
}

const walletQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
});

/** What a till needs for the time without a line; the outbox has a file of its own. */
export async function offlineRoutes(instance: FastifyInstance, options: OfflineRoutesOptions): Promise<void> {
  const { tills, offline } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);

  app.get(
    OFFLINE_PATHS.sealedCodes,
    {
      onRequest,
      schema: {
        summary: "This till's sealed codes",
        description:
          'Their slow hashes and limits, signed. New codes are issued to supervisors when they are due.',
        security,
        response: { 200: sealedAnswerSchema, ...refusals },
      },
    },
    async (request) => ({ bundle: await offline.bundleFor(tillOf(request)) }),
  );

  app.post(
    OFFLINE_PATHS.auditHead,
    {
      onRequest,
      schema: {
        summary: "Countersign the head of this till's audit chain",
        description: 'Idempotent by what it says: needs no key.',
        security,
        body: auditHeadSchema,
        response: { 200: auditHeadAnswerSchema, ...refusals },
      },
    },
    async (request) => ({ countersigned: await offline.countersign(tillOf(request), request.body) }),
  );

  app.get(
    OFFLINE_PATHS.wallets,
    {
      onRequest,
      schema: {
        summary: 'Customers of the store that changed after a cursor',
        security,
        querystring: walletQuery,
        response: { 200: walletPageSchema, ...refusals },
      },
    },
    (request) => offline.wallets.page(tillOf(request).storeId, request.query.after),
  );

  app.get(
    OFFLINE_PATHS.reconciliation,
    {
      onRequest,
      schema: {
        summary: 'What the gateway has booked for this till in a time',
        security,
        querystring: reconciliationQuerySchema,
        response: { 200: reconciliationAnswerSchema, ...refusals },
      },
    },
    (request) => offline.reconciliation(tillOf(request), request.query),
  );
}
