import type { AuditFilter, TimelineEvent } from '../../shared/audit/timeline.ts';
import type {
  ApprovalView,
  BridgeMethod,
  OutboxItemView,
  ReconciliationView,
  RedemptionView,
  TillView,
  Trouble,
} from '../../shared/bridge.ts';
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { DeviceConfig, Discovered } from '../../shared/device-config.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { LoggedMessage } from '../../shared/message-log.ts';
import type { Policy } from '../../shared/policy.ts';
import type { SlipDesign } from '../../shared/slip-design.ts';
import type { AskDraft } from '../approvals/ask-draft.ts';
import type { RulesSection } from '../rules/rules-state.ts';
import type { ShiftDraft } from '../shift/count-draft.ts';
import type { Page } from '../state/screen.ts';
import type { CashDraft, Draft, Panel } from '../state/store.ts';
import { APPROVAL, askedOf, deliveryAt } from './approval-fixtures.ts';
import { amountOf, CODE, REDEMPTION, SECOND_MANAGER, SITI, STAFF, wire } from './fixtures.ts';
import { SEALED } from './offline-fixtures.ts';

/** One state of one screen: how it differs from a till at rest with a cashier signed in. */
export interface DevState {
  readonly view?: (base: TillView) => TillView;
  readonly page?: Page;
  /** A right PIN is followed by a code. */
  readonly loginCode?: boolean;
  readonly draft?: Partial<Draft>;
  readonly cashSale?: CashDraft;
  readonly shift?: Partial<ShiftDraft>;
  readonly panel?: Panel;
  readonly ask?: Partial<AskDraft>;
  /** The policy never comes, is refused, or was changed by somebody else before the first save. */
  readonly policyWaits?: boolean;
  readonly policyError?: ErrorCode;
  readonly conflict?: boolean;
  /** The part of the rules that is opened first, and how the store's slips look. */
  readonly rulesSection?: RulesSection;
  readonly slipDesign?: SlipDesign;
  /** What else the store's rules say. */
  readonly policy?: Partial<Policy>;
  /** A call that is never answered. */
  readonly waits?: BridgeMethod;
  /** What waits for the gateway, and why the list or the report cannot be had. */
  readonly items?: readonly OutboxItemView[];
  readonly listError?: ErrorCode;
  readonly report?: ReconciliationView;
  readonly reportError?: ErrorCode;
  /** The messages of the store, and why they cannot be had. */
  readonly messages?: readonly LoggedMessage[];
  readonly messagesError?: ErrorCode;
  /** The audit list: its events, whether it wants a PIN first, whether something comes in, which call is refused with what. */
  readonly audit?: {
    readonly events?: readonly TimelineEvent[];
    readonly locked?: boolean;
    readonly live?: boolean;
    readonly error?: Partial<Record<BridgeMethod, ErrorCode>>;
  };
  readonly auditFilter?: AuditFilter;
  /** The store has no findings, and why they cannot be had. */
  readonly noFindings?: boolean;
  readonly findingsError?: ErrorCode;
  /** Findings that nobody has looked at; why the digest cannot be had. */
  readonly alerts?: boolean;
  readonly digestError?: ErrorCode;
  /** Likewise cases. */
  readonly noCases?: boolean;
  readonly casesError?: ErrorCode;
  /** The store has no shifts yet. */
  readonly noShifts?: boolean;
  /** What this computer shows of devices. */
  readonly found?: Discovered;
  readonly devices?: DeviceConfig;
  /** The host never answers, or goes away after its first view. */
  readonly host?: 'silent' | 'lost';
}

export const redeeming = (change: Partial<RedemptionView>): DevState => ({
  view: (base) => ({ ...base, redemption: { ...REDEMPTION, ...change } }),
  draft: { customer: SITI, digits: '350000' },
});
export const coded = (code: Partial<typeof CODE>, change: Partial<RedemptionView> = {}): DevState =>
  redeeming({ ...change, code: { ...CODE, ...code } });
export const delivered = (
  state: DeliveryState,
  reason: DeliveryReason | null = null,
  resendInMs = 0,
): DevState => coded({ delivery: { channel: 'whatsapp', state, reason }, resendInMs });
export const status = (change: Partial<TillView['status']>, rest: Partial<DevState> = {}): DevState => ({
  view: (base) => ({ ...base, status: { ...base.status, ...change } }),
  ...rest,
});
export const ended = (change: Partial<RedemptionView>): DevState => redeeming({ code: null, ...change });
/** Out of paper before its first byte. */
export const WAITING_SLIP: RedemptionView['slip'] = {
  state: 'waiting',
  error: wire('printer_paper_out'),
  copiesLeft: 3,
  goesOn: true,
};
export const DONE = {
  stage: 'done',
  drawer: { state: 'opened', error: null },
  slip: { state: 'printed', error: null, copiesLeft: 3 },
  settlement: 'confirmed',
} as const satisfies Partial<RedemptionView>;
export const OFFLINE: Partial<TillView['status']> = {
  gateway: { state: 'offline', skewMs: null, error: wire('gateway_unreachable') },
  messages: null,
  outbox: { pending: 2, attention: 0, draining: null },
  cache: { customers: 1_204, ageMs: SEALED.ageMs },
};
export const sealing = (
  change: Partial<typeof SEALED> = {},
  rest: Partial<RedemptionView> = {},
  line: Partial<TillView['status']> = OFFLINE,
): DevState & Required<Pick<DevState, 'view'>> => ({
  view: (base) => ({
    ...base,
    status: { ...base.status, ...line },
    redemption: {
      ...REDEMPTION,
      stage: 'awaiting_sealed',
      amount: amountOf(150_000),
      availableAfter: 1_100_000,
      code: null,
      sealed: { ...SEALED, ...change },
      ...rest,
    },
  }),
  draft: { customer: SITI, digits: '150000', ageMs: SEALED.ageMs },
});
export const troubled = (list: readonly Trouble[], rest: Partial<DevState> = {}): DevState => ({
  view: (base) => ({ ...base, trouble: [...list] }),
  ...rest,
});
export const waiting = (rest: Partial<DevState> = {}): DevState =>
  status(
    {
      gateway: { state: 'degraded', skewMs: 40, error: null },
      outbox: { pending: 3, attention: 2, draining: null },
    },
    { page: 'attention', ...rest },
  );
/** A store with a second manager: whoever takes something on says which one they are. */
export const twoManagers = (state: DevState): DevState => ({
  ...state,
  view: (base) => (state.view ?? ((same) => same))({ ...base, staff: [...base.staff, SECOND_MANAGER] }),
});

export const approvals = (
  list: TillView['approvals'],
  rest: Partial<DevState> = { panel: 'list' },
): DevState => ({
  view: (base) => ({ ...base, approvals: list }),
  ...rest,
});
export const approval = (change: Partial<ApprovalView>, rest?: Partial<DevState>): DevState =>
  approvals([{ ...APPROVAL, ...change }], rest);
export const YES: ApprovalView['asked'] = [askedOf(3, { delivery: deliveryAt('read'), decision: 'approve' })];
export const APPROVED: Partial<ApprovalView> = {
  stage: 'approved',
  asked: YES,
  drawer: { state: 'opened', error: null },
  slip: { state: 'printed', error: null, copiesLeft: 3 },
};
export const REJECTED: Partial<ApprovalView> = {
  stage: 'rejected',
  asked: [askedOf(3, { delivery: deliveryAt('read'), decision: 'reject' })],
  rejection: { name: 'Dewi Anggraini Kusumawardhani', reason: 'Barang masih utuh, coba tukar dulu' },
};
export const asking = (ask: Partial<AskDraft>, rest: Partial<DevState> = {}): DevState => ({
  panel: 'ask',
  ask,
  ...rest,
});
export const managing = (rest: Partial<DevState> = {}): DevState => ({
  page: 'rules',
  view: (base) => ({
    ...base,
    session: { staffId: STAFF[3]?.id ?? '', name: STAFF[3]?.name ?? '', role: 'manager' },
  }),
  ...rest,
});

export const withUnsent = ({ status: now }: TillView): Pick<TillView, 'status'> => ({
  status: { ...now, outbox: { pending: 7, attention: 1, draining: null } },
});
