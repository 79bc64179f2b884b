/** Setting the WhatsApp account up, step by step: what is known, what was checked, and the calls that bring it further. */
import type { AxiosInstance } from 'axios';
import type { Effects } from '../../shared/effects.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import {
  SETUP_STEPS,
  type SetupSettings,
  type SetupState,
  type SetupStep,
  type StepView,
} from '../../shared/setup-api.ts';
import type { AccountEvents } from '../account/events.ts';
import type { AccountState } from '../account/state.ts';
import type { WhatsAppSettings } from '../config.ts';
import type { Engine } from '../db/engine.ts';
import type { AccountBook } from '../messages/account-book.ts';
import type { SendingAccount } from '../messages/sending-accounts.ts';
import { ACCOUNT_FIELDS } from '../whatsapp/account-webhooks.ts';
import type { PhoneInfo } from '../whatsapp/graph-admin.ts';
import type { Templates } from '../whatsapp/templates.ts';
import { type CheckedStep, createChecks, needed, webhookUrl } from './checks.ts';
import { createSetupRecord, type Found, stepView } from './record.ts';
import { createSettingStore, type Settings } from './settings.ts';
import { createSignup, type Signup } from './signup.ts';
import { CODE_TEMPLATE, createTestMessages } from './test-message.ts';

/** Every call may throw SaksiError: whatsapp_not_set_up {at}, whatsapp_refused {code}, whatsapp_unreachable. */
export interface SetupService extends Signup {
  state(): Promise<SetupState>;
  /**
   * Keeps what was typed and checks what can be checked with it. A token that takes another's place is tried first.
   * @throws SaksiError setup_fixed, and of a new token whatever speaks against it
   */
  save(settings: SetupSettings): Promise<void>;
  /** Checks all steps whose last check does not hold any more. */
  checkDue(): Promise<void>;
  /** Checks a step anew. What is found is kept, a failure too. */
  check(step: SetupStep): Promise<void>;
  /** Has Meta send the app's webhooks to us; it asks our address with a challenge first. */
  connectWebhook(): Promise<void>;
  subscribe(): Promise<void>;
  register(pin: string): Promise<void>;
  submitTemplates(): Promise<void>;
  sendTest(to: string, language: string): Promise<void>;
  /** Stops the account's webhooks, as far as the token is still good for it, and forgets the token. */
  forgetToken(): Promise<void>;
}

export interface SetupOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly accountId: string;
  readonly accounts: Pick<AccountBook, 'list'>;
  readonly sending: SendingAccount;
  readonly account: AccountEvents;
  readonly templates: Templates;
  readonly graphUrl: string;
  readonly graphVersion: string;
  readonly http: AxiosInstance;
  readonly graphHttp?: AxiosInstance;
  /** From the environment. */
  readonly given: WhatsAppSettings & { readonly publicUrl?: string };
  readonly markKey: Uint8Array;
}

const META_GRAPH = 'https://graph.facebook.com';
const META_SDK = 'https://connect.facebook.net/en_US/sdk.js';
const CHECKED = SETUP_STEPS.filter((step): step is CheckedStep => step !== 'templates' && step !== 'message');

/** Where the SDK of Embedded Signup comes from: Meta, or the simulator that stands for it. */
export function sdkUrlOf(graphUrl: string): string {
  return isMeta(graphUrl) ? META_SDK : `${new URL(graphUrl).origin}/en_US/sdk.js`;
}

function isMeta(graphUrl: string): boolean {
  return new URL(graphUrl).origin === META_GRAPH;
}

export function createSetupService(options: SetupOptions): SetupService {
  const { engine, effects, accountId, accounts, account, templates, given, markKey } = options;
  const { templates: templateService, book, account: own } = options.sending;
  const { graphUrl, graphVersion, http, graphHttp } = options;
  const db = engine.kysely;
  const { clock } = effects;
  const settings = createSettingStore({ engine, clock, accountId, account: own, given, markKey });
  const record = createSetupRecord({ engine, clock, accountId, markOf: settings.markOf });
  const checks = createChecks({
    ...{ effects, graphUrl, graphVersion, http, needsHttps: isMeta(graphUrl) },
    ...(graphHttp === undefined ? {} : { graphHttp }),
  });
  const tests = createTestMessages({ engine, effects, accountId, account: own, templates, book });

  async function run(step: CheckedStep, known: Settings): Promise<void> {
    const outcome = await checks.run(step, known).catch(keepable);
    if (outcome === null) return;
    await record.keep(step, known, outcome);
    if (step === 'status' && !(outcome instanceof SaksiError)) {
      await account.checked(needed(known, 'wabaId'), outcome as unknown as PhoneInfo);
    }
  }

  /** All steps whose last check does not hold any more. */
  async function runDue(): Promise<void> {
    const known = await settings.read();
    const found = await record.read(known);
    await Promise.all(CHECKED.filter((step) => !found.has(step)).map((step) => run(step, known)));
  }

  async function save(typed: SetupSettings): Promise<void> {
    const before = await settings.read();
    const { accessToken } = typed;
    if (accessToken !== undefined && before.accessToken !== undefined)
      await tryToken({ ...before, ...definedOnly(typed) });
    await settings.save(typed);
    await runDue();
  }

  /** The token in use is not given up for one that is worse. */
  async function tryToken(wanted: Settings): Promise<void> {
    await checks.run('token', wanted);
    await checks.run('number', wanted);
  }

  async function check(step: SetupStep): Promise<void> {
    if (step === 'templates') return void (await templateService.sync());
    if (step === 'message') return;
    await run(step, await settings.read());
  }

  async function connectWebhook(): Promise<void> {
    const known = await settings.read();
    const url = webhookUrl(needed(known, 'publicUrl'));
    const verifyToken = needed(known, 'verifyToken');
    const fields = ['messages', ...Object.keys(ACCOUNT_FIELDS)];
    await checks.asApp(known, (admin, appId) => admin.setCallback(appId, { url, verifyToken, fields }));
    await run('webhook', known);
  }

  async function subscribe(): Promise<void> {
    const known = await settings.read();
    await checks.graph(known, (admin) => admin.subscribe(needed(known, 'wabaId')));
    await run('subscription', known);
  }

  async function register(pin: string): Promise<void> {
    const known = await settings.read();
    await checks.graph(known, (admin) => admin.register(needed(known, 'phoneNumberId'), pin));
    await Promise.all([run('registration', known), run('status', known)]);
  }

  async function forgetToken(): Promise<void> {
    const known = await settings.read();
    const { wabaId } = known;
    if (wabaId !== undefined && known.accessToken !== undefined) {
      // A token that Meta does not take any more can end nothing there; it is forgotten all the same.
      await checks.graph(known, (admin) => admin.unsubscribe(wabaId)).catch(asSaksiError);
    }
    await settings.forgetToken();
  }

  async function state(): Promise<SetupState> {
    const known = await settings.read();
    const [found, shops, listed, heardAt, rows, message, standing] = await Promise.all([
      record.read(known),
      db
        .selectFrom('stores')
        .select(['id', 'name', 'whatsapp_account as account'])
        .orderBy('created_at')
        .execute(),
      accounts.list(),
      lastHeard(),
      templateService.list(),
      tests.newest(),
      known.wabaId === undefined ? null : account.state(known.wabaId),
    ]);
    const ours = rows.map(({ name, language, status, reason }) => ({ name, language, status, reason }));
    const facts = (step: SetupStep) => {
      const it = found.get(step);
      return it?.outcome === 'ok' ? it.facts : null;
    };
    return {
      account: accountId,
      accounts: listed.map(({ id, name }) => ({ id, name })),
      shops,
      settings: {
        ...{ wabaId: known.wabaId ?? null, phoneNumberId: known.phoneNumberId ?? null },
        ...{ appId: known.appId ?? null, configId: known.configId ?? null },
        publicUrl: known.publicUrl ?? null,
        accessToken: known.accessToken !== undefined,
        appSecret: known.appSecret !== undefined,
        verifyToken: known.verifyToken !== undefined,
      },
      fixed: [...settings.fixed],
      steps: SETUP_STEPS.map((step) => {
        const view = viewOf(step, found.get(step), known, ours, message);
        return step === 'status' && isStopped(standing) ? { ...view, state: 'failed' as const } : view;
      }),
      number: facts('status') as SetupState['number'],
      standing: standing && {
        ...{ flagged: standing.flagged, ban: standing.ban },
        restrictions: standing.restrictions.length,
      },
      token: facts('token') as SetupState['token'],
      webhook: { url: known.publicUrl === undefined ? null : webhookUrl(known.publicUrl), heardAt },
      templates: ours,
      message,
      sdk: { url: sdkUrlOf(graphUrl), version: graphVersion },
    };
  }

  /** Whatever came was signed with the app's secret: else it would not have been kept. */
  async function lastHeard(): Promise<number | null> {
    const newest = await Promise.all([
      db
        .selectFrom('message_events')
        .select(({ fn }) => fn.max('received_at').as('at'))
        .executeTakeFirst(),
      db
        .selectFrom('inbound_messages')
        .select(({ fn }) => fn.max('received_at').as('at'))
        .executeTakeFirst(),
      db
        .selectFrom('account_events')
        .select(({ fn }) => fn.max('received_at').as('at'))
        .where('field', '!=', 'checked')
        .executeTakeFirst(),
    ]);
    return newest.reduce<number | null>((far, row) => {
      const at = row?.at ?? null;
      return at === null || (far !== null && far >= at) ? far : at;
    }, null);
  }

  return {
    ...{ state, save, check, checkDue: runDue, connectWebhook, subscribe, register, forgetToken },
    ...createSignup({ checks, settings, runDue }),
    async submitTemplates() {
      await templateService.submit();
    },
    sendTest: tests.send,
  };
}

/** What a step is filled with; one without fields follows from others. */
const FILLED_BY: Readonly<Record<SetupStep, readonly (keyof Settings)[]>> = {
  account: ['wabaId'],
  number: ['phoneNumberId'],
  token: ['accessToken'],
  app: ['appId', 'appSecret', 'verifyToken'],
  webhook: ['publicUrl'],
  subscription: [],
  registration: [],
  status: [],
  templates: [],
  message: [],
};

function viewOf(
  step: SetupStep,
  found: Found | undefined,
  known: Settings,
  templates: SetupState['templates'],
  message: SetupState['message'],
): StepView {
  const fields = FILLED_BY[step];
  const none = { step, error: null, checkedAt: null };
  if (step === 'templates') return { ...none, state: templatesState(templates) };
  if (step === 'message') return { ...none, state: messageState(message) };
  return stepView(step, found, fields.length > 0 && fields.every((field) => known[field] !== undefined));
}

/** Whatever the number looks like: an account that may not send is not in order. */
function isStopped(standing: AccountState | null): boolean {
  return standing !== null && (standing.ban !== 'none' || standing.restrictions.length > 0);
}

/** A shop can begin with one language of the code; the rest is shown beside it. */
function templatesState(templates: SetupState['templates']): StepView['state'] {
  const codes = templates.filter(
    ({ name }) => name === CODE_TEMPLATE || name.startsWith(`${CODE_TEMPLATE}_v`),
  );
  if (codes.some(({ status }) => status === 'approved')) return 'done';
  if (codes.length === 0 || codes.every(({ status }) => status === 'draft')) return 'todo';
  return codes.some(({ status }) => status === 'pending' || status === 'in_appeal') ? 'saved' : 'failed';
}

function messageState(message: SetupState['message']): StepView['state'] {
  if (message === null) return 'todo';
  if (message.state === 'failed') return 'failed';
  return message.state === 'delivered' || message.state === 'read' ? 'done' : 'saved';
}

function definedOnly(typed: SetupSettings): Settings {
  return Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));
}

/** A refusal is a finding; anything else is a fault of ours and goes on. */
function keepable(error: unknown): SaksiError {
  if (error instanceof SaksiError) return error;
  throw error;
}
