import type { TillView } from '../../shared/bridge.ts';
import { CODE, STAFF, uuid, wire } from './fixtures.ts';
import { type DevState, managing } from './state-kit.ts';

type Login = NonNullable<TillView['login']>;

const MANAGER: TillView['session'] = {
  staffId: STAFF[3]?.id ?? '',
  name: STAFF[3]?.name ?? '',
  role: 'manager',
};

export const LOGIN: Login = {
  staffId: STAFF[2]?.id ?? '',
  name: STAFF[2]?.name ?? '',
  phoneMasked: '+62•••••••3333',
  code: { ...CODE, delivery: { channel: 'whatsapp', state: 'sent', reason: null }, resendInMs: 42_000 },
  rememberDays: 30,
  checking: false,
  ended: false,
  error: null,
};

const logging = (change: Partial<Login>): DevState => ({
  view: (base) => ({ ...base, session: null, login: { ...LOGIN, ...change } }),
});

const ALARMS: TillView['codeAlarms'] = [
  { id: uuid(901), about: 'redemption', saleRef: 'POS-2026-001182', at: Date.UTC(2026, 10, 27, 3, 12) },
  { id: uuid(902), about: 'login', saleRef: null, at: Date.UTC(2026, 10, 27, 3, 2) },
];

/** The code at sign-in; codes that nobody asked for. */
export const LOGIN_STATES = {
  code_alarm: { view: (base) => ({ ...base, codeAlarms: ALARMS.slice(0, 1) }) },
  code_alarm_manager: managing({
    page: 'redeem',
    view: (base) => ({ ...base, codeAlarms: ALARMS, session: MANAGER }),
  }),
  /** The PIN of anybody is followed by a code. */
  sign_in_asks_code: { loginCode: true, view: (base) => ({ ...base, session: null }) },
  login_code: logging({}),
  login_code_arrived: logging({
    code: { ...CODE, delivery: { channel: 'whatsapp', state: 'delivered', reason: null } },
    rememberDays: 0,
  }),
  login_code_wrong: logging({
    code: { ...LOGIN.code, triesLeft: 1 },
    error: wire('code_wrong', { triesLeft: 1 }),
  }),
  login_code_failed: logging({
    code: { ...CODE, delivery: { channel: 'whatsapp', state: 'failed', reason: 'not_on_whatsapp' } },
  }),
  login_code_offline: logging({ error: wire('gateway_unreachable') }),
  login_code_over: logging({ ended: true, error: wire('login_tries_exhausted') }),
} as const satisfies Record<string, DevState>;
