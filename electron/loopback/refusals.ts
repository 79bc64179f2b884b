import type { FastifyError, FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { asSaksiError, SaksiError, type WireError } from '../../shared/errors.ts';
import type { ServerLog } from './log.ts';

/** The refusal of an input outside its schema: `amount_invalid` where only the amount is wrong, else `bad_request`. */
export function refusalOfInput(paths: readonly (readonly PropertyKey[])[], cause: unknown): SaksiError {
  const fields = [...new Set(paths.map((path) => path.map(String).join('.')))];
  if (fields.length > 0 && fields.every((field) => field === 'amount')) {
    return new SaksiError('amount_invalid', { cause });
  }
  const field = fields[0] ?? '';
  return new SaksiError('bad_request', { ...(field === '' ? {} : { params: { field } }), cause });
}

/** `value` through `schema`, or the refusal of `refusalOfInput`. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusalOfInput(
    parsed.error.issues.map((issue) => issue.path),
    parsed.error,
  );
}

/** Whatever a handler or Fastify itself threw, as one of ours. */
function refusalOf(error: unknown): SaksiError {
  if (error instanceof SaksiError) return error;
  const { statusCode } = error as Partial<FastifyError>;
  if (statusCode === 413) return new SaksiError('body_too_large', { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new SaksiError('bad_request', { cause: error });
  }
  return asSaksiError(error);
}

/** Answers every refusal of `app` with its status and `body`; only what we did not expect is logged with its cause. */
export function answerRefusals(
  app: FastifyInstance,
  log: ServerLog,
  body: (error: WireError) => object = (error) => ({ error }),
): void {
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    const details = { route: request.routeOptions.url, code: refusal.code };
    if (refusal.code === 'internal') log.error({ ...details, err: error }, 'request failed');
    else log.info(details, 'request refused');
    const { seconds } = refusal.params;
    if (refusal.http === 429 && seconds !== undefined) reply.header('retry-after', String(seconds));
    return reply.code(refusal.http).send(body(refusal.toWire()));
  });
  app.setNotFoundHandler((_request, reply) => {
    const refusal = new SaksiError('not_found');
    return reply.code(refusal.http).send(body(refusal.toWire()));
  });
}
