import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '../../shared/effects.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import {
  customerEraseRequestSchema,
  customerExportRequestSchema,
  customerExportSchema,
  erasureSchema,
  PRIVACY_PATHS,
} from '../../shared/privacy.ts';
import type { PrivacyService } from '../privacy/service.ts';
import { createLimiter } from '../tills/limiter.ts';
import type { WebSessions } from '../web/sessions.ts';
import { refusals } from './routes-tills.ts';
import { requireOwnPage, requireSession, sessionOf } from './web-auth.ts';

/** Of one session: nobody looks customers up here. */
const CALLS = { count: 30, windowMs: 600_000 } as const;

export interface PrivacyRoutesOptions {
  readonly sessions: WebSessions;
  readonly privacy: PrivacyService;
  readonly clock: Clock;
}

/** Customers' data handed out and erased, from a page of the gateway itself: the operator's, or a manager's for their store. */
export async function privacyRoutes(instance: FastifyInstance, options: PrivacyRoutesOptions): Promise<void> {
  const { sessions, privacy, clock } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = [requireOwnPage, requireSession(sessions)];
  const calls = createLimiter(clock, CALLS);

  /** Noted by name with the store, never with a value. */
  async function noted<T>(
    request: FastifyRequest,
    what: string,
    storeId: string,
    act: () => Promise<T>,
  ): Promise<T> {
    const session = sessionOf(request);
    if (session.role !== 'operator' && session.storeId !== storeId) throw new SaksiError('role_not_allowed');
    const seconds = calls.attempt(session.id);
    if (seconds > 0) throw new SaksiError('too_many_requests', { params: { seconds } });
    try {
      const result = await act();
      await sessions.note(session.id, what, storeId);
      return result;
    } catch (error) {
      await sessions.note(session.id, what, `refused: ${asSaksiError(error).code}`);
      throw error;
    }
  }

  app.post(
    PRIVACY_PATHS.export,
    {
      onRequest,
      schema: {
        hide: true,
        body: customerExportRequestSchema,
        response: { 200: customerExportSchema, ...refusals },
      },
    },
    (request) =>
      noted(request as FastifyRequest, 'customer export', request.body.storeId, () =>
        privacy.export(request.body.storeId, request.body.customer),
      ),
  );

  app.post(
    PRIVACY_PATHS.erase,
    {
      onRequest,
      schema: { hide: true, body: customerEraseRequestSchema, response: { 200: erasureSchema, ...refusals } },
    },
    (request) =>
      noted(request as FastifyRequest, 'customer erase', request.body.storeId, () =>
        privacy.erase(request.body, sessionOf(request as FastifyRequest).role),
      ),
  );
}
