import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../../shared/effects.ts';
import {
  newPasskeySchema,
  passkeyAnswerSchema,
  passkeyOptionsSchema,
  WEB_PATHS,
  webAccountSchema,
  webChallengeSchema,
  webCodeSchema,
  webDeskSchema,
  webIdSchema,
  webPasswordSetSchema,
  webPasswordSignInSchema,
  webWaitingSchema,
} from '../../shared/web-api.ts';
import { createLimiter, takeFrom } from '../tills/limiter.ts';
import type { WebAccounts } from '../web/account.ts';
import { browserName } from '../web/browser-name.ts';
import type { Site } from '../web/passkeys.ts';
import { SESSION_TTL_MS, type WebSession, type WebSessions } from '../web/sessions.ts';
import type { WebSignIn } from '../web/sign-in.ts';
import { noted } from './noted.ts';
import { refusals } from './routes-tills.ts';
import { requireOwnPage, requireSession, sessionOf, setCookie } from './web-auth.ts';

/** Refused ones of one address: a slow hash each. What a right one costs, a code, has limits of its own. */
const SIGN_INS = { count: 30, windowMs: 300_000 } as const;
/** Of one address, while codes are waited for and typed. */
const STEPS = { count: 300, windowMs: 300_000 } as const;
/** Of one session. */
const CHANGES = { count: 30, windowMs: 300_000 } as const;

export interface WebRoutesOptions {
  readonly sessions: WebSessions;
  readonly signIn: WebSignIn;
  readonly accounts: WebAccounts;
  readonly clock: Clock;
}

/** How managers and supervisors sign in to the gateway's own pages, and what they are signed in with. */
export async function webRoutes(instance: FastifyInstance, options: WebRoutesOptions): Promise<void> {
  const { sessions, signIn, accounts, clock } = options;
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const signIns = createLimiter(clock, SIGN_INS);
  const steps = createLimiter(clock, STEPS);
  const changes = createLimiter(clock, CHANGES);
  const signedIn = requireSession(sessions);

  /** Before anybody is signed in. */
  function step<S extends z.ZodType, R extends z.ZodType>(
    path: string,
    { body, answer, limit = steps }: { body: S; answer: R; limit?: typeof steps },
    work: (input: z.output<S>, site: Site) => Promise<z.input<R>>,
  ): void {
    app.post(
      path,
      {
        onRequest: requireOwnPage,
        schema: { hide: true, body, response: { 200: answer as z.ZodType, ...refusals } },
      },
      async (request) => {
        takeFrom(limit, request.ip);
        const answered = await work(request.body as z.output<S>, siteOf(request as FastifyRequest));
        limit.forgive(request.ip);
        return answered;
      },
    );
  }
  const waiting = { body: webWaitingSchema, answer: webChallengeSchema };
  step(
    WEB_PATHS.password,
    { body: webPasswordSignInSchema, answer: webChallengeSchema, limit: signIns },
    (given) => signIn.password(given),
  );
  step(WEB_PATHS.passkeyOptions, { body: z.strictObject({}), answer: passkeyOptionsSchema }, (_, site) =>
    signIn.passkeyOptions(site),
  );
  step(
    WEB_PATHS.passkey,
    { body: passkeyAnswerSchema, answer: webChallengeSchema, limit: signIns },
    (answer, site) => signIn.passkey(site, answer),
  );
  step(WEB_PATHS.look, waiting, ({ ticket }) => signIn.look(ticket));
  step(WEB_PATHS.resend, waiting, ({ ticket }) => signIn.resend(ticket));

  app.post(
    WEB_PATHS.code,
    {
      onRequest: requireOwnPage,
      schema: { hide: true, body: webCodeSchema, response: { 200: webDeskSchema, ...refusals } },
    },
    async (request, reply) => {
      takeFrom(steps, request.ip);
      const { token, session } = await signIn.code(request.body, browserName(request.headers['user-agent']));
      setCookie(request, reply, token, SESSION_TTL_MS / 1000);
      return accounts.desk(session);
    },
  );

  app.get(
    WEB_PATHS.desk,
    { onRequest: signedIn, schema: { hide: true, response: { 200: webDeskSchema, ...refusals } } },
    (request) => accounts.desk(sessionOf(request as FastifyRequest)),
  );
  app.get(
    WEB_PATHS.account,
    { onRequest: signedIn, schema: { hide: true, response: { 200: webAccountSchema, ...refusals } } },
    (request) => accounts.view(sessionOf(request as FastifyRequest)),
  );

  /** About oneself; noted by name, never with a value. */
  function own<S extends z.ZodType, R extends z.ZodType>(
    path: string,
    { what, body, answer }: { what: string; body: S; answer: R },
    work: (session: WebSession, input: z.output<S>, site: Site) => Promise<z.input<R>>,
  ): void {
    app.post(
      path,
      {
        onRequest: [requireOwnPage, signedIn],
        schema: { hide: true, body, response: { 200: answer as z.ZodType, ...refusals } },
      },
      async (request) => {
        const session = sessionOf(request as FastifyRequest);
        takeFrom(changes, session.id);
        const site = siteOf(request as FastifyRequest);
        return noted(sessions, { sessionId: session.id, what }, () =>
          work(session, request.body as z.output<S>, site),
        );
      },
    );
  }
  const change = <S extends z.ZodType>(
    path: string,
    what: string,
    body: S,
    work: (session: WebSession, input: z.output<S>, site: Site) => Promise<void>,
  ) =>
    own(path, { what, body, answer: webAccountSchema }, async (session, input, site) => {
      await work(session, input, site);
      return accounts.view(session);
    });
  own(
    WEB_PATHS.newPasskeyOptions,
    { what: 'passkey begin', body: z.strictObject({}), answer: passkeyOptionsSchema },
    (session, _, site) => accounts.newPasskeyOptions(session, site),
  );
  change(WEB_PATHS.newPasskey, 'passkey add', newPasskeySchema, (session, wish, site) =>
    accounts.addPasskey(session, site, wish),
  );
  change(WEB_PATHS.setPassword, 'password set', webPasswordSetSchema, accounts.setPassword);
  change(WEB_PATHS.removeCredential, 'credential remove', webIdSchema, (session, { id }) =>
    accounts.remove(session, id),
  );
  change(WEB_PATHS.endSession, 'session end', webIdSchema, (session, { id }) =>
    accounts.endSession(session, id),
  );
  change(WEB_PATHS.endOthers, 'sessions end', z.strictObject({}), (session) => accounts.endOthers(session));
}

/** `requireOwnPage` saw that `Origin` names the host that was asked. */
function siteOf({ headers }: FastifyRequest): Site {
  const { origin, hostname } = new URL(headers.origin ?? '');
  return { origin, rpId: hostname };
}
