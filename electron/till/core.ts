import type { ApprovalAnswer } from '../../shared/approvals.ts';
import type { TillView } from '../../shared/bridge.ts';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError, type WireError } from '../../shared/errors.ts';
import type { CachedContext, Identity } from '../store/identity.ts';
import type { Store } from '../store/store.ts';
import type { LiveApproval } from './approval-live.ts';
import type { GatewayLink } from './gateway-link.ts';
import type { Jobs } from './jobs.ts';
import type { LiveCode } from './live-code.ts';
import { createMutex, type Mutex } from './mutex.ts';
import type { TillDevices, TillLog } from './ports.ts';
import type { SealedCodes } from './sealed-codes.ts';
import type { ShiftGrantsDesk } from './shift-grants.ts';
import type { Spooler } from './spooler.ts';
import type { TillStep } from './steps.ts';
import type { Troubles } from './trouble.ts';

/** What the modules of the till share. All state that outlives a crash is in the store; the rest is here. */
export interface Core {
  readonly effects: Effects;
  readonly store: Store;
  readonly devices: TillDevices;
  readonly log: TillLog;
  readonly jobs: Jobs;
  readonly desk: Desk;
  /** What is the matter with this till's own disk or clock. */
  readonly trouble: Troubles;
  /** What may be spent on while the line is down. */
  readonly sealed: SealedCodes;
  /** What the drawer may be opened on for cash sales. */
  readonly shift: ShiftGrantsDesk;
  /** The one writer of each printer. */
  readonly spooler: Spooler;
  /** Something happened that should not be lost with this disk. */
  backupSoon(): void;
  /** Somebody has read the notice. */
  noticeRead(kind: 'recovered' | 'clock_back'): void;
  step(step: TillStep): void;
  /** The view may have changed. */
  changed(): void;
  /** The outbox has something to send. */
  outboxFilled(): void;
  /** A person wants what was put off to be tried at once. */
  outboxKick(): void;
  /** While a backlog is being sent. */
  outboxDraining(): TillView['status']['outbox']['draining'];
  /** The two sides may not be of one mind: look at the gateway's open list, again and again until it worked. */
  reconcileSoon(): void;
  /** Something is about to be spent without a line. */
  usedWithoutLine(): void;
  /** An opening for a cash sale was used: more may be due. */
  shiftUsed(): void;
  /** What is to be said of the drawer. */
  drawerView(): TillView['drawerWatch'];
  identity: Identity | null;
  link: GatewayLink | null;
  context: CachedContext | null;
  /** Why the policy that the gateway last sent is not used; null: it is. */
  policyError: WireError | null;
}

/** What is known of open work only while the till runs. */
export interface Desk {
  live: LiveCode | null;
  /** Why the last try failed; gone with the next one. */
  tryError: { redemptionId: string; error: WireError } | null;
  /** The redemption whose code is being checked at the gateway. */
  checkingId: string | null;
  /** Open approvals by the till's id: what the gateway last said of each. */
  readonly approvals: Map<string, LiveApproval>;
  /** Approvals whose code is being checked at the gateway. */
  readonly checkingApprovals: Set<string>;
  /** Why the last code of an approval was not taken. */
  readonly approvalTryErrors: Map<string, WireError>;
  /** News of approvals whose creation is not answered yet, by the gateway's id. */
  readonly earlyApprovals: Map<string, ApprovalAnswer>;
  /** Redemptions and approvals of which a slip is being printed. */
  readonly printing: Set<string>;
  /** Cash sales whose drawer has not answered yet. */
  readonly cashSales: Map<string, Promise<void>>;
  /** Creations and looks at the gateway's open list, one at a time: a look never sees a creation half done. */
  readonly gatewayTurn: Mutex;
  /** The same for approvals: a redemption does not wait for one. */
  readonly approvalTurn: Mutex;
}

export function createDesk(): Desk {
  return {
    live: null,
    tryError: null,
    checkingId: null,
    approvals: new Map(),
    checkingApprovals: new Set(),
    approvalTryErrors: new Map(),
    earlyApprovals: new Map(),
    printing: new Set(),
    cashSales: new Map(),
    gatewayTurn: createMutex(),
    approvalTurn: createMutex(),
  };
}

/** Throws `till_not_paired`. */
export function linkOf(core: Core): GatewayLink {
  if (core.link === null) throw new SaksiError('till_not_paired');
  return core.link;
}

/** Store, policy and staff as last told. Throws `till_not_paired`; `gateway_unreachable` before the first telling. */
export function contextOf(core: Core): CachedContext {
  linkOf(core);
  if (core.context === null) throw new SaksiError('gateway_unreachable');
  return core.context;
}

/** Throws what stops money at this till (a full or broken disk, an old copy of it, a broken chain). */
export function assertMoneyMoves(core: Pick<Core, 'trouble'>): void {
  const error = core.trouble.stopsMoney();
  if (error !== null) throw SaksiError.fromWire(error);
}
