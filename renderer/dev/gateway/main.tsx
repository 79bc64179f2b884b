import '../../bridge/zod-config.ts';
import { systemClock } from '../../../shared/effects.ts';
import { SaksiError } from '../../../shared/errors.ts';
import type { SetupApi } from '../../gateway/api.ts';
import type { Answer } from '../../gateway/call.ts';
import { CustomersPage } from '../../gateway/customers/customers-page.tsx';
import { mountPage } from '../../gateway/mount.tsx';
import { SetupPage } from '../../gateway/setup-page.tsx';
import { SignupPage } from '../../gateway/signup-page.tsx';
import { WebPage } from '../../gateway/web/web-page.tsx';
import { createFakeBridge } from '../fake-bridge.ts';
import { fakeCustomers } from './customer-states.ts';
import { type GatewayState, gatewayState } from './states.ts';
import { fakeShop, fakeWeb } from './web-states.ts';

/** `dev-gateway.html#state=token&lang=id&theme=dark` shows one state of one page. */
function show(): () => void {
  const asked = new URLSearchParams(window.location.hash.slice(1));
  const name = asked.get('state') ?? 'account';
  const state = gatewayState(name);
  const kept = {
    getItem: (key: string) => asked.get(key === 'saksi.language' ? 'lang' : 'theme'),
    setItem: () => {},
  };
  const api = fakeApi(state);
  const open = () =>
    state.noSdk
      ? Promise.reject(new Error('blocked'))
      : Promise.resolve(() => Promise.resolve({ outcome: 'cancelled' as const }));
  const customers = fakeCustomers(state.customers ?? null, state.waits ?? false);
  const { step, web } = state;
  const place = {
    location: { hash: `#/${web?.page ?? ''}`, pathname: window.location.pathname },
    history: { replaceState: () => {} },
  };
  const openBridge = () =>
    createFakeBridge({ state: web?.till ?? {}, language: 'id', theme: 'light', clock: systemClock });
  const unmount = mountPage((i18n) =>
    state.page === 'customers' ? (
      <CustomersPage
        {...{ i18n, kept, linkToken: null, api: customers, search: state.customers?.search ?? '' }}
      />
    ) : state.page === 'web' ? (
      <WebPage
        {...{ i18n, kept, openBridge, place, linkToken: null, customers, clock: systemClock }}
        api={fakeWeb(web ?? {}, state.waits ?? false)}
        shop={fakeShop()}
        passkeys={
          web?.noPasskeys ? null : { create: async () => ({ id: 'x' }), get: async () => ({ id: 'x' }) }
        }
        {...(web?.challenge === undefined ? {} : { challenge: web.challenge })}
      />
    ) : state.page === 'signup' ? (
      <SignupPage api={api} i18n={i18n} kept={kept} open={open} />
    ) : (
      <SetupPage
        {...{ api, i18n, kept, linkToken: state.linkError === undefined ? null : 'used' }}
        {...(step === undefined ? {} : { step })}
      />
    ),
  );
  document.body.dataset.state = name;
  return unmount;
}

/** Answers as in that state, whatever is asked. */
function fakeApi({ state = null, waits = false, linkError }: GatewayState): SetupApi {
  const never = new Promise<never>(() => {});
  const refused = <T,>(code: 'web_session_ended'): Answer<T> => ({
    ok: false,
    error: new SaksiError(code).toWire(),
  });
  const answer = async (): Promise<Answer<NonNullable<typeof state>>> =>
    state === null ? refused('web_session_ended') : { ok: true, value: state };
  const session = async () =>
    state === null
      ? refused<never>('web_session_ended')
      : { ok: true as const, value: { role: 'operator' as const, expiresAt: 0 } };
  return {
    session: () => (waits ? never : session()),
    signIn: () => (linkError === undefined ? session() : Promise.resolve({ ok: false, error: linkError })),
    signOut: () => Promise.resolve(),
    state: answer,
    change: answer,
    addAccount: async () => refused('web_session_ended'),
  };
}

let unmount = show();
window.addEventListener('hashchange', () => {
  unmount();
  unmount = show();
});
