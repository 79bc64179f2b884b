/** Every refusal leaves in one shape: `wireErrorSchema`, with a code of `shared/errors-table.ts`. */
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { isDatabaseAway } from '../db/away.ts';

/** Fields whose refusal has a code of its own. */
const REFUSAL_BY_FIELD: Readonly<Record<string, () => SaksiError>> = {
  'headers/idempotency-key': () => new SaksiError('idempotency_key_missing'),
  'body/amount': () => new SaksiError('amount_invalid'),
  'body/code': () => new SaksiError('code_malformed', { params: { digits: '4–8' } }),
  'body/secret': () => new SaksiError('pairing_code_invalid'),
};

/** A policy's fields are named as in the document: `approvals.openMax`. */
const POLICY_FIELD = 'body/policy/';

/** Fastify's own refusals. Anything else below 500 is a request that we cannot read. */
const CODE_BY_FASTIFY_CODE: Readonly<Record<string, SaksiError['code']>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_NOT_FOUND: 'not_found',
};

export function installErrorHandling(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = toRefusal(error);
    if (refusal.http >= 500) request.log.error({ err: error }, refusal.code);
    else request.log.info({ refusal: refusal.code }, 'refused');
    return sendRefusal(reply, refusal);
  });
  app.setNotFoundHandler((_request, reply) => sendRefusal(reply, new SaksiError('not_found')));
}

export function sendRefusal(reply: FastifyReply, refusal: SaksiError): FastifyReply {
  const { seconds } = refusal.params;
  if (refusal.http === 429 && typeof seconds === 'number') reply.header('retry-after', String(seconds));
  // Written as text: a route's response schemas describe what it answers when it does not refuse.
  return reply
    .code(refusal.http)
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => String(body))
    .send(JSON.stringify({ error: refusal.toWire() }));
}

function toRefusal(error: FastifyError): SaksiError {
  if (error instanceof SaksiError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    // Says where, never what: the value may be a code or a phone number.
    const at = `${error.validationContext ?? 'request'}${error.validation[0]?.instancePath ?? ''}`;
    if (at.startsWith(POLICY_FIELD)) {
      const field = at.slice(POLICY_FIELD.length).replaceAll('/', '.');
      return new SaksiError('policy_invalid', { params: { at: field } });
    }
    return REFUSAL_BY_FIELD[at]?.() ?? new SaksiError('bad_request', { params: { at } });
  }
  const known = CODE_BY_FASTIFY_CODE[error.code];
  if (known !== undefined) return new SaksiError(known);
  if (isDatabaseAway(error)) return new SaksiError('not_ready', { cause: error });
  const status = error.statusCode ?? 500;
  return status < 500 ? new SaksiError('bad_request') : asSaksiError(error);
}
