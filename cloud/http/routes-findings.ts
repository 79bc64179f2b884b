import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  FINDINGS_PATHS,
  findingDetailSchema,
  findingPageSchema,
  findingParamsSchema,
  findingQuerySchema,
  findingSaidSchema,
} from '../../shared/findings-api.ts';
import type { FindingDesk } from '../signals/desk.ts';
import { managerHeaders as headers, MANAGER_HINT } from './manager-auth.ts';
import type { ManagerDoor } from './manager-door.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';

export interface FindingRoutesOptions {
  readonly door: ManagerDoor;
  readonly findings: FindingDesk;
}

/** What looks like fraud, for managers. */
export async function findingRoutes(
  instance: FastifyInstance,
  { door, findings }: FindingRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { onRequest, scopeOf } = door;
  const detail = { security, headers, response: { 200: findingDetailSchema, ...refusals } };

  app.get(
    FINDINGS_PATHS.list,
    {
      onRequest,
      schema: {
        summary: "The store's findings, newest first",
        description: `${MANAGER_HINT} By keyset: \`after\` is the \`next\` of the page before.`,
        security,
        headers,
        querystring: findingQuerySchema,
        response: { 200: findingPageSchema, ...refusals },
      },
    },
    async (request) => {
      const { after, ...filter } = request.query;
      return findings.page(await scopeOf(request), filter, after);
    },
  );

  app.get(
    FINDINGS_PATHS.one,
    {
      onRequest,
      schema: {
        summary: 'A finding at its newest revision, with the events behind it and what was said of it',
        description: MANAGER_HINT,
        ...detail,
        params: findingParamsSchema,
      },
    },
    async (request) => findings.get(await scopeOf(request), request.params.id),
  );

  app.post(
    FINDINGS_PATHS.words,
    {
      onRequest,
      schema: {
        summary: 'What a manager makes of a finding',
        description: `${MANAGER_HINT} Each word is kept; the newest counts, until the finding is more severe.`,
        ...detail,
        params: findingParamsSchema,
        body: findingSaidSchema,
      },
    },
    async (request) => findings.say(await scopeOf(request), request.params.id, request.body),
  );
}
