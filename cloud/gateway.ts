/** One gateway: its services wired together, its HTTP server, its background work, its orderly end. */

import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import packageJson from '../package.json' with { type: 'json' };
import { type Effects, systemEffects } from '../shared/effects.ts';
import { DEFAULT_ACCOUNT } from '../shared/setup-api.ts';
import { WEB_PATHS } from '../shared/web-api.ts';
import { serveAdmin } from './admin/serve.ts';
import type { ApprovalMessaging } from './approvals/ports.ts';
import type { GatewayConfig } from './config.ts';
import { keepUp } from './db/upkeep.ts';
import { pruneEvents } from './events/retention.ts';
import { createStreams } from './events/streams.ts';
import { createApp } from './http/app.ts';
import { createLogger } from './http/logger.ts';
import { type ManagerDoor, tillDoor, webDoor } from './http/manager-door.ts';
import { createMetrics } from './http/metrics.ts';
import { loadPages, PAGES_FOLDER } from './http/pages.ts';
import { alertRoutes } from './http/routes-alerts.ts';
import { approvalRoutes } from './http/routes-approvals.ts';
import { auditAccessRoutes, auditRoutes } from './http/routes-audit.ts';
import { auditEntryRoutes } from './http/routes-audit-entries.ts';
import { caseRoutes } from './http/routes-cases.ts';
import { cashShiftRoutes } from './http/routes-cash-shifts.ts';
import { creditRoutes } from './http/routes-credit.ts';
import { eventRoutes } from './http/routes-events.ts';
import { findingRoutes } from './http/routes-findings.ts';
import { loginRoutes } from './http/routes-logins.ts';
import { messageRoutes } from './http/routes-messages.ts';
import { offlineRoutes } from './http/routes-offline.ts';
import { operationRoutes } from './http/routes-operations.ts';
import { outboxRoutes } from './http/routes-outbox.ts';
import { pageRoutes } from './http/routes-pages.ts';
import { policyRoutes } from './http/routes-policy.ts';
import { privacyRoutes } from './http/routes-privacy.ts';
import { redemptionRoutes } from './http/routes-redemptions.ts';
import { reportRoutes } from './http/routes-reports.ts';
import { setupRoutes } from './http/routes-setup.ts';
import { shiftRoutes } from './http/routes-shift.ts';
import { shopDeskRoutes } from './http/routes-shop-desk.ts';
import { tillRoutes } from './http/routes-tills.ts';
import { webRoutes } from './http/routes-web.ts';
import { webhookRoutes } from './http/routes-webhook.ts';
import { startLoop } from './loops.ts';
import { createOutboxLimits } from './outbox/limits.ts';
import { createOutboxService } from './outbox/service.ts';
import { createServices, type GatewayParts, type Services } from './services.ts';
import { sdkUrlOf } from './setup/service.ts';
import { createWebhookIngest } from './webhooks/ingest.ts';

const LAPSE_EVERY_MS = 1000;
/** Shifts that were left open: managers need not know to the minute. */
const LEFT_OPEN_EVERY_MS = 300_000;
/** Looks for sealed codes that are to be ended or renewed. */
const SEALED_EVERY_MS = 1000;
const ESCALATE_EVERY_MS = 1000;
/** Statuses are taken over when they come; this is for those whose message was not noted yet. */
const STATUSES_EVERY_MS = 1000;
/** Messages from people are handled when they come; this is for what a process that died left behind. */
const INBOUND_EVERY_MS = 1000;
/** Looks whether the templates are to be read from Meta again. */
const TEMPLATES_EVERY_MS = 600_000;
/** Looks for codes that did not arrive and have another way. */
const FALLBACK_EVERY_MS = 1000;
/** Notices come after the sale; nobody waits for them at the till. */
const NOTICES_EVERY_MS = 2000;
/** Settling is for the books: nobody waits for it. */
const CREDIT_EVERY_MS = 2000;
/** Transactions of statuses at the same time. */
const STATUS_LANES = 2;
/** How long an event may be in no chain yet. */
const LINK_EVERY_MS = 1000;
/** How much of its own chains the gateway has not signed yet. */
const SIGN_EVERY_MS = 60_000;
/** Signals are for the manager: what is found within minutes is found in time. */
const ALERTS_EVERY_MS = 60_000;
const SIGNALS_EVERY_MS = 600_000;
const PRUNE_EVERY_MS = 60_000;
/** As autovacuum_naptime. */
const UPKEEP_EVERY_MS = 60_000;
/** Requests in hand at the end get this long; a connection that is still not done is cut. */
const DRAIN_MS = 1000;

export interface Gateway {
  readonly app: FastifyInstance;
  readonly services: Services;
  /** Where it listens, `http://127.0.0.1:8787`; null before `listen`. */
  readonly address: string | null;
  /** Begins to listen. @returns the address. Rejects with EADDRINUSE when the port is taken. */
  listen(): Promise<string>;
  /** Takes no more requests, ends streams, finishes the messages in hand, closes the database. Idempotent, bounded. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly effects?: Effects;
  readonly logger?: FastifyBaseLogger;
  readonly approvalMessaging?: ApprovalMessaging;
  readonly parts?: GatewayParts;
  /** The built pages; left out: where the build puts them. */
  readonly pagesDir?: string;
}

/** Opens the database, brings it up to date, starts the background work. Does not listen yet: `app.inject` works. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, effects = systemEffects, logger = createLogger(config.logLevel) } = options;
  const { clock } = effects;
  const onError = (error: unknown) => logger.error({ err: error }, 'background work failed');
  const metrics = createMetrics();
  const { approvalMessaging } = options;
  const messaging = approvalMessaging === undefined ? {} : { approvalMessaging };
  const parts = options.parts === undefined ? {} : { parts: options.parts };
  const services = await createServices({ config, effects, onError, metrics, ...messaging, ...parts });
  const {
    engine,
    tills,
    redemptions,
    approvals,
    policies,
    offline,
    events,
    queue,
    messages,
    accounts,
    statuses,
    inbound,
  } = services;
  const streams = createStreams({
    engine,
    clock,
    events,
    waitingByStore: messages.waitingByStore,
    walletCursors: offline.wallets.cursors,
    onError,
  });
  const { kysely } = engine;
  const outbox = createOutboxService({
    ...{ db: kysely, effects, redemptions, approvals, offline, onError },
    drawer: services.drawer,
    shift: services.shift,
    cashShifts: services.cashShifts,
  });
  let stopping = false;

  const statusLoop = startLoop({ clock, everyMs: STATUSES_EVERY_MS, work: statuses.apply, onError });
  const inboundLoop = startLoop({ clock, everyMs: INBOUND_EVERY_MS, work: inbound.handle, onError });
  const loops = [
    statusLoop,
    inboundLoop,
    startLoop({ clock, everyMs: LAPSE_EVERY_MS, work: services.lapseDue, onError }),
    startLoop({ clock, everyMs: LAPSE_EVERY_MS, work: approvals.lapseDue, onError }),
    startLoop({ clock, everyMs: ESCALATE_EVERY_MS, work: approvals.escalateDue, onError }),
    startLoop({ clock, everyMs: SEALED_EVERY_MS, work: offline.lookDue, onError }),
    startLoop({ clock, everyMs: TEMPLATES_EVERY_MS, work: services.sending.syncDue, onError }),
    startLoop({ clock, everyMs: FALLBACK_EVERY_MS, work: services.lookForFallback, onError }),
    startLoop({ clock, everyMs: NOTICES_EVERY_MS, work: services.lookForNotices, onError }),
    startLoop({ clock, everyMs: LEFT_OPEN_EVERY_MS, work: services.cashShifts.lookForLeftOpen, onError }),
    startLoop({ clock, everyMs: CREDIT_EVERY_MS, work: services.settleCredit, onError }),
    startLoop({ clock, everyMs: LINK_EVERY_MS, work: services.audit.link, onError }),
    startLoop({ clock, everyMs: SIGN_EVERY_MS, work: services.audit.sign, onError }),
    startLoop({ clock, everyMs: PRUNE_EVERY_MS, work: () => prune(), onError }),
    startLoop({ clock, everyMs: SIGNALS_EVERY_MS, work: services.signals.run, onError }),
    startLoop({ clock, everyMs: ALERTS_EVERY_MS, work: services.alerts.look, onError }),
    startLoop({ clock, everyMs: ALERTS_EVERY_MS, work: services.lookForDigests, onError }),
    // PostgreSQL does it by itself.
    ...(engine.kind === 'pglite'
      ? [startLoop({ clock, everyMs: UPKEEP_EVERY_MS, work: () => keepUp(engine), onError })]
      : []),
  ];

  const app = await createApp({
    effects,
    logger,
    metrics,
    trustProxy: config.trustProxy,
    version: packageJson.version,
  });
  await app.register(tillRoutes, { engine, tills, messages });
  await app.register(redemptionRoutes, { tills, redemptions, events, queue, metrics });
  await app.register(approvalRoutes, { tills, approvals, metrics });
  await app.register(messageRoutes, { tills, messageLog: services.messageLog });
  await app.register(policyRoutes, { tills, policies });
  await app.register(offlineRoutes, { tills, offline });
  await app.register(shiftRoutes, { tills, shift: services.shift });
  await app.register(loginRoutes, { tills, logins: services.logins });
  await app.register(auditEntryRoutes, { tills, audit: services.audit });
  await app.register(auditAccessRoutes, { tills, audit: services.audit });
  /** Supervisors read the list; what is said of somebody, and by whom, is the managers'. */
  const managers = async (scope: FastifyInstance, door: ManagerDoor, reading = door) => {
    const { audit, findings, alerts, cases } = services;
    await scope.register(auditRoutes, { door: reading, audit, clock });
    await scope.register(findingRoutes, { door, findings });
    await scope.register(alertRoutes, { door, alerts, db: kysely, clock });
    await scope.register(caseRoutes, { door, cases });
  };
  await managers(app, tillDoor(tills, services.audit.access));
  await app.register(
    async (scope) => {
      // The same, described once.
      scope.addHook('onRoute', (route) => void Object.assign(route.schema ?? {}, { hide: true }));
      const { webSessions, shopDesks } = services;
      const door = webDoor(webSessions, ['manager']);
      await managers(scope, door, webDoor(webSessions, ['manager', 'supervisor']));
      await scope.register(shopDeskRoutes, { door, desks: shopDesks, sessions: webSessions, clock });
    },
    { prefix: WEB_PATHS.store },
  );
  await app.register(cashShiftRoutes, { tills, cashShifts: services.cashShifts });
  await app.register(creditRoutes, { tills, db: kysely });
  await app.register(outboxRoutes, { tills, outbox, limits: createOutboxLimits(clock), events, metrics });
  await app.register(eventRoutes, { tills, streams, clock });
  const pokes = { onStatuses: statusLoop.poke, onMessages: inboundLoop.poke };
  // An embedded database has one connection.
  const lanes = engine.kind === 'postgres' ? STATUS_LANES : 1;
  const { sending } = services;
  const ingest = createWebhookIngest({
    inbound,
    statuses,
    account: services.account,
    async limitsOf(wabaId) {
      const ids = wabaId === undefined ? [DEFAULT_ACCOUNT] : await accounts.ownersOfWaba(wabaId);
      return ids.map((id) => sending.of(id).limits);
    },
    lanes,
    ...pokes,
  });
  await app.register(webhookRoutes, { accounts, ingest, metrics });
  await app.register(setupRoutes, { sessions: services.webSessions, setups: services.setups, clock });
  await app.register(webRoutes, {
    sessions: services.webSessions,
    signIn: services.webSignIn,
    accounts: services.webAccounts,
    clock,
  });
  await app.register(privacyRoutes, {
    sessions: services.webSessions,
    privacy: services.privacy,
    files: services.customerFiles,
    clock,
  });
  await app.register(pageRoutes, {
    pages: loadPages(options.pagesDir ?? PAGES_FOLDER),
    sdkUrl: sdkUrlOf(config.graphUrl),
  });
  const { channels, takeReport } = services;
  await app.register(reportRoutes, { channels, takeReport });
  const isStopping = () => stopping;
  await app.register(operationRoutes, { engine, clock, metrics, streams, messages, isStopping });
  await app.ready();
  const adminServer = services.lock === null ? null : await serveAdmin(services.admin, logger);
  if (adminServer !== null) services.lock?.announce(adminServer.address);
  await queue.work(({ messageId, job }) => services.sendMessage(messageId, job));
  await streams.start();
  await services.audit.tails.start();

  async function prune(): Promise<void> {
    await messages.giveUpLapsed();
    await pruneEvents(engine, clock.now());
    await redemptions.pruneRequests();
    await inbound.prune();
    await offline.prune();
    // Of all numbers at once.
    await services.sending.of(DEFAULT_ACCOUNT).limits.prune();
    await services.lookForRetention();
    await services.webSessions.prune();
  }

  let address: string | null = null;
  async function listen(): Promise<string> {
    await app.listen({ host: config.host, port: config.port });
    const bound = app.server.address() as AddressInfo;
    const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    address = `http://${host}:${bound.port}`;
    return address;
  }

  let stopped: Promise<void> | null = null;
  async function stopOnce(): Promise<void> {
    stopping = true;
    const closed = Promise.all([app.close(), adminServer?.stop()]);
    await streams.stop();
    await services.audit.tails.stop();
    app.server.closeIdleConnections();
    const cut = clock.schedule(DRAIN_MS, () => app.server.closeAllConnections());
    await closed;
    cut();
    await Promise.all(loops.map((loop) => loop.stop()));
    await services.close();
  }

  return {
    app,
    services,
    get address() {
      return address;
    },
    listen,
    stop() {
      stopped ??= stopOnce();
      return stopped;
    },
  };
}
