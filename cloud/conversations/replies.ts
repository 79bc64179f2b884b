import type { DecideOutcome } from '../approvals/ports.ts';
import { requestName } from '../messages/approval-messaging.ts';
import type { Replies } from '../whatsapp/replies.ts';

/** What somebody reads who answered a request. `hasReason`: the reason of their reject is there already. */
export function decisionReply(replies: Replies, result: DecideOutcome, hasReason: boolean): string {
  // Found a moment ago in the same transaction, and requests are never deleted.
  if (result.outcome === 'unknown') throw new Error('a request that was there is gone');
  const { approval } = result;
  const { language } = approval;
  const request = requestName(approval);
  switch (result.outcome) {
    case 'recorded':
      return replies(language, 'recorded', { request, given: result.given, needed: approval.needed });
    case 'decided':
      if (approval.status === 'approved') return replies(language, 'approved', { request });
      if (hasReason || result.reasonSeconds === 0) return replies(language, 'rejected', { request });
      return replies(language, 'rejected_reason', { request, seconds: result.reasonSeconds });
    case 'already_decided': {
      if (result.by === null) return replies(language, 'already_ended', { request });
      const key = approval.status === 'rejected' ? 'already_rejected' : 'already_approved';
      return replies(language, key, { request, name: result.by.name });
    }
    default:
      return replies(language, result.outcome, { request });
  }
}
