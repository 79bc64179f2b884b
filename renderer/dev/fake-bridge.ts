import type {
  BridgeInput,
  BridgeMethod,
  BridgeOutput,
  BridgeResult,
  RedemptionView,
  SaksiBridge,
  TillView,
} from '../../shared/bridge.ts';
import type { Clock } from '../../shared/effects.ts';
import { type Language, SaksiError } from '../../shared/errors.ts';
import { DEFAULT_SLIP_DESIGN } from '../../shared/slip-design.ts';
import { fakeAudit } from './audit-states.ts';
import { fakeCashSale } from './cash-sale-states.ts';
import { fakeApprovals } from './fake-approvals.ts';
import { fakeCases } from './fake-cases.ts';
import { fakeDevices } from './fake-devices.ts';
import { fakeDigest } from './fake-digest.ts';
import { fakeOffline } from './fake-offline.ts';
import { fakeShift } from './fake-shift.ts';
import { baseView, CODE, CUSTOMERS, RECENT, REDEMPTION } from './fixtures.ts';
import { LOGIN } from './login-states.ts';
import { fakeMessages } from './message-states.ts';
import { SEALED } from './offline-fixtures.ts';
import { fakeSignals } from './signal-states.ts';
import { fakePreview } from './slip-states.ts';
import type { DevState } from './states.ts';

/** The PIN and the code that the scripted till takes. */
export const DEV_PIN = '1234';
export const DEV_CODE = '123456';

/** How long each step of the script takes. */
const STEP_MS = 350;

interface FakeBridgeOptions {
  readonly state: DevState;
  readonly language: Language;
  readonly theme: TillView['settings']['theme'];
  readonly clock: Clock;
}

type Handlers = {
  [M in BridgeMethod]: (input: BridgeInput<M>) => BridgeOutput<M> | Promise<BridgeOutput<M>>;
};

/** A till that follows a script: for the development page and its tests only. */
export function createFakeBridge({ state, language, theme, clock }: FakeBridgeOptions): SaksiBridge {
  const base = baseView(language, theme);
  let view: TillView = state.view?.(base) ?? base;
  const listeners = new Set<(view: TillView | null) => void>();

  const set = (change: Partial<TillView>) => {
    view = { ...view, ...change };
    for (const listener of listeners) {
      listener(view);
      if (state.host === 'lost') listener(null);
    }
  };
  const setRedemption = (change: Partial<RedemptionView>) => {
    if (view.redemption !== null) set({ redemption: { ...view.redemption, ...change } });
  };
  const setCode = (change: Partial<typeof CODE>) => {
    const code = view.redemption?.code;
    if (code) setRedemption({ code: { ...code, ...change } });
  };
  /** Runs each step after the one before it, while the same redemption is on screen. */
  const play = (steps: readonly (() => void)[]) => {
    const id = view.redemption?.id;
    steps.forEach((step, index) => {
      clock.schedule(STEP_MS * (index + 1), () => {
        if (view.redemption?.id === id) step();
      });
    });
  };
  const deliver = () =>
    play(
      (['accepted', 'sent', 'delivered', 'read'] as const).map(
        (reached) => () => setCode({ delivery: { channel: 'whatsapp', state: reached, reason: null } }),
      ),
    );
  const act = () => {
    const wanted = view.redemption?.drawer.state === 'waiting';
    setRedemption({ stage: 'acting', code: null, error: null });
    play([
      () =>
        setRedemption({
          drawer: { state: wanted ? 'opened' : 'not_needed', error: null },
          slip: { state: 'printing', error: null, copiesLeft: 3 },
        }),
      () =>
        setRedemption({
          slip: { state: 'printed', error: null, copiesLeft: 3 },
          settlement: 'queued',
          stage: 'done',
        }),
      () => {
        if (!lineDown()) setRedemption({ settlement: 'confirmed' });
      },
    ]);
  };

  const approvals = fakeApprovals({
    view: () => view,
    set: (next) => set({ approvals: next }),
    later: (steps, run) => void clock.schedule(STEP_MS * steps, run),
    pin: DEV_PIN,
    code: DEV_CODE,
    conflict: state.conflict ?? false,
    slipDesign: state.slipDesign ?? DEFAULT_SLIP_DESIGN,
    rules: state.policy ?? {},
  });

  const offline = fakeOffline({
    state,
    pin: DEV_PIN,
    view: () => view,
    set,
    setRedemption,
    act,
    later: (steps, run) => void clock.schedule(STEP_MS * steps, run),
  });
  const lineDown = () => view.status.gateway.state === 'offline';

  const handlers: Handlers = {
    ...approvals,
    ...offline,
    ...fakeDevices({ state, view: () => view, set }),
    ...fakeShift({
      ...{ state, view: () => view, set },
      later: (steps, run) => void clock.schedule(STEP_MS * steps, run),
    }),
    'slips.preview': fakePreview,
    'messages.list': (input) => fakeMessages(state, input),
    // A document that says nothing: what is in one, electron/till/message-pdf makes and tests.
    'messages.pdf': () => ({ pdf: btoa('%PDF-1.7') }),
    ...fakeAudit({ state, pin: DEV_PIN, clock }),
    ...fakeSignals(state),
    ...fakeCases(state),
    ...fakeDigest(state),
    'policy.get': () => {
      if (state.policyError) throw new SaksiError(state.policyError);
      return approvals['policy.get']({});
    },
    'pairing.pair': () => {
      set({ till: base.till, staff: base.staff });
      return {};
    },
    'session.signIn': ({ staffId, pin }) => {
      const member = view.staff.find(({ id }) => id === staffId);
      if (member === undefined) throw new SaksiError('staff_unknown');
      if (pin !== DEV_PIN) throw new SaksiError('pin_wrong', { params: { triesLeft: 4 } });
      if (state.loginCode) set({ login: { ...LOGIN, staffId, name: member.name } });
      else set({ session: { staffId, name: member.name, role: member.role } });
      return {};
    },
    'session.submitCode': ({ code }) => {
      const { login } = view;
      const member = view.staff.find(({ id }) => id === login?.staffId);
      if (login === null || member === undefined) throw new SaksiError('login_unknown');
      if (code === DEV_CODE) {
        set({ login: null, session: { staffId: member.id, name: member.name, role: member.role } });
        return {};
      }
      const triesLeft = login.code.triesLeft - 1;
      const error = new SaksiError(triesLeft > 0 ? 'code_wrong' : 'login_tries_exhausted', {
        params: { triesLeft },
      });
      const ended = triesLeft === 0;
      set({ login: { ...login, code: { ...login.code, triesLeft }, ended, error: error.toWire() } });
      throw error;
    },
    'session.resendCode': () => {
      const { login } = view;
      if (login === null) throw new SaksiError('login_unknown');
      const { sends, sendsLeft } = login.code;
      const code = { ...login.code, sends: sends + 1, sendsLeft: sendsLeft - 1, resendInMs: 60_000 };
      set({ login: { ...login, code } });
      return {};
    },
    'alarm.seen': ({ alarmId }) => {
      set({ codeAlarms: view.codeAlarms.filter(({ id }) => id !== alarmId) });
      return {};
    },
    'session.cancelLogin': () => {
      set({ login: null });
      return {};
    },
    'session.signOut': () => {
      set({ session: null });
      return {};
    },
    'customers.search': ({ q }) => {
      const wanted = q.toLowerCase();
      const customers = CUSTOMERS.filter(({ name, memberNo, phoneMasked }) =>
        [name, memberNo, phoneMasked].some((text) => text?.toLowerCase().includes(wanted)),
      );
      return { customers, ageMs: lineDown() ? SEALED.ageMs : null };
    },
    'redemption.start': ({ customerId, asset, amount, drawer }) => {
      const customer = CUSTOMERS.find(({ id }) => id === customerId);
      if (customer === undefined) throw new SaksiError('customer_unknown');
      const available = customer.balances.find((balance) => balance.asset === asset)?.available ?? 0;
      set({
        redemption: {
          ...REDEMPTION,
          stage: lineDown() ? 'awaiting_sealed' : 'requesting',
          asset,
          amount: amount as RedemptionView['amount'],
          customer,
          availableAfter: available - Number(amount),
          code: null,
          sealed: lineDown() ? { ...SEALED, available } : null,
          drawer: { state: drawer ? 'waiting' : 'not_needed', error: null },
        },
      });
      if (lineDown()) return { redemptionId: REDEMPTION.id };
      play([
        () => {
          setRedemption({
            stage: 'awaiting_code',
            code: {
              ...CODE,
              resendInMs: 6_000,
              delivery: { channel: 'whatsapp', state: 'queued', reason: null },
            },
          });
          deliver();
        },
      ]);
      return { redemptionId: REDEMPTION.id };
    },
    'redemption.submitCode': ({ code }) => {
      const now = view.redemption?.code;
      if (!now) throw new SaksiError('redemption_unknown');
      if (code === DEV_CODE) {
        act();
        return {};
      }
      const triesLeft = now.triesLeft - 1;
      setCode({ triesLeft });
      const error = new SaksiError(triesLeft > 0 ? 'code_wrong' : 'code_tries_exhausted', {
        params: { triesLeft },
      });
      setRedemption({ error: error.toWire(), ...(triesLeft > 0 ? {} : { stage: 'failed', code: null }) });
      throw error;
    },
    'redemption.resend': () => {
      const now = view.redemption?.code;
      if (!now) throw new SaksiError('redemption_unknown');
      setCode({ sends: now.sends + 1, sendsLeft: now.sendsLeft - 1, resendInMs: 60_000 });
      deliver();
      return {};
    },
    'redemption.cancel': () => {
      setRedemption({ stage: 'cancelled', code: null });
      return {};
    },
    'redemption.dismiss': () => {
      set({ redemption: null, recent: RECENT });
      return {};
    },
    'redemption.reprint': ({ redemptionId }) => {
      if (redemptionId !== view.redemption?.id) return {};
      const left = view.redemption.slip.copiesLeft;
      setRedemption({ slip: { state: 'printing', error: null, copiesLeft: left } });
      play([() => setRedemption({ slip: { state: 'printed', error: null, copiesLeft: left - 1 } })]);
      return {};
    },
    'cashSale.open': fakeCashSale({ view: () => view, set }),
    'settings.set': (change) => {
      set({
        settings: {
          language: change.language ?? view.settings.language,
          theme: change.theme ?? view.settings.theme,
        },
      });
      return {};
    },
  };

  return {
    async invoke<M extends BridgeMethod>(method: M, input: BridgeInput<M>): Promise<BridgeResult<M>> {
      // Never answers: for the states that wait.
      if (method === 'policy.get' && state.policyWaits) return new Promise(() => {});
      if (state.waits === method) return new Promise(() => {});
      await new Promise<void>((resolve) => {
        clock.schedule(STEP_MS / 5, resolve);
      });
      try {
        return { ok: true, value: await handlers[method](input) };
      } catch (error) {
        if (error instanceof SaksiError) return { ok: false, error: error.toWire() };
        throw error;
      }
    },
    subscribe(listener) {
      if (state.host === 'silent') return () => {};
      listeners.add(listener);
      listener(view);
      if (state.host === 'lost') listener(null);
      return () => listeners.delete(listener);
    },
  };
}
