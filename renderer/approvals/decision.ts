import type { ApprovalStage, ApprovalView } from '../../shared/bridge.ts';
import { isStuck } from '../slips.ts';

/** Nothing more will happen to it: it may be taken off the screen. */
export const FINAL_APPROVALS: ReadonlySet<ApprovalStage> = new Set<ApprovalStage>([
  'approved',
  'rejected',
  'expired',
  'cancelled',
  'failed',
]);
export const WAITING_APPROVALS: ReadonlySet<ApprovalStage> = new Set<ApprovalStage>([
  'requesting',
  'pending',
]);

/** Who said yes, in the order in which they were asked. */
export function approvers({ asked }: ApprovalView): readonly string[] {
  return asked.filter(({ decision }) => decision === 'approve').map(({ name }) => name);
}

/** Approved, but the drawer did not open or the slip did not print. */
export function hasDeviceTrouble({ stage, drawer, slip }: ApprovalView): boolean {
  return (
    (stage === 'acting' || stage === 'approved') &&
    (drawer.state === 'failed' || drawer.state === 'unconfirmed' || isStuck(slip))
  );
}

/** How a decision is told: the key of its sentence in `approvals.told`. */
export type Told =
  | 'approved'
  | 'approvedNobody'
  | 'free'
  | 'rejected'
  | 'rejectedWhy'
  | 'expired'
  | 'cancelled'
  | 'failed';

/** What there is to tell of it; null while nobody has decided. */
export function toldOf(approval: ApprovalView): Told | null {
  switch (approval.stage) {
    case 'requesting':
    case 'pending':
      return null;
    case 'acting':
    case 'approved':
      if (approval.free) return 'free';
      return approvers(approval).length === 0 ? 'approvedNobody' : 'approved';
    case 'rejected':
      return approval.rejection?.reason ? 'rejectedWhy' : 'rejected';
    default:
      return approval.stage;
  }
}

/**
 * One name for each thing worth telling once, or null. Somebody's own cancellation is no news; trouble of a device
 * after the yes is news of its own.
 */
export function newsOf(approval: ApprovalView): string | null {
  const told = toldOf(approval);
  if (told === null || told === 'cancelled') return null;
  const said = told === 'approvedNobody' || told === 'free' ? 'approved' : told;
  return `${approval.id}:${said}${hasDeviceTrouble(approval) ? ':trouble' : ''}`;
}

/** The news that nobody has seen yet, newest request first as in the view. */
export function unseen(
  approvals: readonly ApprovalView[],
  seen: ReadonlySet<string>,
): readonly ApprovalView[] {
  return approvals.filter((approval) => {
    const news = newsOf(approval);
    return news !== null && !seen.has(news);
  });
}

/** The names in `seen` that still belong to something: the set does not grow with the day. */
export function stillSeen(
  approvals: readonly ApprovalView[],
  seen: ReadonlySet<string>,
): ReadonlySet<string> {
  const kept = [...seen].filter((news) => approvals.some(({ id }) => news.startsWith(`${id}:`)));
  return kept.length === seen.size ? seen : new Set(kept);
}
