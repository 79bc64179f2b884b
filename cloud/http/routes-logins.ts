import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { IDEMPOTENCY_HEADER } from '../../shared/gateway-api.ts';
import { idempotencyKeySchema } from '../../shared/ids.ts';
import { LOGIN_PATHS, loginAnswerSchema, loginRequestSchema, loginVerifySchema } from '../../shared/login.ts';
import { type LoginService, placeOfTill } from '../logins/service.ts';
import type { TillService } from '../tills/service.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { idempotencyKeyOf, requireTill, tillOf } from './till-auth.ts';

export interface LoginRoutesOptions {
  readonly tills: TillService;
  readonly logins: LoginService;
}

/** Codes at sign-in. */
export async function loginRoutes(
  instance: FastifyInstance,
  { tills, logins }: LoginRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);
  const headers = z.looseObject({ [IDEMPOTENCY_HEADER]: idempotencyKeySchema });
  const params = z.object({ id: z.string().max(64) });
  const response = { 200: loginAnswerSchema, ...refusals };

  app.post(
    LOGIN_PATHS.logins,
    {
      onRequest,
      schema: {
        summary: 'Send a code to a member of staff who gave the right PIN',
        description: 'While they have an unused one for this till, it goes on with that.',
        ...{ security, headers, response },
        body: loginRequestSchema,
      },
    },
    (request) => logins.create(placeOfTill(tillOf(request)), idempotencyKeyOf(request), request.body.staffId),
  );

  app.get(
    LOGIN_PATHS.login,
    { onRequest, schema: { summary: 'How a sign-in stands', ...{ security, params, response } } },
    (request) => logins.get(placeOfTill(tillOf(request)), request.params.id),
  );

  app.post(
    LOGIN_PATHS.verify,
    {
      onRequest,
      schema: {
        summary: 'Check a code at sign-in',
        description: 'A right one may remember this till for the person, by policy.',
        ...{ security, headers, params, response },
        body: loginVerifySchema,
      },
    },
    (request) =>
      logins.verify(placeOfTill(tillOf(request)), request.params.id, idempotencyKeyOf(request), request.body),
  );

  app.post(
    LOGIN_PATHS.resend,
    {
      onRequest,
      schema: { summary: 'Send another code', ...{ security, headers, params, response } },
    },
    (request) => logins.resend(placeOfTill(tillOf(request)), request.params.id, idempotencyKeyOf(request)),
  );
}
