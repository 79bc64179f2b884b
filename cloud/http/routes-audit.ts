import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { auditChartsSchema, chartsQuerySchema } from '../../shared/audit/charts.ts';
import {
  AUDIT_PATHS,
  auditAboutSchema,
  auditAccessAnswerSchema,
  auditAccessSchema,
  auditFilterQuerySchema,
  auditPageSchema,
  auditQuerySchema,
  auditViewsSchema,
  auditViewWishSchema,
  evidenceQuerySchema,
} from '../../shared/audit/timeline.ts';
import type { Clock } from '../../shared/effects.ts';
import { TIME_HEADER } from '../../shared/gateway-api.ts';
import { uuidSchema } from '../../shared/ids.ts';
import type { AuditService } from '../audit/service.ts';
import type { TillService } from '../tills/service.ts';
import { managerHeaders as headers, MANAGER_HINT } from './manager-auth.ts';
import type { ManagerDoor } from './manager-door.ts';
import { lastEventId, responseSink } from './routes-events.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface AuditRoutesOptions {
  readonly door: ManagerDoor;
  readonly audit: AuditService;
  readonly clock: Clock;
}

/** How a manager opens the list at a till. */
export async function auditAccessRoutes(
  instance: FastifyInstance,
  { tills, audit }: { readonly tills: TillService; readonly audit: Pick<AuditService, 'access'> },
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);
  app.post(
    AUDIT_PATHS.access,
    {
      onRequest,
      schema: {
        summary: "A manager's proof to read the audit list, by PIN",
        description: 'Good at this till for half an hour. Each is itself an event of the list.',
        security,
        body: auditAccessSchema,
        response: { 200: auditAccessAnswerSchema, ...refusals },
      },
    },
    (request) => audit.access.grant(tillOf(request), request.body.staffId, request.body.pin),
  );
}

/** The audit list for managers. */
export async function auditRoutes(
  instance: FastifyInstance,
  { door, audit, clock }: AuditRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { onRequest, scopeOf } = door;

  app.get(
    AUDIT_PATHS.about,
    {
      onRequest,
      schema: {
        summary: 'Whose list it is, and who and what it can be narrowed to',
        description: MANAGER_HINT,
        security,
        headers,
        response: { 200: auditAboutSchema, ...refusals },
      },
    },
    async (request) => audit.about(await scopeOf(request)),
  );

  app.get(
    AUDIT_PATHS.events,
    {
      onRequest,
      schema: {
        summary: "The store's audit list, newest first",
        description: `${MANAGER_HINT} By keyset: \`after\` is the \`next\` of the page before. Lists in the query have commas.`,
        security,
        headers,
        querystring: auditQuerySchema,
        response: { 200: auditPageSchema, ...refusals },
      },
    },
    async (request) => {
      const { after, ...filter } = request.query;
      return audit.timeline.page(await scopeOf(request), filter, after);
    },
  );

  app.get(
    AUDIT_PATHS.charts,
    {
      onRequest,
      schema: {
        summary: 'Numbers of a span of the audit list, for pictures',
        description: `${MANAGER_HINT} At most a year; days and hours by the store's clock.`,
        security,
        headers,
        querystring: chartsQuerySchema,
        response: { 200: auditChartsSchema, ...refusals },
      },
    },
    async (request) => audit.charts(await scopeOf(request), request.query),
  );

  app.get(
    AUDIT_PATHS.tail,
    {
      onRequest,
      schema: {
        summary: 'What is new in the audit list, as it comes',
        description: `${MANAGER_HINT} Server-sent events; with \`Last-Event-ID\` it goes on after that event.`,
        security,
        headers: headers.extend({ 'last-event-id': z.string().optional() }),
        querystring: auditFilterQuerySchema,
        response: { 200: { content: { 'text/event-stream': { schema: z.string() } } }, ...refusals },
      },
    },
    async (request, reply) => {
      const scope = await scopeOf(request);
      const sink = responseSink(reply.raw);
      const tail = await audit.tails.open(
        scope,
        request.query,
        lastEventId(request.headers['last-event-id']),
        {
          ...sink,
          write(text) {
            // Only now is it sure that the stream opens: until here it can be refused in the usual way.
            if (!reply.raw.headersSent) {
              reply.hijack();
              reply.raw.writeHead(200, {
                'content-type': 'text/event-stream; charset=utf-8',
                'cache-control': 'no-store',
                'x-accel-buffering': 'no',
                'x-request-id': request.id,
                [TIME_HEADER]: String(clock.now()),
              });
            }
            return sink.write(text);
          },
        },
      );
      request.raw.on('close', () => tail.close());
      if (request.raw.destroyed) tail.close();
      return reply;
    },
  );

  const views = { security, headers, response: { 200: auditViewsSchema, ...refusals } };
  app.get(
    AUDIT_PATHS.views,
    { onRequest, schema: { summary: "The manager's saved views of the audit list", ...views } },
    async (request) => ({ views: await audit.views.list(await scopeOf(request)) }),
  );
  app.put(
    AUDIT_PATHS.views,
    {
      onRequest,
      schema: { summary: 'Save a view; the same name replaces it', ...views, body: auditViewWishSchema },
    },
    async (request) => ({ views: await audit.views.save(await scopeOf(request), request.body) }),
  );
  app.delete(
    AUDIT_PATHS.view,
    {
      onRequest,
      schema: { summary: 'Remove a saved view', ...views, params: z.object({ id: uuidSchema }) },
    },
    async (request) => ({ views: await audit.views.remove(await scopeOf(request), request.params.id) }),
  );

  app.get(
    AUDIT_PATHS.evidence,
    {
      onRequest,
      schema: {
        summary: 'Evidence: the store’s events of a time, with what proves them',
        description: `${MANAGER_HINT} JSON lines, to be checked by \`npm run verify -- FILE\`. Making it is itself an event of the list.`,
        security,
        headers,
        querystring: evidenceQuerySchema,
        response: { 200: { content: { 'application/x-ndjson': { schema: z.string() } } }, ...refusals },
      },
    },
    async (request, reply) => {
      const { storeId, staffId } = await scopeOf(request);
      const lines = audit.evidence({ storeId, staffId, ...request.query });
      // What it refuses is refused before the answer begins.
      const first = await lines.next();
      async function* all() {
        if (!first.done) yield first.value;
        yield* lines;
      }
      reply.header('content-type', 'application/x-ndjson; charset=utf-8');
      return reply.send(Readable.from(all()) as never);
    },
  );
}
