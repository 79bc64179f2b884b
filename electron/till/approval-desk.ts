import type { Core } from './core.ts';

/** A finished approval is as its row says: what was only in memory goes. */
export function forgetLive({ desk }: Core, approvalId: string): void {
  desk.approvals.delete(approvalId);
  desk.approvalTryErrors.delete(approvalId);
}
