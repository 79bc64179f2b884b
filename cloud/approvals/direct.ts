import { changedRecord, changeEvent, endedFor, isDue, isEnd, observeEnd } from './change.ts';
import type { ApprovalContext } from './context.ts';
import { decided, judge, weigh } from './decide.ts';
import { Contacts } from './people.ts';
import type { PlannedYes, SeenApproval } from './ports.ts';

/** See `ApprovalAnswers.planYes`: by the same rules as under the lock. */
export function planYes(
  context: ApprovalContext,
  { record, contacts: known }: SeenApproval,
  { ref, staffId }: { ref: string; staffId: string },
): PlannedYes | null {
  const { approval } = record;
  const now = context.effects.clock.now();
  // With codes a person has two messages, whose deliveries are weighed against each other.
  if (approval.answer !== 'tap' || isDue(approval, now)) return null;
  const contacts = new Contacts(known);
  const input = { target: { ref }, staffId, decision: 'approve', via: 'tap' } as const;
  const judged = judge(record, contacts, input, now);
  if (judged.refused !== null) return null;
  const vote = { staff_id: staffId, decision: 'approve', via: 'tap', reason: null, at: now } as const;
  const { patch, given } = weigh(changedRecord(record, { patch: {}, vote }), {
    ...{ authority: judged.authority, contacts, now },
  });
  const changed = changedRecord(record, { patch, vote });
  const ended = isEnd(record, changed);
  return {
    ...{ now, approvalId: approval.id, tillId: approval.till_id },
    result: decided(changed, input, given),
    vote: { approval_id: approval.id, ...vote },
    patch,
    event: changeEvent(context, changed, new Map(), now),
    refs: record.recipients.map((recipient) => recipient.ref),
    ended: ended ? endedFor(changed, contacts) : null,
    committed() {
      if (ended) observeEnd(context, changed.approval);
    },
  };
}
