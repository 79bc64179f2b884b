import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import {
  consentRequestSchema,
  customerEraseRequestSchema,
  customerExportRequestSchema,
  customerExportSchema,
  customerFileSchema,
  customerFindSchema,
  customerFoundSchema,
  customerStoresSchema,
  erasureSchema,
  PRIVACY_PATHS,
  reachRequestSchema,
} from '../../shared/privacy.ts';
import type { CustomerFiles, CustomersBy } from '../privacy/file.ts';
import type { PrivacyService } from '../privacy/service.ts';
import { createLimiter, type Limiter, takeFrom } from '../tills/limiter.ts';
import type { WebSession, WebSessions } from '../web/sessions.ts';
import { noted } from './noted.ts';
import { refusals } from './routes-tills.ts';
import { requireOwnPage, requireSession, sessionOf } from './web-auth.ts';

/** Of one session: all of a customer's data. */
const CALLS = { count: 30, windowMs: 600_000 } as const;
/** Of one session: looking customers up, a manager with a queue before them, and not a list of all of them. */
const LOOKS = { count: 120, windowMs: 600_000 } as const;

export interface PrivacyRoutesOptions {
  readonly sessions: WebSessions;
  readonly privacy: PrivacyService;
  readonly files: CustomerFiles;
  readonly clock: Clock;
}

/**
 * A store's customers, what they agreed to, and their data handed out and erased, from a page of the gateway itself: the
 * operator's, or a manager's for their store.
 */
export async function privacyRoutes(instance: FastifyInstance, options: PrivacyRoutesOptions): Promise<void> {
  const { sessions, privacy, files, clock } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const signedIn = requireSession(sessions);
  const calls = createLimiter(clock, CALLS);
  const looks = createLimiter(clock, LOOKS);

  app.get(
    PRIVACY_PATHS.stores,
    { onRequest: signedIn, schema: { hide: true, response: { 200: customerStoresSchema, ...refusals } } },
    (request) => files.stores(sessionOf(request as FastifyRequest)),
  );

  /** About a store's customers; noted by name with the store, never with a value. */
  function act<S extends z.ZodType<{ storeId: string }>, R extends z.ZodType>(
    path: string,
    { what, limit = calls, body, answer }: { what: string; limit?: Limiter; body: S; answer: R },
    work: (input: z.output<S>, by: CustomersBy) => Promise<z.input<R>>,
  ): void {
    app.post(
      path,
      {
        onRequest: [requireOwnPage, signedIn],
        schema: { hide: true, body, response: { 200: answer as z.ZodType, ...refusals } },
      },
      async (request) => {
        const session = sessionOf(request as FastifyRequest);
        const input = request.body as z.output<S>;
        const by = byOf(session, input.storeId);
        takeFrom(limit, session.id);
        const note = { sessionId: session.id, what, detail: input.storeId };
        return noted(sessions, note, () => work(input, by));
      },
    );
  }

  act(
    PRIVACY_PATHS.find,
    { what: 'customer find', limit: looks, body: customerFindSchema, answer: customerFoundSchema },
    async ({ storeId, q }) => ({ customers: await files.find(storeId, q) }),
  );
  act(
    PRIVACY_PATHS.view,
    { what: 'customer view', limit: looks, body: customerExportRequestSchema, answer: customerFileSchema },
    ({ storeId, customer }) => files.read(storeId, customer),
  );
  act(
    PRIVACY_PATHS.consent,
    { what: 'customer consent', limit: looks, body: consentRequestSchema, answer: customerFileSchema },
    (request, by) => files.setConsent(request, by),
  );
  act(
    PRIVACY_PATHS.reach,
    { what: 'customer reach', limit: looks, body: reachRequestSchema, answer: customerFileSchema },
    (request) => files.setReach(request),
  );
  act(
    PRIVACY_PATHS.export,
    { what: 'customer export', body: customerExportRequestSchema, answer: customerExportSchema },
    ({ storeId, customer }) => privacy.export(storeId, customer),
  );
  act(
    PRIVACY_PATHS.erase,
    { what: 'customer erase', body: customerEraseRequestSchema, answer: erasureSchema },
    (wish, { role, staffId }) => {
      // Nobody gives another manager's word but the operator, at whose desk that manager types it.
      if (wish.force !== undefined && staffId !== null && wish.force.staffId !== staffId)
        throw new SaksiError('role_not_allowed');
      return privacy.erase(wish, role);
    },
  );
}

/** Of a store's customers its managers may speak, and the operator. @throws SaksiError role_not_allowed */
function byOf({ role, outlets }: WebSession, storeId: string): CustomersBy {
  if (role === 'operator') return { role, staffId: null };
  const outlet = outlets.find((one) => one.storeId === storeId);
  if (outlet?.role !== 'manager') throw new SaksiError('role_not_allowed');
  return { role: 'manager', staffId: outlet.staffId };
}
