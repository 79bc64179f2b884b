import type { RedemptionStage, TillView } from '../../shared/bridge.ts';

export type Page = 'redeem' | 'recent' | 'settings' | 'rules';
export type Screen = 'connecting' | 'first_run' | 'sign_in' | Page | 'code' | 'result';

export const STAGE_SCREEN: Readonly<Record<RedemptionStage, 'code' | 'result'>> = {
  requesting: 'code',
  awaiting_code: 'code',
  checking: 'code',
  acting: 'result',
  awaiting_capture: 'result',
  done: 'result',
  cancelled: 'result',
  expired: 'result',
  failed: 'result',
};

/** Nothing more will happen to it: it may be taken off the screen. */
export const FINAL_STAGES: ReadonlySet<RedemptionStage> = new Set(['done', 'cancelled', 'expired', 'failed']);

/**
 * Which screen a view calls for. A redemption that the terminal started takes the screen even with nobody signed
 * in, for its customer is waiting; one that a cashier started waits for a cashier.
 */
export function screenFor(view: TillView | null, page: Page): Screen {
  if (view === null) return 'connecting';
  if (view.till === null) return 'first_run';
  const { redemption, session } = view;
  if (redemption !== null && (session !== null || redemption.startedBy === 'terminal')) {
    return STAGE_SCREEN[redemption.stage];
  }
  if (session === null) return 'sign_in';
  // The rules are a manager's; the gateway asks for the PIN again at every change.
  return page === 'rules' && session.role !== 'manager' ? 'settings' : page;
}
