import { type ErrorCode, type ErrorParams, SaksiError, type WireError } from '../../../shared/errors.ts';
import { amountSchema } from '../../../shared/money.ts';
import {
  type CustomerFile,
  type CustomerFound,
  type CustomerStores,
  customerFileSchema,
} from '../../../shared/privacy.ts';
import type { Answer } from '../../gateway/call.ts';
import type { CustomersApi } from '../../gateway/customers/api.ts';
import type { GatewayState } from './states.ts';

const id = (number: number) => `018f0000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const NOW = Date.UTC(2026, 10, 26, 9, 30);
const MANAGER = { id: id(44), name: 'Hendra Wijaya' };

const STORES: CustomerStores = {
  stores: [
    {
      ...{ id: id(1), name: 'Toko Saksi Menteng', staffId: MANAGER.id },
      managers: [MANAGER, { id: id(45), name: 'Ratna Dewi' }],
    },
  ],
};
const TWO_STORES: CustomerStores = {
  stores: [
    ...STORES.stores,
    { id: id(2), name: 'Toko Saksi Kota Tua dan Sekitarnya', managers: [MANAGER], staffId: null },
  ].map((store) => ({ ...store, staffId: null })),
};

const FOUND: readonly CustomerFound[] = [
  { id: id(21), name: 'Siti Rahmawati', memberNo: 'A-10023', phoneMasked: '+62•••••••7890' },
  {
    ...{ id: id(22), name: 'Raden Ayu Kusumaningtyas Wirjodiningrat', memberNo: null },
    phoneMasked: '+62•••••••0034',
  },
];

const FILE: CustomerFile = customerFileSchema.parse({
  ...{ id: id(21), name: 'Siti Rahmawati', memberNo: 'A-10023', phone: '+6281234567890' },
  ...{ email: null, codeChannels: ['sms'], currency: 'IDR' },
  balances: [
    { asset: 'deposit', available: amountSchema.parse(350_000), reserved: 0 },
    { asset: 'points', available: 1_240, reserved: 0 },
  ],
  notices: { redemption: true, topup: false },
  consents: [
    {
      ...{ at: NOW, purpose: 'topup', given: false, how: 'manager', source: 'telepon 26 November' },
      by: MANAGER.name,
    },
    { at: NOW - 86_400_000, purpose: 'notices', given: true, how: 'whatsapp', source: 'wamid.X', by: null },
    {
      at: NOW - 900_000_000,
      purpose: 'notices',
      given: false,
      how: 'operator',
      source: 'surat 17',
      by: null,
    },
  ],
});
const NOTHING_SAID: CustomerFile = {
  ...FILE,
  ...{ memberNo: null, email: 'siti.rahmawati.dengan.nama.panjang@contoh-perusahaan.co.id' },
  ...{ codeChannels: null, notices: { redemption: false, topup: false }, consents: [] },
};

/** What the customers' page shows and is answered. */
export interface CustomersState {
  readonly stores?: CustomerStores;
  readonly search?: string;
  readonly found?: readonly CustomerFound[];
  readonly file?: CustomerFile;
  readonly findError?: WireError;
  readonly eraseError?: WireError;
}

const wire = (code: ErrorCode, params: ErrorParams = {}): WireError =>
  new SaksiError(code, { params }).toWire();
const customers = (change: CustomersState = {}): GatewayState => ({
  page: 'customers',
  customers: { stores: STORES, search: 'A-10023', found: FOUND.slice(0, 1), file: FILE, ...change },
});

export const CUSTOMER_STATES = {
  customers_signed_out: { page: 'customers', customers: null },
  customers_starting: { page: 'customers', waits: true, customers: {} },
  customers: customers({ search: '' }),
  customers_found: customers({ search: 'Siti', found: FOUND, stores: TWO_STORES }),
  customers_none: customers({ search: 'A-99', found: [] }),
  customers_error: customers({ findError: wire('gateway_unreachable') }),
  customer_file: customers(),
  customer_nothing_said: customers({ file: NOTHING_SAID }),
  customer_has_balance: customers({
    eraseError: wire('customer_has_balance', { deposit: 350_000, points: 1_240 }),
  }),
} as const satisfies Record<string, GatewayState>;

/** Answers as in that state; what is changed is changed until the page is left. */
export function fakeCustomers(state: CustomersState | null, waits: boolean): CustomersApi {
  const never = new Promise<never>(() => {});
  const refused = (error: WireError): Answer<never> => ({ ok: false, error });
  const ok = <T>(value: T): Promise<Answer<T>> => Promise.resolve({ ok: true, value });
  let file = state?.file ?? FILE;
  const session = () =>
    waits
      ? never
      : state === null
        ? Promise.resolve(refused(wire('web_session_ended')))
        : ok({ role: 'staff' as const, expiresAt: 0 });
  return {
    session,
    signIn: session,
    signOut: () => Promise.resolve(),
    stores: () => ok(state?.stores ?? STORES),
    find: () =>
      state?.findError === undefined
        ? ok({ customers: [...(state?.found ?? FOUND)] })
        : Promise.resolve(refused(state.findError)),
    view: () => ok(file),
    consent({ purpose, given, note: source }) {
      const said = { at: Date.now(), purpose, given, how: 'manager' as const, source, by: MANAGER.name };
      const notices =
        purpose === 'notices' ? { redemption: given, topup: given } : { ...file.notices, [purpose]: given };
      file = { ...file, notices, consents: [said, ...file.consents] };
      return ok(file);
    },
    reach({ codeChannels }) {
      file = { ...file, codeChannels };
      return ok(file);
    },
    export: () => Promise.resolve(refused(wire('gateway_unreachable'))),
    erase({ note, force }) {
      const open = { redemptions: 0, deposit: 0, points: 0 };
      if (state?.eraseError !== undefined && force === undefined)
        return Promise.resolve(refused(state.eraseError));
      if (force !== undefined && force.pin !== DEV_MANAGER_PIN)
        return Promise.resolve(refused(wire('pin_wrong', { triesLeft: 4 })));
      const by = { by: 'manager' as const, note, forcedBy: force?.staffId ?? null };
      return ok({ customerId: file.id, storeId: id(1), at: NOW, ...by, open, messages: 12 });
    },
  };
}

/** Of the manager who is signed in. */
export const DEV_MANAGER_PIN = '4444';
