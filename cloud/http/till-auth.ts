import type { FastifyRequest } from 'fastify';
import { SaksiError } from '../../shared/errors.ts';
import { IDEMPOTENCY_HEADER } from '../../shared/gateway-api.ts';
import { idempotencyKeySchema } from '../../shared/ids.ts';
import type { AuthenticatedTill, TillService } from '../tills/service.ts';

const BEARER = /^Bearer ([\x21-\x7e]{1,128})$/i;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireTill`. */
    till: AuthenticatedTill | null;
  }
}

/** A hook for routes that only a paired till may call (RFC 6750, section 2.1). */
export function requireTill(tills: TillService) {
  return async (request: FastifyRequest): Promise<void> => {
    const tillKey = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (tillKey === undefined) throw new SaksiError('unauthorised');
    request.till = await tills.authenticate(tillKey);
  };
}

/** The till that `requireTill` recognised. */
export function tillOf(request: FastifyRequest): AuthenticatedTill {
  if (request.till === null) throw new SaksiError('unauthorised');
  return request.till;
}

/** @throws SaksiError idempotency_key_missing, as the route's schema does */
export function idempotencyKeyOf(request: FastifyRequest): string {
  const parsed = idempotencyKeySchema.safeParse(request.headers[IDEMPOTENCY_HEADER]);
  if (!parsed.success) throw new SaksiError('idempotency_key_missing');
  return parsed.data;
}
