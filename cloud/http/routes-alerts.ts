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
import type { Database } from '../db/schema.ts';
import { managerHeaders as headers, MANAGER_HINT } from './manager-auth.ts';
import type { ManagerDoor } from './manager-door.ts';
import { refusals, tillSecurity as security } from './routes-tills.ts';

export interface AlertRoutesOptions {
  readonly door: ManagerDoor;
  readonly alerts: Alerts;
  readonly db: Kysely<Database>;
  readonly clock: Clock;
}

/** What managers are told of, and their store's days in figures. */
export async function alertRoutes(
  instance: FastifyInstance,
  { door, alerts, db, clock }: AlertRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { onRequest, scopeOf, storeOf } = door;
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
    async (request) => ({ count: await alerts.waiting(storeOf(request)) }),
  );

  app.get(
    ALERTS_PATHS.list,
    {
      onRequest,
      schema: { summary: 'Alerts that nobody has acknowledged', description: MANAGER_HINT, ...listed },
    },
    async (request) => ({ alerts: await alerts.list(await scopeOf(request)) }),
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
      alerts: await alerts.acknowledge(await scopeOf(request), request.body.ids),
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
      const { storeId } = await scopeOf(request);
      const store = await db
        .selectFrom('stores')
        .select(['id', 'timezone', 'currency'])
        .where('id', '=', storeId)
        .executeTakeFirstOrThrow();
      return digestOf(db, store, request.query.day ?? yesterdayOf(store.timezone, clock.now()));
    },
  );
}
