import type {
  BridgeInput,
  BridgeOutput,
  OutboxItemView,
  RedemptionView,
  TillView,
} from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import { normaliseSealedCode, SEALED_LENGTH } from '../../shared/offline.ts';
import { CUSTOMERS } from './fixtures.ts';
import { DEV_SEALED, REPORT, SEALED, WAITING_ITEMS } from './offline-fixtures.ts';
import type { DevState } from './states.ts';

type Methods =
  | 'redemption.submitSealed'
  | 'outbox.list'
  | 'outbox.retry'
  | 'outbox.editCustomer'
  | 'outbox.handOver'
  | 'report.reconcile'
  | 'trouble.seen'
  | 'drawer.acknowledge'
  | 'app.quit'
  | 'app.stay';
type Handlers = { [M in Methods]: (input: BridgeInput<M>) => BridgeOutput<M> };

const PIN_TRIES = 5;

interface FakeOfflineOptions {
  readonly state: DevState;
  readonly pin: string;
  view(): TillView;
  set(change: Partial<TillView>): void;
  setRedemption(change: Partial<RedemptionView>): void;
  /** The devices go to work. */
  act(): void;
  later(steps: number, run: () => void): void;
}

/** Sealed codes, the list of what waits, the report and the troubles of the scripted till. */
export function fakeOffline(options: FakeOfflineOptions): Handlers {
  const { state, pin, view, set, setRedemption, act, later } = options;
  let items: readonly OutboxItemView[] = state.items ?? WAITING_ITEMS;
  const count = () => {
    const attention = items.filter((item) => item.state === 'refused').length;
    const outbox = { pending: items.length - attention, attention, draining: null };
    set({ status: { ...view().status, outbox } });
  };
  const known = (itemId: string) => {
    const item = items.find(({ id }) => id === itemId);
    if (item === undefined) throw new SaksiError('outbox_item_unknown');
    return item;
  };
  const replace = (itemId: string, change: Partial<OutboxItemView> | null) => {
    items = items.flatMap((item) =>
      item.id !== itemId ? [item] : change === null ? [] : [{ ...item, ...change }],
    );
    count();
  };
  const sendSoon = (itemId: string) => {
    replace(itemId, { state: 'pending', nextTryInMs: 0, reason: null, actions: [] });
    later(6, () => replace(itemId, null));
  };
  const wrongPins = new Map<string, number>();
  const wrongPin = (staffId: string) => {
    const wrong = (wrongPins.get(staffId) ?? 0) + 1;
    wrongPins.set(staffId, wrong);
    if (wrong < PIN_TRIES) return new SaksiError('pin_wrong', { params: { triesLeft: PIN_TRIES - wrong } });
    const staff = view().staff.map((one) => (one.id === staffId ? { ...one, lockedForMs: 300_000 } : one));
    set({ staff });
    return new SaksiError('pin_locked', { params: { seconds: 300 } });
  };
  return {
    'redemption.submitSealed': ({ code, supervisorId }) => {
      const sealed = view().redemption?.sealed;
      if (!sealed) throw new SaksiError('redemption_unknown');
      const typed = normaliseSealedCode(code);
      if (typed === null)
        throw new SaksiError('sealed_code_malformed', { params: { length: SEALED_LENGTH } });
      if (supervisorId === view().session?.staffId) throw new SaksiError('sealed_code_own');
      if (typed === DEV_SEALED) {
        act();
        return {};
      }
      const triesLeft = sealed.triesLeft - 1;
      const locked = triesLeft === 0;
      setRedemption({
        sealed: {
          ...sealed,
          triesLeft: locked ? SEALED.triesLeft : triesLeft,
          lockedForMs: locked ? 300_000 : null,
        },
      });
      if (locked) throw new SaksiError('sealed_code_locked', { params: { seconds: 300 } });
      throw new SaksiError('sealed_code_wrong', { params: { triesLeft } });
    },
    'outbox.list': () => {
      if (state.listError) throw new SaksiError(state.listError);
      return { items: [...items] };
    },
    'outbox.retry': ({ itemId }) => {
      known(itemId);
      sendSoon(itemId);
      return {};
    },
    'outbox.editCustomer': ({ itemId, customerId }) => {
      known(itemId);
      const customer = CUSTOMERS.find(({ id }) => id === customerId);
      if (customer === undefined) throw new SaksiError('customer_unknown');
      replace(itemId, { customerName: customer.name });
      sendSoon(itemId);
      return {};
    },
    'outbox.handOver': ({ itemId, staffId, pin: typed }) => {
      known(itemId);
      if (typed !== pin) throw wrongPin(staffId);
      replace(itemId, null);
      return {};
    },
    'report.reconcile': ({ from, to }) => {
      if (state.reportError) throw new SaksiError(state.reportError);
      return { report: { ...(state.report ?? REPORT), from, to } };
    },
    'trouble.seen': ({ kind }) => {
      set({ trouble: view().trouble.filter((one) => one.kind !== kind) });
      return {};
    },
    'drawer.acknowledge': ({ openingId, pin: typed }) => {
      if (typed !== pin) throw new SaksiError('pin_wrong', { params: { triesLeft: 4 } });
      const { drawerWatch } = view();
      const unexplained = drawerWatch.unexplained.filter(({ id }) => id !== openingId);
      set({ drawerWatch: { ...drawerWatch, unexplained } });
      return {};
    },
    'app.quit': () => ({}),
    'app.stay': () => {
      set({ quitAsked: false });
      return {};
    },
  };
}
