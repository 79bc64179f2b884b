import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { DecideOutcome } from '../approvals/ports.ts';
import { NOTE_TTL_MS, requestName } from '../messages/approval-messaging.ts';
import type { StaffMessage } from '../messages/store.ts';
import type { Address } from '../whatsapp/outgoing.ts';
import type { Language, Replies } from '../whatsapp/replies.ts';
import { addressesOf, type Sender } from './windows.ts';

/** Replies to one sender in this time; a machine that answers our answers is not answered for ever. */
export const REPLIES = { count: 20, windowMs: 10 * 60_000 };

/** Where a reply belongs. */
export interface Place {
  readonly storeId: string | null;
  readonly tillId: string | null;
  readonly language: Language;
}

/** To whoever has just written: their window is open, whoever they are. `now` in epoch ms. */
export function replyTo(
  sender: Sender,
  { storeId, tillId, language }: Place,
  text: string,
  now: number,
): StaffMessage {
  const [address] = addressesOf(sender) as [Address, ...Address[]];
  const content = { kind: 'text', text } as const;
  const expiresAt = now + NOTE_TTL_MS;
  // Their window is with the number that they wrote to, whoever else the shop may have been given since.
  const { account = DEFAULT_ACCOUNT } = sender;
  return { kind: 'note', account, question: null, storeId, tillId, language, address, content, expiresAt };
}

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
