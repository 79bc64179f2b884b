import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import {
  accountQuerySchema,
  assignSchema,
  checkSchema,
  newAccountAnswerSchema,
  newAccountSchema,
  nothingSchema,
  registerSchema,
  SETUP_PATHS,
  setupSettingsSchema,
  setupStateSchema,
  shareCreditSchema,
  signInSchema,
  signupSchema,
  testMessageSchema,
  webSessionSchema,
} from '../../shared/setup-api.ts';
import type { SetupService } from '../setup/service.ts';
import type { Setups } from '../setup/setups.ts';
import { createLimiter, takeFrom } from '../tills/limiter.ts';
import { browserName } from '../web/browser-name.ts';
import { SESSION_TTL_MS, type WebSessions } from '../web/sessions.ts';
import { noted } from './noted.ts';
import { refusals } from './routes-tills.ts';
import { requireOwnPage, requireSession, sessionOf, setCookie } from './web-auth.ts';

/** Wrong links from one address. The links have 256 random bits: this is for the log's and the database's sake. */
const SIGN_IN = { count: 10, windowMs: 300_000 } as const;
/** Changes and checks of one session: each may be several calls to Meta. */
const CHANGES = { count: 60, windowMs: 60_000 } as const;
/** Meta takes ten registrations of a number in 72 hours; wrong PINs count. */
const REGISTRATIONS = { count: 5, windowMs: 3_600_000 } as const;
/** They cost money, and go to whoever the number belongs to. */
const TEST_MESSAGES = { count: 6, windowMs: 600_000 } as const;

export interface SetupRoutesOptions {
  readonly sessions: WebSessions;
  readonly setups: Setups;
  readonly clock: Clock;
}

/** What the gateway's own pages ask: signing in, and setting the WhatsApp account up. */
export async function setupRoutes(instance: FastifyInstance, options: SetupRoutesOptions): Promise<void> {
  const { sessions, setups, clock } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const signedIn = requireSession(sessions);
  const signIns = createLimiter(clock, SIGN_IN);
  const changes = createLimiter(clock, CHANGES);
  const registrations = createLimiter(clock, REGISTRATIONS);
  const testMessages = createLimiter(clock, TEST_MESSAGES);

  app.post(
    SETUP_PATHS.signIn,
    {
      onRequest: requireOwnPage,
      schema: { hide: true, body: signInSchema, response: { 200: webSessionSchema, ...refusals } },
    },
    async (request, reply) => {
      takeFrom(signIns, request.ip);
      const { token, session } = await sessions.signIn(
        request.body.token,
        browserName(request.headers['user-agent']),
      );
      signIns.forgive(request.ip);
      setCookie(request, reply, token, SESSION_TTL_MS / 1000);
      return { role: session.role, expiresAt: session.expiresAt };
    },
  );

  app.get(
    SETUP_PATHS.session,
    { onRequest: signedIn, schema: { hide: true, response: { 200: webSessionSchema, ...refusals } } },
    async (request) => {
      const { role, expiresAt } = sessionOf(request);
      return { role, expiresAt };
    },
  );

  app.post(
    SETUP_PATHS.signOut,
    {
      onRequest: [requireOwnPage, signedIn],
      schema: { hide: true, body: nothingSchema, response: { 200: z.object({}), ...refusals } },
    },
    async (request, reply) => {
      await sessions.signOut(sessionOf(request).id);
      setCookie(request, reply, '', 0);
      return {};
    },
  );

  app.get(
    SETUP_PATHS.state,
    {
      onRequest: [signedIn, operatorOnly],
      schema: {
        hide: true,
        querystring: accountQuerySchema,
        response: { 200: setupStateSchema, ...refusals },
      },
    },
    async (request) => (await setups.of(request.query.account)).state(),
  );

  /** A change: noted by name, never with a value, and answered with how everything stands after it. */
  function change<S extends z.ZodType>(
    path: string,
    body: S,
    act: (setup: SetupService, input: z.output<S>, account: string) => Promise<void>,
    detailOf: (input: z.output<S>) => string | undefined = () => undefined,
  ): void {
    app.post(
      path,
      {
        onRequest: [requireOwnPage, signedIn, operatorOnly],
        schema: {
          hide: true,
          body,
          querystring: accountQuerySchema,
          response: { 200: setupStateSchema, ...refusals },
        },
      },
      async (request) => {
        const { id } = sessionOf(request);
        const { account } = request.query;
        const setup = await setups.of(account);
        const input = request.body as z.output<S>;
        takeFrom(changes, id);
        const what = path.slice(path.lastIndexOf('/') + 1);
        const note = { sessionId: id, what, detail: detailOf(input) };
        await noted(sessions, note, () => act(setup, input, account));
        return setup.state();
      },
    );
  }

  change(
    SETUP_PATHS.settings,
    setupSettingsSchema,
    (setup, input) => setup.save(input),
    (input) => Object.keys(input).join(','),
  );
  change(
    SETUP_PATHS.check,
    checkSchema,
    (setup, { step }) => setup.check(step),
    ({ step }) => step,
  );
  change(SETUP_PATHS.connectWebhook, nothingSchema, (setup) => setup.connectWebhook());
  change(SETUP_PATHS.subscribe, nothingSchema, (setup) => setup.subscribe());
  change(SETUP_PATHS.register, registerSchema, (setup, { pin }, account) => {
    takeFrom(registrations, account);
    return setup.register(pin);
  });
  change(SETUP_PATHS.submitTemplates, nothingSchema, (setup) => setup.submitTemplates());
  change(SETUP_PATHS.testMessage, testMessageSchema, (setup, { to, language }, account) => {
    takeFrom(testMessages, account);
    return setup.sendTest(to, language);
  });
  change(SETUP_PATHS.forgetToken, nothingSchema, (setup) => setup.forgetToken());
  change(SETUP_PATHS.signup, signupSchema, (setup, given) => setup.signup(given));
  change(SETUP_PATHS.shareCredit, shareCreditSchema, (setup, given) => setup.shareCredit(given));
  change(
    SETUP_PATHS.assign,
    assignSchema,
    (_setup, { storeId, account }) => setups.assign(storeId, account),
    ({ storeId, account }) => `${storeId} ${account}`,
  );

  app.post(
    SETUP_PATHS.accounts,
    {
      onRequest: [requireOwnPage, signedIn, operatorOnly],
      schema: { hide: true, body: newAccountSchema, response: { 200: newAccountAnswerSchema, ...refusals } },
    },
    async (request) => {
      const { id } = sessionOf(request);
      takeFrom(changes, id);
      const { name } = request.body;
      const note = { sessionId: id, what: 'accounts', detail: name };
      return { account: await noted(sessions, note, () => setups.add(name)) };
    },
  );
}

/** A store's staff have pages of their own; accounts are the gateway's. */
async function operatorOnly(request: FastifyRequest): Promise<void> {
  if (sessionOf(request).role !== 'operator') throw new SaksiError('role_not_allowed');
}
