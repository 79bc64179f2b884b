import { type ErrorCode, SaksiError, type WireError } from '../../../shared/errors.ts';
import type { ShopDesk } from '../../../shared/shop-desk.ts';
import type { WebAccount, WebChallenge, WebDesk } from '../../../shared/web-api.ts';
import type { Answer } from '../../gateway/call.ts';
import type { WebApi } from '../../gateway/web/api.ts';
import type { ShopApi } from '../../gateway/web/shop-api.ts';
import { AUDIT_STATES } from '../audit-states.ts';
import { LOGIN } from '../login-states.ts';
import { SIGNAL_STATES } from '../signal-states.ts';
import type { DevState } from '../state-kit.ts';
import type { GatewayState } from './states.ts';

/** What the managers' page shows: the same as a till in that state. */
export interface WebState {
  readonly page?: 'digest' | 'signals' | 'cases' | 'timeline' | 'pictures' | 'account' | 'shop';
  readonly till?: DevState;
  /** Null: nobody is signed in. */
  readonly desk?: WebDesk | null;
  readonly account?: WebAccount;
  /** Why a session or a password is refused. */
  readonly refusal?: WireError;
  readonly challenge?: WebChallenge;
  /** This page has no passkeys. */
  readonly noPasskeys?: boolean;
}

const NOW = Date.UTC(2026, 10, 26, 9, 30);
const DAY_MS = 86_400_000;
const id = (number: number) => `018f0000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const TICKET = 't'.repeat(43);

const MENTENG = { id: id(1), name: 'Toko Saksi Menteng', role: 'manager' } as const;
const KOTA_TUA = { id: id(2), name: 'Toko Saksi Kota Tua dan Sekitarnya', role: 'supervisor' } as const;
const DESK: WebDesk = {
  ...{ name: 'Hendra Wijaya', expiresAt: NOW + DAY_MS / 2, needsCredential: false },
  stores: [MENTENG],
};
export const CHALLENGE: WebChallenge = {
  ...{ ticket: TICKET, name: 'Hendra', phoneMasked: '+62•••••••0003', ended: false, code: LOGIN.code },
};

const NEW_ACCOUNT: WebAccount = {
  ...{ name: 'Hendra Wijaya', phoneMasked: '+62•••••••0003', login: null, passkeys: [] },
  sessions: [
    {
      ...{ id: id(71), current: true, by: 'link', browser: 'Chrome, Windows' },
      ...{ since: NOW, seenAt: NOW, expiresAt: NOW + DAY_MS / 2 },
    },
  ],
};
const ACCOUNT: WebAccount = {
  ...NEW_ACCOUNT,
  login: { id: id(61), name: 'hendra@tokosaksi.example', since: NOW - 40 * DAY_MS },
  passkeys: [
    { id: id(62), label: 'HP Hendra', since: NOW - 20 * DAY_MS, usedAt: NOW - DAY_MS },
    { id: id(63), label: 'Laptop kantor Menteng lantai dua', since: NOW - 2 * DAY_MS, usedAt: null },
  ],
  sessions: [
    ...NEW_ACCOUNT.sessions.map((session) => ({ ...session, by: 'password' as const })),
    {
      ...{ id: id(72), current: false, by: 'passkey', browser: 'Chrome, Android' },
      ...{ since: NOW - DAY_MS / 4, seenAt: NOW - 600_000, expiresAt: NOW + DAY_MS / 4 },
    },
    {
      ...{ id: id(73), current: false, by: 'link', browser: null },
      ...{ since: NOW - DAY_MS / 8, seenAt: NOW - 3_600_000, expiresAt: NOW + DAY_MS / 3 },
    },
  ],
};

const wire = (code: ErrorCode, params = {}) => new SaksiError(code, { params }).toWire();
const web = (state: WebState): GatewayState => ({ page: 'web', web: { desk: DESK, ...state } });

export const WEB_STATES = {
  web_signed_out: web({ desk: null }),
  web_refused: web({ desk: null, refusal: wire('web_link_invalid'), noPasskeys: true }),
  web_code: web({ desk: null, challenge: CHALLENGE }),
  web_starting: { page: 'web', waits: true, web: {} },
  web_no_store: web({ desk: { ...DESK, stores: [] } }),
  web_needs_credential: web({
    ...{ page: 'digest', till: SIGNAL_STATES.digest, account: NEW_ACCOUNT },
    desk: { ...DESK, needsCredential: true },
  }),
  web_account: web({ page: 'account', account: ACCOUNT }),
  web_account_new: web({
    ...{ page: 'account', account: { ...NEW_ACCOUNT, phoneMasked: null }, noPasskeys: true },
    desk: { ...DESK, needsCredential: true },
  }),
  web_shop: web({ page: 'shop' }),
  web_digest: web({ page: 'digest', till: SIGNAL_STATES.digest }),
  web_signals: web({ page: 'signals', till: SIGNAL_STATES.signals }),
  web_cases: web({ page: 'cases', till: SIGNAL_STATES.cases }),
  web_timeline: web({ page: 'timeline', till: AUDIT_STATES.timeline }),
  web_supervisor: web({
    ...{ page: 'timeline', till: AUDIT_STATES.timeline },
    desk: { ...DESK, stores: [KOTA_TUA, MENTENG] },
  }),
  web_pictures: web({ page: 'pictures', till: AUDIT_STATES.pictures }),
} as const satisfies Record<string, GatewayState>;

/** Answers as in that state; what is changed is changed until the page is left. */
export function fakeWeb(
  { desk = DESK, refusal, account: first = ACCOUNT }: WebState,
  waits: boolean,
): WebApi {
  const never = new Promise<never>(() => {});
  const ok = <T>(value: T): Promise<Answer<T>> => Promise.resolve({ ok: true, value });
  const refused = (error: WireError): Promise<Answer<never>> => Promise.resolve({ ok: false, error });
  let account = first;
  const change = (next: Partial<WebAccount>) => {
    account = { ...account, ...next };
    return ok(account);
  };
  const options = () => ok({ ticket: TICKET, options: {} });
  return {
    desk: () => (waits ? never : desk === null ? refused(refusal ?? wire('web_session_ended')) : ok(desk)),
    signInByLink: () => ok({ role: 'staff' as const, expiresAt: 0 }),
    signOut: () => Promise.resolve(),
    password: ({ password }) =>
      password === DEV_PASSWORD ? ok(CHALLENGE) : refused(wire('web_sign_in_wrong')),
    passkeyOptions: options,
    passkey: () => ok(CHALLENGE),
    look: () => ok(CHALLENGE),
    resend: () => refused(wire('code_resend_too_early', { seconds: 30 })),
    code: ({ code }) => (code === DEV_CODE ? ok(DESK) : refused(wire('code_wrong', { triesLeft: 4 }))),
    account: () => ok(account),
    setPassword: ({ name }) => change({ login: { id: id(64), name, since: NOW } }),
    newPasskeyOptions: options,
    newPasskey: ({ label }) =>
      change({ passkeys: [...account.passkeys, { id: id(65), label, since: NOW, usedAt: null }] }),
    removeCredential: (gone) =>
      change({
        login: account.login?.id === gone ? null : account.login,
        passkeys: account.passkeys.filter((one) => one.id !== gone),
      }),
    endSession: (gone) => change({ sessions: account.sessions.filter((one) => one.id !== gone) }),
    endOthers: () => change({ sessions: account.sessions.filter(({ current }) => current) }),
  };
}

/** Signs in, with this code. */
export const DEV_PASSWORD = 'kopi tubruk di beranda';
export const DEV_CODE = '123456';

const SHOP: ShopDesk = {
  tills: [
    { id: id(81), name: 'Kasir 1', state: 'paired', appVersion: '0.1.0' },
    { id: id(82), name: 'Kasir Teras Belakang', state: 'waiting', appVersion: null },
    { id: id(83), name: 'Kasir lama', state: 'revoked', appVersion: '0.1.0' },
  ],
  people: [
    { id: id(91), name: 'Ayu Lestari', role: 'cashier', phone: null, verified: false },
    {
      id: id(92),
      name: 'Dewi Anggraini Kusumawardhani',
      role: 'supervisor',
      phone: '+62•••••••0002',
      verified: true,
    },
    { id: id(93), name: 'Hendra Wijaya', role: 'manager', phone: '+62•••••••0003', verified: true },
  ],
  rules: [
    {
      ...{ version: 3, at: NOW, by: 'Hendra Wijaya', second: 'Dewi Anggraini Kusumawardhani' },
      ...{ changed: ['pin', 'slipDesign'], weaker: ['pin'] },
    },
    { version: 2, at: NOW - DAY_MS, by: null, second: null, changed: ['channels'], weaker: [] },
    { version: 1, at: NOW - 9 * DAY_MS, by: null, second: null, changed: null, weaker: [] },
  ],
};

/** What is changed is changed until the page is left. */
export function fakeShop(): ShopApi {
  let shop = SHOP;
  const ok = <T>(value: T): Promise<Answer<T>> => Promise.resolve({ ok: true, value });
  const change = (next: Partial<ShopDesk>) => {
    shop = { ...shop, ...next };
    return ok(shop);
  };
  const pairing = (tillId: string) =>
    ok({ tillId, pairingCode: 'SAKSI1.eyJ1IjoiaHR0cHM6Ly9n.4f7a2c', expiresAt: NOW + 600_000, desk: shop });
  return {
    desk: () => ok(shop),
    addTill(_storeId, name) {
      shop = { ...shop, tills: [...shop.tills, { id: id(84), name, state: 'waiting', appVersion: null }] };
      return pairing(id(84));
    },
    pairTill: (_storeId, tillId) => pairing(tillId),
    revokeTill: (_storeId, tillId) =>
      change({
        tills: shop.tills.map((till) => (till.id === tillId ? { ...till, state: 'revoked' } : till)),
      }),
    addCashier: (_storeId, { name, phone }) =>
      phone === '12345'
        ? Promise.resolve({ ok: false, error: wire('phone_malformed') })
        : change({
            people: [...shop.people, { id: id(94), name, role: 'cashier', phone: null, verified: false }],
          }),
    removeCashier: (_storeId, staffId) =>
      change({ people: shop.people.filter((person) => person.id !== staffId) }),
    enrol: (_storeId, staffId) => ok({ staffId, word: 'SAKSI-7Q4K-M2XD', expiresAt: NOW + 600_000 }),
    forget: () => ok(shop),
  };
}
