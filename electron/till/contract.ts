import type { BridgeInput, BridgeMethod, BridgeOutput, TillView } from '../../shared/bridge.ts';
import type { CashReport } from '../../shared/cash-shift.ts';
import type {
  PosApproval,
  PosApprovalCreate,
  PosCashSale,
  PosCashSaleCreate,
  PosRedemption,
  PosRedemptionCreate,
  PosShift,
  PosShiftClose,
  PosShiftOpen,
  PosStatus,
} from '../../shared/pos-link-api.ts';

/**
 * What the till's core offers to its hosts (Electron's main process, the browser host) and to the POS link. All
 * refusals are `SaksiError`s.
 */
export interface Till {
  /** Opens the store, recovers what a crash left, connects. Resolves when the view is true. */
  start(): Promise<void>;
  /** Stops taking work, lets the device job and the outbox write in hand finish, closes everything. Idempotent. */
  stop(): Promise<void>;

  /** The machine slept or the network may be back: tries the gateway at once instead of after its pause. */
  wake(): void;

  /** Before the program closes: false where something is unsent and the person at the screen would rather stay. */
  askQuit(): Promise<boolean>;

  view(): TillView;
  /** Called after every change of the view, at most once per turn of the event loop. */
  onView(listener: (view: TillView) => void): () => void;

  /** A call from the screen; the host has checked its sender, the till checks its input. */
  invoke<M extends BridgeMethod>(method: M, input: BridgeInput<M>): Promise<BridgeOutput<M>>;

  readonly pos: PosPort;
}

/** The till as a cashier terminal sees it. */
export interface PosPort {
  status(): PosStatus;
  /** The same key with the same body answers with the redemption already made; another body: `idempotency_key_reused`. */
  start(idempotencyKey: string, request: PosRedemptionCreate): Promise<PosRedemption>;
  /** Refuses what the terminal did not start with `redemption_unknown`. */
  get(redemptionId: string): PosRedemption;
  follow(redemptionId: string, listener: (redemption: PosRedemption) => void): () => void;
  capture(redemptionId: string, idempotencyKey: string): Promise<PosRedemption>;
  cancel(redemptionId: string, idempotencyKey: string): Promise<PosRedemption>;

  /**
   * Opens the drawer for an ordinary cash sale, once for each sale reference; answers when the drawer did. `not_signed_in`,
   * `shift_grant_missing`, `cash_sale_over_limit`, `cash_sale_ref_used`, `drawer_absent`.
   */
  openForCashSale(idempotencyKey: string, request: PosCashSaleCreate): Promise<PosCashSale>;

  /** The cashier's shift. What writes refuses with `not_signed_in` when nobody is, and as till/cash-shift.ts says. */
  shift(): PosShift;
  openShift(idempotencyKey: string, request: PosShiftOpen): Promise<PosShift>;
  /** Counts and closes; the answer is the Z report. */
  closeShift(idempotencyKey: string, request: PosShiftClose): Promise<CashReport>;
  xReport(): CashReport;
  /** Of the last closed one. Refuses with `cash_shift_none` before there was one. */
  zReport(): CashReport;

  /** As `start`; refuses with `not_signed_in` when nobody is. */
  startApproval(idempotencyKey: string, request: PosApprovalCreate): Promise<PosApproval>;
  /** Refuses what the terminal did not start with `approval_unknown`. */
  getApproval(approvalId: string): PosApproval;
  followApproval(approvalId: string, listener: (approval: PosApproval) => void): () => void;
  cancelApproval(approvalId: string, idempotencyKey: string): Promise<PosApproval>;
}
