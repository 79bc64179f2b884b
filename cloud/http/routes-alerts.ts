import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Kysely } from 'kysely';
import {
  ALERTS_PATHS,
  alertListSchema,
  alertsSeenSchema,
  alertsWaitingSchema,
  digestQuerySchema,
  digestSchema,
} from '../../shared/alerts.ts';
import type { Clock } from '../../shared/effects.ts';
import type { Alerts } from '../alerts/alerts.ts';
import { digestOf, yesterdayOf } from '../alerts/digest.ts';
import type { AuditService } from '../audit/service.ts';
import type { Database } from '../db/schema.ts';
import type { TillService } from '../tills/service.ts';
import { managerHeaders as headers, MANAGER_HINT, managerOf } from './manager-auth.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';
import { requireTill, tillOf } from './till-auth.ts';

export interface AlertRoutesOptions {
  readonly tills: TillService;
  readonly audit: Pick<AuditService, 'access'>;
  readonly alerts: Alerts;
  readonly db: Kysely<Database>;
  readonly clock: Clock;
}

/** What managers are told of, and their store's days in figures. */
export async function alertRoutes(
  instance: FastifyInstance,
  { tills, audit: { access }, alerts, db, clock }: AlertRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const onRequest = requireTill(tills);
  const listed = { security, headers, response: { 200: alertListSchema, ...refusals } };

  app.get(
    ALERTS_PATHS.waiting,
    {
      onRequest,
      schema: {
        summary: 'How many alerts nobody has acknowledged',
        description: 'A till shows it to managers only.',
        security,
        response: { 200: alertsWaitingSchema, ...refusals },
      },
    },
    async (request) => ({ count: await alerts.waiting(tillOf(request).storeId) }),
  );

  app.get(
    ALERTS_PATHS.list,
    {
      onRequest,
      schema: { summary: 'Alerts that nobody has acknowledged', description: MANAGER_HINT, ...listed },
    },
    async (request) => ({ alerts: await alerts.list(await managerOf(access, request)) }),
  );

  app.post(
    ALERTS_PATHS.acknowledge,
    {
      onRequest,
      schema: {
        summary: 'Acknowledge alerts; the answer has those that are left',
        description: MANAGER_HINT,
        ...listed,
        body: alertsSeenSchema,
      },
    },
    async (request) => ({
      alerts: await alerts.acknowledge(await managerOf(access, request), request.body.ids),
    }),
  );

  app.get(
    ALERTS_PATHS.digest,
    {
      onRequest,
      schema: {
        summary: "A day of the store's calendar in figures",
        description: `${MANAGER_HINT} Without \`day\`, yesterday.`,
        security,
        headers,
        querystring: digestQuerySchema,
        response: { 200: digestSchema, ...refusals },
      },
    },
    async (request) => {
      const { storeId } = await managerOf(access, request);
      const store = await db
        .selectFrom('stores')
        .select(['id', 'timezone', 'currency'])
        .where('id', '=', storeId)
        .executeTakeFirstOrThrow();
      return digestOf(db, store, request.query.day ?? yesterdayOf(store.timezone, clock.now()));
    },
  );
}
