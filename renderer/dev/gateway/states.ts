import { type ErrorCode, type ErrorParams, SaksiError, type WireError } from '../../../shared/errors.ts';
import {
  SETUP_STEPS,
  type SetupState,
  type SetupStep,
  type StepState,
  type StepView,
} from '../../../shared/setup-api.ts';
import { CUSTOMER_STATES, type CustomersState } from './customer-states.ts';
import { WEB_STATES, type WebState } from './web-states.ts';

/** One state of one of the gateway's pages. */
export interface GatewayState {
  readonly page?: 'setup' | 'signup' | 'customers' | 'web';
  /** Of the managers' page. */
  readonly web?: WebState;
  /** Of the customers' page; null: nobody is signed in. */
  readonly customers?: CustomersState | null;
  /** Null: nobody is signed in; left out of an answer that never comes: `waits`. */
  readonly state?: SetupState | null;
  readonly waits?: boolean;
  readonly step?: SetupStep | 'accounts';
  /** Why the link that the page was opened by does not work. */
  readonly linkError?: WireError;
  /** Meta's SDK does not come. */
  readonly noSdk?: boolean;
}

const NOW = Date.UTC(2026, 10, 26, 9, 30);
const wire = (code: ErrorCode, params: ErrorParams = {}): WireError =>
  new SaksiError(code, { params }).toWire();

type Told = StepState | WireError;

function stepsWith(told: Partial<Record<SetupStep, Told>>): StepView[] {
  return SETUP_STEPS.map((step) => {
    const it = told[step] ?? 'todo';
    if (typeof it !== 'string') return { step, state: 'failed', error: it, checkedAt: NOW };
    return {
      step,
      state: it,
      error: null,
      checkedAt: it === 'done' && step !== 'templates' && step !== 'message' ? NOW : null,
    };
  });
}

const EMPTY: SetupState = {
  account: 'default',
  accounts: [{ id: 'default', name: '' }],
  shops: [{ id: '018f0000-0000-7000-8000-000000000001', name: 'Toko Saksi Menteng', account: 'default' }],
  settings: {
    ...{ wabaId: null, phoneNumberId: null, appId: null, configId: null, publicUrl: null },
    ...{ accessToken: false, appSecret: false, verifyToken: false },
  },
  fixed: [],
  steps: stepsWith({}),
  number: null,
  standing: null,
  token: null,
  webhook: { url: null, heardAt: null },
  templates: [],
  message: null,
  sdk: { url: 'https://connect.facebook.net/en_US/sdk.js', version: 'v25.0' },
};

const ENTERED: SetupState = {
  ...EMPTY,
  settings: {
    ...{ wabaId: '200000000000001', phoneNumberId: '100000000000001', appId: '300000000000001' },
    ...{ configId: '400000000000001', publicUrl: 'https://saksi.example.id' },
    ...{ accessToken: true, appSecret: true, verifyToken: true },
  },
  webhook: { url: 'https://saksi.example.id/webhooks/whatsapp', heardAt: null },
  token: { expiresAt: null, scopes: ['whatsapp_business_management', 'whatsapp_business_messaging'] },
  steps: stepsWith({ account: 'done', number: 'done', token: 'done', app: 'done' }),
};

const NUMBER = {
  ...{ displayPhoneNumber: '+62 21 5000 0001', verifiedName: 'Toko Saksi Menteng', nameStatus: 'APPROVED' },
  ...{ qualityRating: 'GREEN', messagingLimit: 'TIER_250', platformType: 'CLOUD_API', isTest: false },
};

const READY: SetupState = {
  ...ENTERED,
  number: NUMBER,
  webhook: { ...ENTERED.webhook, heardAt: NOW },
  steps: stepsWith({
    ...{ account: 'done', number: 'done', token: 'done', app: 'done', webhook: 'done', subscription: 'done' },
    ...{ registration: 'done', status: 'done', templates: 'done' },
  }),
};

const SECOND_ACCOUNT = '018f0000-0000-7000-8000-0000000000a2';
const shop = (n: number, name: string, account: string) => ({
  ...{ id: `018f0000-0000-7000-8000-00000000001${n}`, name, account },
});
/** A gateway for many shops. */
const chain = (account: string): SetupState => ({
  ...READY,
  account,
  accounts: [
    { id: 'default', name: '' },
    { id: SECOND_ACCOUNT, name: 'Kopi Senja' },
    { id: '018f0000-0000-7000-8000-0000000000a3', name: 'Toko Bangunan Makmur Jaya Abadi Sentosa' },
  ],
  shops: [
    shop(1, 'Toko Saksi Menteng', 'default'),
    shop(2, 'Kopi Senja Kemang', SECOND_ACCOUNT),
    shop(3, 'Kopi Senja Bandung', 'default'),
    shop(4, 'Toko Bangunan Makmur Jaya Abadi Sentosa Cabang Kebayoran Lama', 'default'),
  ],
});

const NAMES = [
  ...['saksi_approval_code', 'saksi_approval_request', 'saksi_approval_request_code', 'saksi_offline_loss'],
  ...['saksi_drawer_open_long', 'saksi_drawer_unexplained', 'saksi_offline_spent', 'saksi_redemption_code'],
];
const templates = (statusOf: (index: number) => string): SetupState['templates'] =>
  NAMES.flatMap((name, index) =>
    ['id', 'en', 'tr'].map((language, at) => {
      const status = statusOf(index * 3 + at);
      return { name, language, status, reason: status === 'rejected' ? 'INVALID_FORMAT' : null };
    }),
  );

const withSteps = (state: SetupState, told: Partial<Record<SetupStep, Told>>): SetupState => ({
  ...state,
  steps: state.steps.map(
    (view) => stepsWith(told).find(({ step }) => step === view.step && step in told) ?? view,
  ),
});

const message = (
  fields: Partial<NonNullable<SetupState['message']>>,
): NonNullable<SetupState['message']> => ({
  ...{
    id: '018f0000-0000-7000-8000-000000000002',
    to: '+62•••••••7890',
    state: 'accepted',
    reason: null,
    at: NOW,
  },
  ...fields,
});

export const GATEWAY_STATES = {
  signed_out: { state: null },
  link_used: { state: null, linkError: wire('web_link_invalid') },
  starting: { waits: true },
  account: { state: EMPTY, step: 'account' },
  account_without_shop: { state: { ...EMPTY, shops: [] }, step: 'account' },
  account_saved: {
    state: withSteps(
      { ...EMPTY, settings: { ...EMPTY.settings, wabaId: '200000000000001' } },
      { account: 'saved' },
    ),
    step: 'account',
  },
  number_foreign: { state: withSteps(ENTERED, { number: wire('setup_number_foreign') }), step: 'number' },
  number_fixed: { state: { ...ENTERED, fixed: ['phoneNumberId'] }, step: 'number' },
  token: { state: EMPTY, step: 'token' },
  token_ends: {
    state: { ...ENTERED, token: { expiresAt: NOW + 3_600_000, scopes: [] } },
    step: 'token',
  },
  token_scopes: {
    state: withSteps(ENTERED, {
      token: wire('setup_token_scopes', { missing: 'whatsapp_business_messaging' }),
    }),
    step: 'token',
  },
  app: { state: EMPTY, step: 'app' },
  app_wrong: { state: withSteps(ENTERED, { app: wire('setup_app_wrong') }), step: 'app' },
  webhook: { state: EMPTY, step: 'webhook' },
  webhook_differs: {
    state: withSteps(ENTERED, { webhook: wire('setup_webhook_differs', { status: 502 }) }),
    step: 'webhook',
  },
  webhook_heard: { state: READY, step: 'webhook' },
  subscription: {
    state: withSteps(ENTERED, { subscription: wire('setup_not_subscribed') }),
    step: 'subscription',
  },
  registration: {
    state: withSteps(ENTERED, { registration: wire('setup_not_registered') }),
    step: 'registration',
  },
  registration_done: { state: READY, step: 'registration' },
  status: { state: READY, step: 'status' },
  status_banned: {
    state: {
      ...READY,
      standing: { flagged: true, ban: 'scheduled', restrictions: 1 },
      steps: READY.steps.map((view) => (view.step === 'status' ? { ...view, state: 'failed' } : view)),
    },
    step: 'status',
  },
  status_test: { state: { ...READY, number: { ...NUMBER, isTest: true, nameStatus: null } }, step: 'status' },
  templates: { state: { ...READY, templates: [] }, step: 'templates' },
  templates_mixed: {
    state: {
      ...withSteps(READY, { templates: 'saved' }),
      templates: templates((at) => ['pending', 'approved', 'rejected', 'draft', 'paused'][at % 5] ?? 'draft'),
    },
    step: 'templates',
  },
  message: { state: READY, step: 'message' },
  message_sent: {
    state: { ...withSteps(READY, { message: 'saved' }), message: message({}) },
    step: 'message',
  },
  message_delivered: {
    state: { ...withSteps(READY, { message: 'done' }), message: message({ state: 'delivered' }) },
    step: 'message',
  },
  message_not_listed: {
    state: {
      ...withSteps(READY, { message: 'failed' }),
      number: { ...NUMBER, isTest: true },
      message: message({ state: 'failed', reason: 'test_number_not_registered' }),
    },
    step: 'message',
  },
  ...CUSTOMER_STATES,
  ...WEB_STATES,
  accounts_one: { state: READY, step: 'accounts' },
  accounts_more: { state: chain('default'), step: 'accounts' },
  account_of_a_shop: { state: { ...chain(SECOND_ACCOUNT), steps: EMPTY.steps }, step: 'account' },
  signup_of_a_shop: { page: 'signup', state: chain(SECOND_ACCOUNT) },
  signup: { page: 'signup', state: EMPTY },
  signup_ready: { page: 'signup', state: ENTERED },
  signup_without_sdk: { page: 'signup', state: ENTERED, noSdk: true },
} as const satisfies Record<string, GatewayState>;

export type GatewayStateName = keyof typeof GATEWAY_STATES;
export const GATEWAY_STATE_NAMES = Object.keys(GATEWAY_STATES) as GatewayStateName[];

export function gatewayState(name: string): GatewayState {
  const known = GATEWAY_STATE_NAMES.find((candidate) => candidate === name);
  return known === undefined ? {} : GATEWAY_STATES[known];
}
