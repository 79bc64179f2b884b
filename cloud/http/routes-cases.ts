import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  CASES_PATHS,
  caseDetailSchema,
  caseOpenSchema,
  casePageSchema,
  caseQuerySchema,
  caseStepSchema,
  caseParamsSchema as params,
} from '../../shared/cases.ts';
import type { Cases } from '../cases/service.ts';
import { managerHeaders as headers, MANAGER_HINT } from './manager-auth.ts';
import type { ManagerDoor } from './manager-door.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';

export interface CaseRoutesOptions {
  readonly door: ManagerDoor;
  readonly cases: Cases;
}

/** What managers look into. */
export async function caseRoutes(
  instance: FastifyInstance,
  { door, cases }: CaseRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { onRequest, scopeOf } = door;
  const detail = { security, headers, response: { 200: caseDetailSchema, ...refusals } };

  app.get(
    CASES_PATHS.list,
    {
      onRequest,
      schema: {
        summary: "The store's cases, newest first",
        description: `${MANAGER_HINT} By keyset: \`after\` is the \`next\` of the page before.`,
        security,
        headers,
        querystring: caseQuerySchema,
        response: { 200: casePageSchema, ...refusals },
      },
    },
    async (request) => cases.page(await scopeOf(request), request.query),
  );

  app.post(
    CASES_PATHS.list,
    {
      onRequest,
      schema: {
        summary: 'Open a case, with findings and events',
        description: `${MANAGER_HINT} The same \`id\` again answers with the same case.`,
        ...detail,
        body: caseOpenSchema,
      },
    },
    async (request) => cases.open(await scopeOf(request), request.body),
  );

  app.get(
    CASES_PATHS.one,
    {
      onRequest,
      schema: { summary: 'A case and all that is in it', description: MANAGER_HINT, ...detail, params },
    },
    async (request) => cases.get(await scopeOf(request), request.params.id),
  );

  app.post(
    CASES_PATHS.entries,
    {
      onRequest,
      schema: {
        summary: 'A step in a case',
        description: `${MANAGER_HINT} Each is kept, and is an event of the audit list; the same \`id\` again is the same step.`,
        ...detail,
        params,
        body: caseStepSchema,
      },
    },
    async (request) => cases.step(await scopeOf(request), request.params.id, request.body),
  );

  app.get(
    CASES_PATHS.evidence,
    {
      onRequest,
      schema: {
        summary:
          'Evidence: all that happened in the store over the time of the case’s events, with what proves it',
        description: `${MANAGER_HINT} JSON lines, to be checked by \`npm run verify -- FILE\`. Making it is a step in the case.`,
        security,
        headers,
        params,
        response: { 200: { content: { 'application/x-ndjson': { schema: z.string() } } }, ...refusals },
      },
    },
    async (request, reply) => {
      const lines = await cases.evidence(await scopeOf(request), request.params.id);
      reply.header('content-type', 'application/x-ndjson; charset=utf-8');
      return reply.send(Readable.from(lines) as never);
    },
  );
}
