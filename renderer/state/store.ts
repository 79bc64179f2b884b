import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AuditFilter } from '../../shared/audit/timeline.ts';
import type {
  BridgeInput,
  BridgeMethod,
  BridgeOutput,
  BridgeResult,
  SaksiBridge,
  TillView,
} from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Asset } from '../../shared/money.ts';
import { type AskDraft, EMPTY_ASK } from '../approvals/ask-draft.ts';
import { newsOf, stillSeen } from '../approvals/decision.ts';
import { NO_RULES, type RulesSection, type RulesState } from '../rules/rules-state.ts';
import { EMPTY_SHIFT, type ShiftDraft } from '../shift/count-draft.ts';
import type { Page } from './screen.ts';

export type FoundCustomer = BridgeOutput<'customers.search'>['customers'][number];

/** What is being prepared and is not a redemption yet. It outlives a redemption of the terminal's that cuts in. */
export interface Draft {
  readonly query: string;
  readonly customer: FoundCustomer | null;
  /** Age of the balances when the customer was chosen; null: fresh from the gateway. */
  readonly ageMs: number | null;
  readonly asset: Asset;
  /** Digits of the amount in minor units or points, without leading zeros. */
  readonly digits: string;
  readonly drawer: boolean;
}

export const EMPTY_DRAFT: Draft = {
  query: '',
  customer: null,
  ageMs: null,
  asset: 'deposit',
  digits: '',
  drawer: false,
};

/** A cash sale that is being typed. */
export interface CashDraft {
  readonly saleRef: string;
  /** Digits of the amount in minor units, without leading zeros. */
  readonly digits: string;
}

export interface SaksiState {
  readonly link: 'connecting' | 'up' | 'lost';
  /** The last view; kept while the host is lost so that the screen does not jump. */
  readonly view: TillView | null;
  /** Monotonic milliseconds at which `view` arrived: its countdowns start there. */
  readonly receivedAtMs: number;
  readonly page: Page;
  /** What its page was opened for; empty: for all that it has. */
  readonly wanted: Wanted;
  readonly draft: Draft;
  /** Null: its dialog is closed. */
  readonly cashSale: CashDraft | null;
  /** What is typed on the shift's page. */
  readonly shift: ShiftDraft;
  /** How many findings nobody has looked at, as the gateway last said; 0 for whoever is no manager. */
  readonly alerts: number;
  /** A dialog or a detail is open over the screen: shortcuts rest. */
  readonly overlayOpen: boolean;
  /** Approvals beside the screen: what is open, or a new request. */
  readonly panel: Panel;
  /** The approval shown in the panel; null: the newest. */
  readonly approvalId: string | null;
  readonly ask: AskDraft;
  /** Decisions that were shown: see `newsOf`. */
  readonly seen: ReadonlySet<string>;
  /** Decisions whose notice is out of the way, seen or not. */
  readonly hiddenNews: ReadonlySet<string>;
  readonly rules: RulesState;
  /** The part of them that is opened first. */
  readonly rulesSection: RulesSection;
  /** The version that was just saved here; 0: none. */
  readonly rulesSaved: number;
  /** Where somebody wanted to go while changed rules were not saved yet. */
  readonly leaving: Leaving | null;
  /** What the audit list is narrowed to, wherever it is opened from. */
  readonly auditFilter: AuditFilter;
  /** Somebody wants to sign out while something is unsent: a dialog asks. */
  readonly signingOut: boolean;
}

/** One finding or one case, where another page led to it. */
export interface Wanted {
  readonly findingId?: number;
  readonly caseId?: string;
}
export type Panel = 'closed' | 'list' | 'ask';
export type Leaving = Page | 'sign_out';

export interface SaksiActions {
  call<M extends BridgeMethod>(method: M, input: BridgeInput<M>): Promise<BridgeResult<M>>;
  goTo(page: Page, wanted?: Wanted): void;
  setDraft(change: Partial<Draft>): void;
  setCashSale(draft: CashDraft | null): void;
  setShift(change: Partial<ShiftDraft>): void;
  setAlerts(count: number): void;
  setOverlayOpen(open: boolean): void;
  openPanel(panel: Panel, approvalId?: string): void;
  setAsk(change: Partial<AskDraft>): void;
  /** The decisions of all approvals in the view have been shown. */
  markSeen(): void;
  hideNews(news: string): void;
  /** `saved`: the version that these rules were just saved as. */
  setRules(change: Partial<RulesState>, saved?: number): void;
  setAuditFilter(filter: AuditFilter): void;
  /** Whether it may be left at once; if not, the rules' screen asks. */
  mayLeave(to: Leaving): boolean;
  /** The answer to that: stay, or go and drop what was changed. */
  stay(): void;
  /** Signs out; while anything is unsent a dialog asks first. */
  askSignOut(): void;
  /** The answer to that. */
  answerSignOut(leave: boolean): void;
  /** Stops following the bridge. */
  close(): void;
}

export type SaksiStore = StoreApi<SaksiState> & { readonly actions: SaksiActions };

/** What goes with the person who was signed in. */
const NOBODY = {
  draft: EMPTY_DRAFT,
  cashSale: null,
  shift: EMPTY_SHIFT,
  page: 'redeem',
  wanted: {},
  panel: 'closed',
  ask: EMPTY_ASK,
  rules: NO_RULES,
  leaving: null,
  auditFilter: {},
  signingOut: false,
} as const satisfies Partial<SaksiState>;

/** The screen's whole state: what the till last said, and what is being typed. */
export function createSaksiStore(
  bridge: SaksiBridge,
  monotonic: () => number,
  initial: Partial<
    Pick<
      SaksiState,
      'page' | 'draft' | 'cashSale' | 'shift' | 'panel' | 'ask' | 'seen' | 'rulesSection' | 'auditFilter'
    >
  > = {},
): SaksiStore {
  const store = createStore<SaksiState>(() => ({
    link: 'connecting',
    view: null,
    receivedAtMs: 0,
    page: 'redeem',
    wanted: {},
    draft: EMPTY_DRAFT,
    cashSale: null,
    shift: EMPTY_SHIFT,
    alerts: 0,
    overlayOpen: false,
    panel: 'closed',
    approvalId: null,
    ask: EMPTY_ASK,
    seen: new Set<string>(),
    hiddenNews: new Set<string>(),
    rules: NO_RULES,
    rulesSection: 0,
    rulesSaved: 0,
    leaving: null,
    auditFilter: {},
    signingOut: false,
    ...initial,
  }));

  const close = bridge.subscribe((view) => {
    if (view === null) return store.setState({ link: 'lost' });
    const before = store.getState();
    const signedOut = before.view?.session != null && view.session?.staffId !== before.view.session.staffId;
    store.setState({
      link: 'up',
      view,
      receivedAtMs: monotonic(),
      seen: stillSeen(view.approvals, before.seen),
      hiddenNews: stillSeen(view.approvals, before.hiddenNews),
      ...(signedOut ? NOBODY : {}),
    });
  });

  const actions: SaksiActions = {
    async call(method, input) {
      try {
        return await bridge.invoke(method, input);
      } catch {
        // A host hands back refusals as values; a rejection means that the host itself went away.
        return { ok: false, error: new SaksiError('not_ready').toWire() };
      }
    },
    goTo(page, wanted = {}) {
      if (actions.mayLeave(page)) store.setState({ page, wanted, leaving: null });
    },
    setDraft: (change) => store.setState((state) => ({ draft: { ...state.draft, ...change } })),
    setCashSale: (cashSale) => store.setState({ cashSale }),
    setShift: (change) => store.setState((state) => ({ shift: { ...state.shift, ...change } })),
    setAlerts: (alerts) => store.setState({ alerts }),
    setOverlayOpen: (overlayOpen) => store.setState({ overlayOpen }),
    openPanel: (panel, approvalId) =>
      store.setState({ panel, ...(approvalId === undefined ? {} : { approvalId }) }),
    setAsk: (change) => store.setState((state) => ({ ask: { ...state.ask, ...change } })),
    markSeen: () =>
      store.setState(({ view, seen }) => {
        const news = (view?.approvals ?? []).map(newsOf).filter((name) => name !== null);
        return news.every((name) => seen.has(name)) ? {} : { seen: new Set([...seen, ...news]) };
      }),
    hideNews: (news) => store.setState(({ hiddenNews }) => ({ hiddenNews: new Set([...hiddenNews, news]) })),
    setRules: (change, rulesSaved = 0) =>
      store.setState((state) => ({ rules: { ...state.rules, ...change }, rulesSaved })),
    setAuditFilter: (auditFilter) => store.setState({ auditFilter }),
    mayLeave(to) {
      const { page, rules } = store.getState();
      if (page !== 'rules' || to === 'rules' || !rules.changed) return true;
      store.setState({ leaving: to });
      return false;
    },
    stay: () => store.setState({ leaving: null }),
    askSignOut() {
      const { pending = 0, attention = 0 } = store.getState().view?.status.outbox ?? {};
      if (pending + attention > 0) store.setState({ signingOut: true });
      else void actions.call('session.signOut', {});
    },
    answerSignOut(leave) {
      store.setState({ signingOut: false });
      if (leave) void actions.call('session.signOut', {});
    },
    close,
  };
  return Object.assign(store, { actions });
}
