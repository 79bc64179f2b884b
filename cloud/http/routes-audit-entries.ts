import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { AUDIT_ENTRIES_PATH, entriesAnswerSchema, sentEntriesSchema } from '../../shared/audit/entries.ts';
import type { AuditService } from '../audit/service.ts';
import type { TillService } from '../tills/service.ts';
import { gunzipBody } from './gzip.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface AuditEntryRoutesOptions {
  readonly tills: TillService;
  readonly audit: AuditService;
}

/** What the most entries of the usual length come to, with room. */
const BODY_BYTES_MAX = 2 * 1024 * 1024;

export async function auditEntryRoutes(
  instance: FastifyInstance,
  { tills, audit }: AuditEntryRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.post(
    AUDIT_ENTRIES_PATH,
    {
      onRequest: requireTill(tills),
      preParsing: gunzipBody(BODY_BYTES_MAX),
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        summary: "Take over entries of this till's audit chain",
        description:
          'Idempotent by what it says: entries that are known are compared. Without entries it asks where the gateway stands. A body may be gzip.',
        security,
        body: sentEntriesSchema,
        response: { 200: entriesAnswerSchema, ...refusals },
      },
    },
    (request) => audit.take(tillOf(request), request.body),
  );
}
