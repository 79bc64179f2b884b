/** The gateway's services, without HTTP: what the server, the operator's commands and the tests work with. */

import axios, { type AxiosInstance } from 'axios';
import { BUILTIN_KINDS } from '../shared/approval-policy.ts';
import type { DeliveryReason, DeliveryState } from '../shared/delivery.ts';
import type { Effects } from '../shared/effects.ts';
import { type AccountEvents, createAccountEvents } from './account/events.ts';
import { type Admin, createAdmin } from './admin/admin.ts';
import { type FolderLock, lockFolder } from './admin/folder-lock.ts';
import { type Alerts, createAlerts } from './alerts/alerts.ts';
import { createDigests } from './alerts/digests.ts';
import type { ApprovalMessaging } from './approvals/ports.ts';
import { type ApprovalService, createApprovalService } from './approvals/service.ts';
import { type AuditService, createAuditService } from './audit/service.ts';
import { type Cases, createCases } from './cases/service.ts';
import { type CashShiftService, createCashShiftService } from './cash-shift/service.ts';
import { type Channels, createChannels } from './channels/accounts.ts';
import { createFallback, type LookForFallback } from './channels/fallback.ts';
import { createReports, type TakeReport } from './channels/reports.ts';
import { createTextSender } from './channels/text-sender.ts';
import { loadCodeTexts } from './channels/texts.ts';
import type { DatabaseLocation, GatewayConfig } from './config.ts';
import { createConversation } from './conversations/conversation.ts';
import { createDirectTap } from './conversations/direct-tap.ts';
import { createInbound, type Inbound } from './conversations/inbound.ts';
import { createSeenRequests } from './conversations/seen-requests.ts';
import { contactKeys } from './conversations/windows.ts';
import { settleDue } from './credit/accounts.ts';
import { createLowCreditWatch } from './credit/low.ts';
import { type Engine, openDatabase } from './db/engine.ts';
import { createDrawerAlerts, type DrawerAlerts } from './drawer/alert.ts';
import { createTillEvents, type TillEvents } from './events/append.ts';
import type { Metrics } from './http/metrics.ts';
import { deriveKeys } from './keys/derive.ts';
import { type GatewayIdentity, loadIdentity } from './keys/signing.ts';
import { createLoginService, type LoginService } from './logins/service.ts';
import { type AccountBook, createAccountBook } from './messages/account-book.ts';

import { createApprovalMessaging } from './messages/approval-messaging.ts';
import { createMessageLog, type MessageLog } from './messages/log.ts';
import { createMessageQueue, type MessageQueue } from './messages/queue.ts';
import { createSealedCodeMessages } from './messages/sealed-codes.ts';
import { createSender, type SendMessage } from './messages/sender.ts';
import { createSendingAccounts, type SendingAccounts } from './messages/sending-accounts.ts';
import { createStatuses, type Statuses } from './messages/statuses.ts';
import { createMessageStore, type MessageStore } from './messages/store.ts';
import { createNotices } from './notices/notices.ts';
import { createOfflineService, type OfflineService } from './offline/service.ts';
import { createPolicyService, type PolicyService } from './policy/service.ts';
import { type CustomerFiles, createCustomerFiles } from './privacy/file.ts';
import { createRetention } from './privacy/retention.ts';
import { createPrivacyService, type PrivacyService } from './privacy/service.ts';
import type { Trx } from './redemptions/ports.ts';
import { createRedemptionService, type RedemptionService } from './redemptions/service.ts';
import { createSetups, type Setups } from './setup/setups.ts';
import { createShiftService, type ShiftService } from './shift/service.ts';
import { createShopDesks, type ShopDesks } from './shop/desk.ts';
import { createAuditReader } from './signals/audit-events.ts';
import { createFindingDesk, type FindingDesk } from './signals/desk.ts';
import { createSignals, type Signals } from './signals/service.ts';
import { createEnrolment, type Enrolment } from './staff/enrolment.ts';
import { createTillService, type TillService } from './tills/service.ts';
import { createWebAccounts, type WebAccounts } from './web/account.ts';
import { createWebSessions, type WebSessions } from './web/sessions.ts';
import { createWebSignIn, type WebSignIn } from './web/sign-in.ts';
import { loadReplies } from './whatsapp/replies.ts';
import { loadTemplates } from './whatsapp/templates.ts';

export interface Services {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly identity: GatewayIdentity;
  readonly tills: TillService;
  readonly redemptions: RedemptionService;
  readonly approvals: ApprovalService;
  readonly policies: PolicyService;
  readonly offline: OfflineService;
  readonly drawer: DrawerAlerts;
  readonly shift: ShiftService;
  readonly logins: LoginService;
  readonly privacy: PrivacyService;
  readonly customerFiles: CustomerFiles;
  /** Lets go of what names people once its time is over. */
  lookForRetention(): Promise<void>;
  readonly audit: AuditService;
  readonly cashShifts: CashShiftService;
  readonly events: TillEvents;
  readonly queue: MessageQueue;
  readonly messages: MessageStore;
  readonly messageLog: MessageLog;
  readonly accounts: AccountBook;
  readonly sending: SendingAccounts;
  readonly statuses: Statuses;
  readonly inbound: Inbound;
  readonly account: AccountEvents;
  readonly enrolment: Enrolment;
  readonly setups: Setups;
  readonly webSessions: WebSessions;
  readonly webSignIn: WebSignIn;
  readonly webAccounts: WebAccounts;
  readonly shopDesks: ShopDesks;
  readonly admin: Admin;
  readonly sendMessage: SendMessage;
  /** Of the embedded database's folder; null for one in memory or on a server. */
  readonly lock: FolderLock | null;
  readonly channels: Channels;
  /** Null: there is no timeline to read. */
  readonly signals: Signals;
  readonly findings: FindingDesk;
  readonly cases: Cases;
  readonly alerts: Alerts;
  /** Yesterday's figures to whoever wants them now. */
  readonly lookForDigests: () => Promise<number>;
  readonly takeReport: TakeReport;
  /** Moves codes that did not arrive to another channel. */
  readonly lookForFallback: LookForFallback;
  /** Tells customers and managers what the ledger holds that is new. */
  lookForNotices(): Promise<void>;
  /** Settles what messages cost, and warns where the credit runs low. */
  settleCredit(): Promise<void>;
  /** Expires what is due, and wakes the tills concerned. */
  lapseDue(): Promise<void>;
  close(): Promise<void>;
}

export interface ServicesOptions {
  readonly config: GatewayConfig;
  readonly effects: Effects;
  readonly onError: (error: unknown) => void;
  readonly metrics: Metrics;
  /** How people are asked for approvals; left out: over WhatsApp. */
  readonly approvalMessaging?: ApprovalMessaging;
  readonly parts?: GatewayParts;
}

/** The gateway's own outer effects, for whoever runs it on a clock and a network of their own; left out: the real ones. */
export interface GatewayParts {
  /** An opened, migrated database; closed with the gateway. */
  readonly engine?: Engine;
  readonly messageQueue?: (engine: Engine, onError: (error: unknown) => void) => MessageQueue;
  /** What Meta's Graph API is called with. */
  readonly graphHttp?: AxiosInstance;
  /** What providers of SMS are called with. */
  readonly channelHttp?: AxiosInstance;
}

/** Opens the database and brings it up to date. @throws FolderInUse when another process has it open */
export async function createServices(options: ServicesOptions): Promise<Services> {
  const { config, effects, onError } = options;
  const lock = config.database.kind === 'folder' ? lockFolder(config.dataDir) : null;
  let engine: Engine | null = null;
  try {
    engine =
      options.parts?.engine ?? (await openDatabase({ ...locationOf(config.database), effects, onError }));
    return await wire(engine, lock, options);
  } catch (error) {
    await engine?.close();
    lock?.release();
    throw error;
  }
}

async function wire(engine: Engine, lock: FolderLock | null, options: ServicesOptions): Promise<Services> {
  const { config, effects, onError, metrics } = options;
  const keys = deriveKeys(config.masterKey);
  const identity = await loadIdentity(engine, effects, keys.secretsKey);
  const events = createTillEvents({ engine, effects, onError });
  const queue = (options.parts?.messageQueue ?? createMessageQueue)(engine, onError);
  await queue.start();

  const announceApprovals = async (trx: Trx, approvalIds: readonly string[]): Promise<string[]> => {
    const changed = await approvals.changeEvents(trx, approvalIds);
    await events.appendMany(trx, changed);
    return changed.map(({ tillId }) => tillId);
  };
  const messages: MessageStore = createMessageStore({
    engine,
    effects,
    secretsKey: keys.secretsKey,
    queue,
    events,
    announceApprovals,
  });
  const messageLog = createMessageLog({ engine, address: messages.address });
  const redemptions: RedemptionService = createRedemptionService({
    engine,
    effects,
    keys,
    ports: {
      gatewayId: identity.gatewayId,
      codeMessage: messages.prepare,
      signGrant: identity.signGrant,
    },
  });
  const { idempotencyKey, pairingKey } = keys;
  const policies = createPolicyService({ engine, effects, idempotencyKey, identity, events });
  const contactKey = contactKeys(keys.contactKey);
  const replies = loadReplies();
  const whatsApp = createApprovalMessaging({ store: messages, now: effects.clock.now, contactKey, replies });
  const approvals: ApprovalService = createApprovalService({
    engine,
    effects,
    keys,
    ports: {
      ...(options.approvalMessaging ?? whatsApp),
      gatewayId: identity.gatewayId,
      appendTillEvent: events.append,
      committed(tillIds, messagesQueued) {
        events.committed(tillIds);
        if (messagesQueued) queue.wake();
      },
      signGrant: identity.signApprovalGrant,
      observe: (kind, outcome, seconds) => observeApproval(metrics, kind, outcome, seconds),
    },
  });
  const sealedCodes = createSealedCodeMessages({ effects, secretsKey: keys.secretsKey });
  const offline = createOfflineService({
    ...{ engine, effects, identity, events, store: messages, sealedCodes, contactKey },
    tagKey: keys.tagKey,
    queued: queue.wake,
    observe(outcome, lost) {
      metrics.offline.inc({ outcome });
      if (lost) metrics.offlineLosses.inc();
    },
  });
  const drawer = createDrawerAlerts({ db: engine.kysely, effects, messages, queued: queue.wake });
  const shift = createShiftService({ engine, effects, identity });
  const logins = createLoginService({
    ...{ engine, effects, keys, identity, policies, messages, queued: queue.wake },
  });
  const audit = createAuditService({ engine, effects, identity }, { managerKey: keys.managerKey, onError });
  const cashShifts = createCashShiftService({
    ...{ db: engine.kysely, effects, messages, queued: queue.wake },
  });
  const { tagKeyOf } = offline.wallets;
  const tills = createTillService({ engine, effects, pairingKey, identity, events, policies, tagKeyOf });
  const accounts = createAccountBook({
    engine,
    effects,
    secretsKey: keys.secretsKey,
    graphUrl: config.graphUrl,
    graphVersion: config.graphVersion,
    fixed: config.whatsapp,
    ...(options.parts?.graphHttp === undefined ? {} : { http: options.parts.graphHttp }),
  });
  const templates = loadTemplates();
  const sending = createSendingAccounts({ engine, effects, accounts, templates });
  const { forgetTemplates: onTemplates } = sending;
  const account = createAccountEvents({ engine, clock: effects.clock, onTemplates });
  const onState = (state: DeliveryState, reason: DeliveryReason | null) =>
    metrics.messages.inc({ state, reason: reason ?? '' });
  const statuses = createStatuses({
    ...{ engine, clock: effects.clock, events, queue, onState, onError, announceApprovals },
  });
  const lowCredit = createLowCreditWatch({ engine, effects, messages, events, queued: queue.wake });
  const takeReport = createReports({ store: messages, onState });
  const channels = createChannels({
    ...{ engine, effects, secretsKey: keys.secretsKey, reportKey: keys.reportKey },
    onReport: (report) => void takeReport('sms', report).catch(onError),
    ...(options.parts?.channelHttp === undefined ? {} : { http: options.parts.channelHttp }),
  });
  const codeText = loadCodeTexts();
  const sendText = createTextSender({ engine, effects, store: messages, keys, channels, codeText });
  const lookForFallback = createFallback({
    ...{ engine, effects, secretsKey: keys.secretsKey, channels, queue, events },
  });
  const lookForNotices = createNotices({ engine, effects, messages, queued: queue.wake });
  const requests = createSeenRequests(engine.kysely);
  const sendMessage = createSender({
    asked: (ref) => requests.expect(ref).catch(onError),
    engine,
    effects,
    store: messages,
    accounts: sending,
    templates,
    keys,
    contactKey,
    sealedCodes,
    sendText,
    onState,
  });
  const enrolment = createEnrolment({ db: engine.kysely, effects, wordKey: keys.contactKey });
  const { buttonKey } = keys;
  const atOnce = createDirectTap({
    ...{ engine, effects, replies, buttonKey, contactKey, requests, answers: approvals, store: messages },
    committed(event) {
      events.committed([event.tillId], event);
      queue.wake();
    },
  });
  const inbound = createInbound({
    ...{ engine, effects, contactKey, onError },
    secretsKey: keys.secretsKey,
    // It queues messages by itself: only where people are reached over WhatsApp.
    ...(options.approvalMessaging === undefined ? { atOnce } : {}),
    handle: createConversation({
      ...{ effects, enrolment, replies, answers: approvals, store: messages, events, queued: queue.wake },
      ...{ buttonKey, secretsKey: keys.secretsKey },
    }),
  });
  const webSessions = createWebSessions({ engine, effects });
  const graphHttp = options.parts?.graphHttp;
  const setups = createSetups({
    ...{ engine, effects, accounts, sending, account, templates, http: axios.create() },
    ...{ graphUrl: config.graphUrl, graphVersion: config.graphVersion, markKey: keys.setupKey },
    ...(graphHttp === undefined ? {} : { graphHttp }),
    given: {
      ...config.whatsapp,
      ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    },
  });
  const signals = createSignals({ engine, effects, events: createAuditReader(engine.kysely) });
  const { timeline } = audit;
  const findings = createFindingDesk({ engine, effects, timeline });
  const cases = createCases({ engine, effects, timeline, makeEvidence: audit.evidence });
  const telling = { engine, effects, messages, queued: queue.wake };
  const alerts = createAlerts(telling);
  const lookForDigests = createDigests(telling);
  const { operator } = offline;
  const privacy = createPrivacyService({ engine, effects, contactKey, messages, policies });
  const lookForRetention = createRetention({ engine, clock: effects.clock });
  const admin = createAdmin({
    ...{ engine, effects, tills, events, accounts, policies, enrolment, operator },
    ...{
      account,
      audit,
      sending,
      webSessions,
      webAddress: webAddressOf(config),
      channels,
      privacy,
      signals,
    },
  });

  async function lapseDue(): Promise<void> {
    const tillIds = await redemptions.lapseDue();
    if (tillIds.length === 0) return;
    metrics.redemptions.inc({ outcome: 'expired' }, tillIds.length);
    events.committed(tillIds);
  }

  return {
    ...{
      engine,
      effects,
      identity,
      tills,
      redemptions,
      events,
      queue,
      messages,
      messageLog,
      accounts,
      sending,
      statuses,
      admin,
    },
    ...{
      approvals,
      policies,
      offline,
      drawer,
      shift,
      logins,
      privacy,
      customerFiles: createCustomerFiles({ engine, clock: effects.clock }),
      audit,
      cashShifts,
      sendMessage,
      inbound,
      enrolment,
      account,
      setups,
      webSessions,
      webSignIn: createWebSignIn({ engine, effects, logins, sessions: webSessions }),
      webAccounts: createWebAccounts({ engine, effects, sessions: webSessions }),
      shopDesks: createShopDesks({ engine, admin }),
    },
    ...{
      channels,
      takeReport,
      lookForFallback,
      lookForNotices,
      lookForRetention,
      signals,
      findings,
      cases,
      alerts,
      lookForDigests,
    },
    lock,
    lapseDue,
    async settleCredit() {
      await settleDue(engine.kysely, effects.clock.now());
      await lowCredit();
    },
    async close() {
      await queue.stop();
      await channels.close();
      accounts.close();
      events.close();
      await engine.close();
      lock?.release();
    },
  };
}

/** A store may name kinds as it likes: they are one series, or ten thousand stores would make as many as they please. */
function observeApproval(metrics: Metrics, key: string, outcome: string, seconds: number | null): void {
  const kind = BUILTIN_KINDS.find((builtin) => builtin === key) ?? 'custom';
  metrics.approvals.inc({ kind, outcome });
  if (seconds !== null) metrics.approvalSeconds.observe({ kind, outcome }, seconds);
}

/** Where an operator opens the gateway's pages; null: nobody knows yet (any free port, and no name). */
function webAddressOf({ publicUrl, host, port }: GatewayConfig): string | null {
  if (publicUrl !== undefined) return publicUrl;
  if (port === 0) return null;
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}

function locationOf(database: DatabaseLocation) {
  if (database.kind === 'postgres') return { databaseUrl: database.url };
  if (database.kind === 'folder') return { folder: database.folder };
  const { image } = database;
  return { memory: true as const, ...(image === undefined ? {} : { image }) };
}
