import type { RedemptionStage, TillView } from '../../shared/bridge.ts';

export type Page =
  | 'redeem'
  | 'recent'
  | 'settings'
  | 'rules'
  | 'attention'
  | 'report'
  | 'devices'
  | 'messages'
  | 'shift'
  | 'shifts'
  | 'timeline'
  | 'pictures'
  | 'signals'
  | 'cases'
  | 'digest';
export type Screen = 'connecting' | 'first_run' | 'sign_in' | Page | 'code' | 'sealed' | 'stopped' | 'result';

export const STAGE_SCREEN: Readonly<Record<RedemptionStage, 'code' | 'sealed' | 'result'>> = {
  requesting: 'code',
  awaiting_code: 'code',
  awaiting_sealed: 'sealed',
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

/** What only a manager sees: the gateway asks for the PIN again at every change of the rules. */
const MANAGERS: ReadonlySet<Page> = new Set<Page>([
  'rules',
  'report',
  'devices',
  'messages',
  'shifts',
  'timeline',
  'pictures',
  'signals',
  'cases',
  'digest',
]);

/**
 * Which screen a view calls for. A redemption that the terminal started takes the screen even with nobody signed
 * in, for its customer is waiting; one that a cashier started waits for a cashier. While trouble stops money, what would
 * move some is covered; results, the list and the report are not.
 */
export function screenFor(view: TillView | null, page: Page): Screen {
  if (view === null) return 'connecting';
  if (view.till === null) return page === 'devices' ? 'devices' : 'first_run';
  const { redemption, session } = view;
  if (redemption !== null && (session !== null || redemption.startedBy === 'terminal')) {
    const screen = STAGE_SCREEN[redemption.stage];
    if (screen === 'result') return screen;
    if (stopsMoney(view)) return 'stopped';
    return redemption.sealed === null ? screen : 'sealed';
  }
  if (session === null) return 'sign_in';
  if (page === 'redeem' && stopsMoney(view)) return 'stopped';
  return MANAGERS.has(page) && session.role !== 'manager' ? 'settings' : page;
}

export function stopsMoney(view: TillView): boolean {
  return view.trouble.some((trouble) => trouble.stopsMoney);
}
