/** The paths that Meta serves. Everything else under a version is refused in Meta's shape. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../../shared/effects.ts';
import { GraphError, unknownObject, unknownPath } from './graph-error.ts';
import { tierOf } from './payloads.ts';
import { readSendRequest } from './send-request.ts';
import { listedTemplate, readTemplate } from './templates.ts';
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
const VERSION = /^v\d{1,3}\.\d{1,2}$/;

type Parts = { world: World; clock: Clock; requests: RequestLogEntry[]; accessToken: string };
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
    authorize(request, parts.accessToken);
    if (request.params.id !== world.account.phoneNumberId) throw unknownObject(request.params.id, 'post');
    world.rateLimits.takeThroughput(request.params.id);
    const { answer } = world.accept(readSendRequest(request.body));
    return send(request, reply, answer);
  });

  app.get<{ Params: Params; Querystring: { fields?: string } }>('/:version/:id', async (request, reply) => {
    authorize(request, parts.accessToken);
    if (request.params.id !== world.account.phoneNumberId) throw unknownObject(request.params.id, 'get');
    const asked = (request.query.fields ?? 'display_phone_number').split(',');
    const fields = Object.entries(numberFields(world)).filter(([name]) => asked.includes(name));
    return send(request, reply, { ...Object.fromEntries(fields), id: request.params.id });
  });

  app.get<{ Params: Params; Querystring: { name?: string } }>(
    '/:version/:id/message_templates',
    async (request, reply) => {
      authorize(request, parts.accessToken);
      if (request.params.id !== world.account.wabaId) throw unknownObject(request.params.id, 'get');
      const { name } = request.query;
      const found = [...world.templates.values()].filter((it) => name === undefined || it.name === name);
      return send(request, reply, { data: found.map(listedTemplate), paging: {} });
    },
  );

  app.post<{ Params: Params }>('/:version/:id/message_templates', async (request, reply) => {
    authorize(request, parts.accessToken);
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

function numberFields({ account, rateLimits }: World): Record<string, unknown> {
  const { dailyPeople, throughputPerSecond } = rateLimits.limits;
  return {
    display_phone_number: account.displayPhoneNumber,
    verified_name: account.businessName,
    quality_rating: 'GREEN',
    throughput: { level: throughputPerSecond >= 1000 ? 'HIGH' : 'STANDARD' },
    whatsapp_business_manager_messaging_limit: dailyPeople === null ? 'TIER_UNLIMITED' : tierOf(dailyPeople),
  };
}

/** @throws GraphError 2500 for no such version, 190 for a missing or wrong token */
function authorize(request: FastifyRequest, accessToken: string): void {
  if (!VERSION.test((request.params as Params).version)) throw unknownPath(request.url);
  const { authorization } = request.headers;
  if (authorization === undefined) {
    throw new GraphError(104, {
      message: 'An access token is required to request this resource.',
      httpStatus: 401,
    });
  }
  const given = Buffer.from(authorization);
  const wanted = Buffer.from(`Bearer ${accessToken}`);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new GraphError(190, {
    message: 'Invalid OAuth access token - Cannot parse access token',
    httpStatus: 401,
  });
}

/** Fastify's own refusals: not JSON, too large, wrong content type. */
function fromFastify(error: FastifyError): GraphError {
  const status = error.statusCode ?? 500;
  if (status >= 500) return new GraphError(131000, { details: error.message });
  return new GraphError(100, { message: `(#100) ${error.message}`, httpStatus: status });
}
