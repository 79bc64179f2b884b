import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import {
  byStaffSchema,
  byTillSchema,
  enrolmentSchema,
  newCashierSchema,
  newTillSchema,
  pairingSchema,
  SHOP_PATHS,
  shopDeskSchema,
} from '../../shared/shop-desk.ts';
import type { ShopDesks } from '../shop/desk.ts';
import { createLimiter, takeFrom } from '../tills/limiter.ts';
import type { WebSessions } from '../web/sessions.ts';
import type { ManagerDoor } from './manager-door.ts';
import { noted } from './noted.ts';
import { refusals } from './routes-tills.ts';
import { sessionOf } from './web-auth.ts';

/** Of one session. */
const CHANGES = { count: 60, windowMs: 600_000 } as const;

export interface ShopDeskRoutesOptions {
  /** Of the gateway's own pages. */
  readonly door: ManagerDoor;
  readonly desks: ShopDesks;
  readonly sessions: Pick<WebSessions, 'note'>;
  readonly clock: Clock;
}

/** Tills, people and the history of the rules, for managers. */
export async function shopDeskRoutes(
  instance: FastifyInstance,
  { door, desks, sessions, clock }: ShopDeskRoutesOptions,
): Promise<void> {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { onRequest, scopeOf } = door;
  const changes = createLimiter(clock, CHANGES);

  app.get(
    SHOP_PATHS.desk,
    { onRequest, schema: { hide: true, response: { 200: shopDeskSchema, ...refusals } } },
    async (request) => desks.read((await scopeOf(request as FastifyRequest)).storeId),
  );

  /** Noted by name with the store, never with a value. */
  function change<S extends z.ZodType, R extends z.ZodType>(
    path: string,
    { what, body, answer }: { what: string; body: S; answer: R },
    work: (storeId: string, input: z.output<S>) => Promise<z.input<R>>,
  ): void {
    app.post(
      path,
      { onRequest, schema: { hide: true, body, response: { 200: answer as z.ZodType, ...refusals } } },
      async (request) => {
        const { storeId } = await scopeOf(request as FastifyRequest);
        const { id } = sessionOf(request as FastifyRequest);
        takeFrom(changes, id);
        return noted(sessions, { sessionId: id, what, detail: storeId }, () =>
          work(storeId, request.body as z.output<S>),
        );
      },
    );
  }
  /** Answered with how the shop stands after it. */
  const then =
    <I>(work: (storeId: string, input: I) => Promise<void>) =>
    async (storeId: string, input: I) => {
      await work(storeId, input);
      return desks.read(storeId);
    };
  const desk = shopDeskSchema;
  change(
    SHOP_PATHS.tills,
    { what: 'till add', body: newTillSchema, answer: pairingSchema },
    (storeId, { name }) => desks.addTill(storeId, name),
  );
  change(
    SHOP_PATHS.pair,
    { what: 'till pair', body: byTillSchema, answer: pairingSchema },
    (storeId, { tillId }) => desks.pairTill(storeId, tillId),
  );
  change(
    SHOP_PATHS.revoke,
    { what: 'till revoke', body: byTillSchema, answer: desk },
    then((storeId, { tillId }: z.output<typeof byTillSchema>) => desks.revokeTill(storeId, tillId)),
  );
  change(
    SHOP_PATHS.cashiers,
    { what: 'cashier add', body: newCashierSchema, answer: desk },
    then(desks.addCashier),
  );
  change(
    SHOP_PATHS.leave,
    { what: 'cashier remove', body: byStaffSchema, answer: desk },
    then((storeId, { staffId }: z.output<typeof byStaffSchema>) => desks.removeCashier(storeId, staffId)),
  );
  change(
    SHOP_PATHS.enrol,
    { what: 'staff enrol', body: byStaffSchema, answer: enrolmentSchema },
    (storeId, { staffId }) => desks.enrol(storeId, staffId),
  );
  change(
    SHOP_PATHS.forget,
    { what: 'staff forget', body: byStaffSchema, answer: desk },
    then((storeId, { staffId }: z.output<typeof byStaffSchema>) => desks.forget(storeId, staffId)),
  );
}
