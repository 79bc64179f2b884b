/** The paths that Meta serves. Everything else under a version is refused in Meta's shape. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../../shared/effects.ts';
import { type Access, authorize } from './access.ts';
import { GraphError, unknownObject, unknownPath } from './graph-error.ts';
import { readSendRequest } from './send-request.ts';
import { listedTemplate, readTemplate, type SimTemplate } from './templates.ts';
import type { World } from './world.ts';

export type RequestLogEntry = {
  atMs: number;
  method: string;
  path: string;
  status: number;
  errorCode: number | undefined;
  /** As received: with the code in it. It stays in memory. */
  body: unknown;
};

const REQUESTS_MAX = 1_000;
/** Of one page where the caller names no limit. */
const PAGE_SIZE = 25;
const PAGE_SIZE_MAX = 1000;

type Parts = { world: World; clock: Clock; requests: RequestLogEntry[]; access: Access };
type Params = { version: string; id: string };

export function registerGraph(app: FastifyInstance, parts: Parts): void {
  const { world } = parts;
  let answers = 0;

  app.setErrorHandler((error: FastifyError | GraphError, request, reply) => {
    const graphError = error instanceof GraphError ? error : fromFastify(error);
    answers += 1;
    log(request, graphError.httpStatus, graphError.code);
    return reply.code(graphError.httpStatus).send(graphError.toBody(`${request.url}#${answers}`));
  });
  app.setNotFoundHandler((request) => {
    throw unknownPath(request.url.split('?')[0] ?? '/');
  });

  app.post<{ Params: Params }>('/:version/:id/messages', async (request, reply) => {
    authorize(request, parts.access);
    if (request.params.id !== world.account.phoneNumberId) throw unknownObject(request.params.id, 'post');
    world.rateLimits.takeThroughput(request.params.id);
    const { answer } = world.accept(readSendRequest(request.body));
    return send(request, reply, answer);
  });

  app.get<{ Params: Params; Querystring: { name?: string; limit?: string; after?: string } }>(
    '/:version/:id/message_templates',
    async (request, reply) => {
      authorize(request, parts.access);
      if (request.params.id !== world.account.wabaId) throw unknownObject(request.params.id, 'get');
      const { name } = request.query;
      const found = [...world.templates.values()].filter((it) => name === undefined || it.name === name);
      return send(request, reply, pageOf(found, request.query, request.url));
    },
  );

  app.post<{ Params: Params }>('/:version/:id/message_templates', async (request, reply) => {
    authorize(request, parts.access);
    if (request.params.id !== world.account.wabaId) throw unknownObject(request.params.id, 'post');
    const template = readTemplate(
      request.body,
      String(800_000_000_000_001 + world.templates.size),
      'PENDING',
    );
    const key = `${template.name}/${template.language}`;
    if (world.templates.has(key)) {
      throw new GraphError(100, {
        message: 'Invalid parameter',
        subcode: 2388024,
        details: 'Content in this language already exists.',
      });
    }
    world.templates.set(key, template);
    // Taken as pending; a reviewer (POST /_sim/templates/…) decides, and a webhook tells.
    return send(request, reply, { id: template.id, status: template.status, category: template.category });
  });

  function send(request: FastifyRequest, reply: FastifyReply, body: object): FastifyReply {
    log(request, 200, undefined);
    return reply
      .code(200)
      .header('facebook-api-version', (request.params as Params).version)
      .send(body);
  }

  function log(request: FastifyRequest, status: number, errorCode: number | undefined): void {
    const path = request.url.split('?')[0] ?? '/';
    if (path.startsWith('/_sim/')) return;
    const { method, body } = request;
    parts.requests.push({ atMs: parts.clock.now(), method, path, status, errorCode, body });
    if (parts.requests.length > REQUESTS_MAX) parts.requests.shift();
  }
}

/** As Meta pages: an opaque cursor, and `next` only where there is more. */
function pageOf(
  found: readonly SimTemplate[],
  query: { limit?: string; after?: string },
  url: string,
): object {
  const limit = Math.min(PAGE_SIZE_MAX, Number(query.limit ?? PAGE_SIZE));
  const from = query.after === undefined ? 0 : Number(Buffer.from(query.after, 'base64url').toString()) + 1;
  if (!Number.isInteger(limit) || limit < 1 || !Number.isInteger(from)) {
    throw new GraphError(100, { message: '(#100) Invalid parameter' });
  }
  const page = found.slice(from, from + limit);
  const cursor = (index: number) => Buffer.from(String(index)).toString('base64url');
  const after = cursor(from + page.length - 1);
  const more = from + page.length < found.length;
  const cursors = { before: cursor(from), after };
  const next = `https://graph.facebook.com${url.split('?')[0]}?limit=${limit}&after=${after}`;
  return {
    data: page.map(listedTemplate),
    paging: page.length === 0 ? {} : { cursors, ...(more ? { next } : {}) },
  };
}

/** Fastify's own refusals: not JSON, too large, wrong content type. */
function fromFastify(error: FastifyError): GraphError {
  const status = error.statusCode ?? 500;
  if (status >= 500) return new GraphError(131000, { details: error.message });
  return new GraphError(100, { message: `(#100) ${error.message}`, httpStatus: status });
}
