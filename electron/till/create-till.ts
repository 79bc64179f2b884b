import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { createHttp } from '../gateway-client/http.ts';
import { storeFault, storeTrouble } from '../store/faults.ts';
import type { Identity } from '../store/identity.ts';
import { createFileSecretStore } from '../store/secrets.ts';
import { openStore } from '../store/store.ts';
import { createEntrySender, watchEntries } from './audit-entries.ts';
import { countersignHead, watchHead } from './audit-head.ts';
import { createBridgeCalls } from './bridge-calls.ts';
import { createChangeNotice } from './change-notice.ts';
import type { Till } from './contract.ts';
import { type Core, createDesk } from './core.ts';
import { createDiskWatch, type DiskWatch } from './disk-watch.ts';
import { createDrawerWatch, type DrawerWatch, watchedDevices } from './drawer-watch.ts';
import { createEventCursor } from './event-cursor.ts';
import { createGatewayEvents, readContext } from './gateway-events.ts';
import { createGatewayLink } from './gateway-link.ts';
import { createJobs } from './jobs.ts';
import { createLineRecord } from './line-record.ts';
import { createMutex } from './mutex.ts';
import { createOutboxWorker } from './outbox-worker.ts';
import { pairTill, TILL_KEY } from './pairing.ts';
import type { TillOptions } from './ports.ts';
import { createPosPort } from './pos.ts';
import { createQuitting } from './quitting.ts';
import { reconcile, recoverDevices } from './recovery.ts';
import { createRetryLoop } from './retry-loop.ts';
import { createSealedCodes } from './sealed-codes.ts';
import { createSessions } from './session.ts';
import { createShiftGrants } from './shift-grants.ts';
import { createSpooler } from './spooler.ts';
import { mayPass, stoppedView } from './stopped-till.ts';
import { createTroubles } from './trouble.ts';
import { tillView } from './view.ts';
import { readWallets } from './wallets.ts';

/** How long stop() lets devices and calls in hand finish before it breaks them off, and then for their end. */
export const STOP_WITHIN_MS = 3_000;
/** Between tries to open a disk that could not be opened. */
const REOPEN_EVERY_MS = 5_000;
/** Housekeeping of the disk, when nothing is open whose grant could come while it lasts. */
const TIDY_EVERY_MS = 60_000;
/** Names of the customer cache that are read into memory at once, and how often. */
const NAMES_AT_ONCE = 250;
const NAMES_EVERY_MS = 20;

/**
 * The till's core. Nothing is opened before start(); before it, and after stop(), everything but start() throws
 * `not_ready`. Where the till's disk cannot be opened (broken with no good backup, full, held by another till) it starts
 * all the same and shows nothing but that; it opens by itself when that is over.
 */
export function createTill(options: TillOptions): Till {
  const { clock } = options.effects;
  const notice = createChangeNotice(clock);
  let running: ReturnType<typeof run> | null = null;
  /** Why the disk could not be opened. */
  let closedBy: SaksiError | null = null;
  let cancelRetry = () => {};
  let stopping: Promise<void> | null = null;

  function here(): ReturnType<typeof run> {
    if (running !== null) return running;
    throw closedBy ?? new SaksiError('not_ready');
  }

  const view = () => (closedBy === null ? here().view() : stoppedView(options, closedBy));

  function open(): void {
    try {
      running ??= run(options, notice);
      closedBy = null;
    } catch (error) {
      const cause = asSaksiError(error);
      if (storeTrouble(cause) === null || cause.params.missing !== undefined) throw error;
      options.logger.error({ code: cause.code, err: cause }, "the till's disk cannot be opened");
      closedBy = cause;
      if (mayPass(cause)) cancelRetry = clock.schedule(REOPEN_EVERY_MS, open);
    }
    notice.changed();
  }

  return {
    async start() {
      open();
    },
    stop() {
      cancelRetry();
      stopping ??= running === null ? Promise.resolve() : running.stop();
      return stopping.then(() => {
        running = null;
        closedBy = null;
      });
    },
    wake: () => running?.wake(),
    askQuit: async () => (await running?.askQuit()) ?? true,
    view,
    onView: (listener) => notice.listen(() => listener(view())),
    invoke: async (method, input) => here().invoke(method, input),
    pos: {
      status: () => here().pos.status(),
      start: async (key, request) => here().pos.start(key, request),
      get: (id) => here().pos.get(id),
      follow: (id, listener) => here().pos.follow(id, listener),
      capture: async (id, key) => here().pos.capture(id, key),
      cancel: async (id, key) => here().pos.cancel(id, key),
      openForCashSale: async (key, request) => here().pos.openForCashSale(key, request),
      shift: () => here().pos.shift(),
      openShift: async (key, request) => here().pos.openShift(key, request),
      closeShift: async (key, request) => here().pos.closeShift(key, request),
      xReport: () => here().pos.xReport(),
      zReport: () => here().pos.zReport(),
      startApproval: async (key, request) => here().pos.startApproval(key, request),
      getApproval: (id) => here().pos.getApproval(id),
      followApproval: (id, listener) => here().pos.followApproval(id, listener),
      cancelApproval: async (id, key) => here().pos.cancelApproval(id, key),
    },
  };
}

/** Opens the store, settles what a crash left, and connects. */
function run(options: TillOptions, notice: ReturnType<typeof createChangeNotice>) {
  const { effects, logger, host, appVersion, dataDir } = options;
  let drawerWatch: DrawerWatch | null = null;
  const devices = watchedDevices(options.devices, () => drawerWatch);
  const { clock } = effects;
  const http = options.http ?? createHttp();
  const secrets = options.secrets ?? createFileSecretStore(dataDir);
  let disk: DiskWatch | null = null;
  const onFault = (error: SaksiError) => disk?.fault(error);
  const store = openStore(dataDir, effects, secrets, onFault, options.walReserved);
  const core: Core = {
    effects,
    store,
    devices,
    log: logger,
    jobs: createJobs(logger),
    desk: createDesk(),
    trouble: createTroubles(clock, notice.changed),
    get sealed() {
      return sealed;
    },
    get shift() {
      return shift;
    },
    get spooler() {
      return spooler;
    },
    backupSoon: () => disk?.backupSoon(),
    noticeRead: (kind) => disk?.seen(kind),
    step: options.onStep ?? (() => {}),
    changed: notice.changed,
    outboxFilled: () => outbox.drain(),
    outboxKick: () => outbox.kick(),
    outboxDraining: () => outbox.draining(),
    reconcileSoon: () => reconciling.soon(),
    usedWithoutLine: () => lineRecord.usedWithout(),
    shiftUsed: () => shiftSoon(),
    drawerView: () => drawerSeen.view(),
    identity: store.identity.read(),
    link: null,
    context: store.identity.context(),
    policyError: null,
  };
  const sealed = createSealedCodes(core);
  const spooler = createSpooler(core);
  const outbox = createOutboxWorker(core);
  const reconciling = createRetryLoop(core, 'reconcile', () => reconcile(core));
  const sessions = createSessions(core, () => shiftSoon());
  const shift = createShiftGrants(core, sessions.current);
  const shifts = createRetryLoop(core, 'shift grants', () => shift.read());
  const shiftSoon = () => {
    if (shift.isDue()) shifts.soon();
  };
  const drawerSeen = createDrawerWatch(core, {
    session: () => sessions.current(),
    fault: (error) => disk?.fault(error),
  });
  drawerWatch = drawerSeen;
  const quitting = createQuitting(core);
  const reading = createRetryLoop(core, 'context', async () => {
    await readContext(core);
    sessions.staffChanged();
    shiftSoon();
  });
  const wallets = createRetryLoop(core, 'wallets', () => readWallets(core));
  const codes = createRetryLoop(core, 'sealed codes', () => core.sealed.read());
  const heads = createRetryLoop(core, 'audit head', () => countersignHead(core));
  const headWatch = watchHead(core, () => heads.soon());
  const sender = createEntrySender(core);
  const entries = createRetryLoop(core, 'audit entries', () => sender.send());
  const entryWatch = watchEntries(core, sender, () => entries.soon());
  const cursor = createEventCursor(store.settings, clock);
  const lineRecord = createLineRecord(core, clock, (error) => watch.fault(storeFault(error)));
  const events = createGatewayEvents(core, {
    cursor,
    lineChanged: lineRecord.look,
    contextStale: () => reading.soon(),
    lineUp() {
      markTime();
      outbox.kick();
      for (const one of [wallets, codes, heads, entries]) one.soon();
      shiftSoon();
    },
    walletsStale: () => wallets.soon(),
    sealedStale: () => codes.soon(),
  });
  const watch = createDiskWatch(core);
  disk = watch;
  const pairingTurn = createMutex();
  let cancelTidy = () => {};
  let cancelNames = () => {};

  function connect(identity: Identity): void {
    const tillKey = secrets.get(TILL_KEY);
    if (tillKey === null) throw new SaksiError('store_failed', { params: { missing: TILL_KEY } });
    core.identity = identity;
    core.link = createGatewayLink(
      { http, effects, identity, tillKey, network: options.network },
      cursor.last,
      events,
    );
  }

  async function pair(gatewayUrl: string, pairingCode: string): Promise<void> {
    await pairingTurn(async () => {
      connect(await pairTill(core, { http, secrets, appVersion }, gatewayUrl, pairingCode));
      core.link?.connection.start();
      // The sign-in screen needs the staff: the first context is part of pairing where the line allows.
      await readContext(core);
    });
    core.backupSoon();
  }

  /** The gateway's time is kept as soon as it is heard: a till that dies in its first minute does not begin from its own clock. */
  function markTime(): void {
    try {
      store.mark();
    } catch (error) {
      watch.fault(storeFault(error));
    }
  }

  function tidyLater(): void {
    cancelTidy = clock.schedule(TIDY_EVERY_MS, () => {
      markTime();
      try {
        shiftSoon();
        if (store.redemptions.findOpen() === null && store.approvals.open().length === 0) store.tidy();
      } catch (error) {
        watch.fault(storeFault(error));
      }
      tidyLater();
    });
  }

  /** Names of a large store take seconds to decipher: a few at a time, between whatever else is to be done. */
  function loadNamesLater(): void {
    cancelNames = clock.schedule(NAMES_EVERY_MS, () => {
      if (store.customers.loadNames(NAMES_AT_ONCE)) loadNamesLater();
    });
  }

  async function stop(): Promise<void> {
    const loops = [reconciling, reading, wallets, codes, heads, entries, shifts];
    for (const part of [sessions, ...loops, headWatch, entryWatch, lineRecord, outbox, spooler]) part.stop();
    watch.stop();
    cancelTidy();
    cancelNames();
    await core.link?.connection.stop();
    await settledWithin(STOP_WITHIN_MS);
    core.link?.abort();
    stopListening();
    // What the switch says while the port is being closed is no news of the drawer.
    drawerSeen.stop();
    await devices.stop();
    await settledWithin(STOP_WITHIN_MS);
    notice.stop();
    try {
      cursor.flush();
      store.mark();
    } finally {
      store.close();
    }
  }

  async function settledWithin(limitMs: number): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.schedule(limitMs, resolve);
    });
    await Promise.race([core.jobs.settled(), late]);
    cancel();
  }

  const stopListening = devices.onChange(notice.changed);
  if (core.identity !== null) connect(core.identity);
  drawerSeen.start();
  devices.start();
  recoverDevices(core);
  spooler.start();
  watch.start();
  tidyLater();
  loadNamesLater();
  core.link?.connection.start();
  return {
    view: () =>
      tillView(
        core,
        { host, appVersion, quitAsked: quitting.asked() },
        sessions.current(),
        sessions.logins.view(),
      ),
    invoke: watch.watched(createBridgeCalls(core, sessions, quitting, pair, options.deviceSetup)),
    pos: createPosPort(core, sessions, notice),
    wake: () => core.link?.connection.nudge(),
    askQuit: quitting.ask,
    stop,
  };
}
