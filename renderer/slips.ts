import type { ApprovalView } from '../shared/bridge.ts';

/** A redemption's slip is one of these that is always needed. */
export type SlipView = ApprovalView['slip'];

/** Whether somebody has to look: it failed, or it was tried and waits. */
export function isStuck({ state, error }: Pick<SlipView, 'state' | 'error'>): boolean {
  return state === 'failed' || (state === 'waiting' && error !== null);
}
