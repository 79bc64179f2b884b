import { applyChange, isDue, lapse, type Patch, recordTap, transition } from './change.ts';
import type { ApprovalContext } from './context.ts';
import { type Authority, atThisHour, authorityFor, Contacts, mayDecide, type Person } from './people.ts';
import type { DecideInput, DecideOutcome, InTransaction, TapRefusal, Trx } from './ports.ts';
import {
  type ApprovalRecord,
  approvalFacts,
  decidedBy,
  findApproval,
  policyOf,
  type RecipientRecord,
} from './record.ts';

/** People that a grant names at most (`approvalGrantSchema`). */
const DECIDERS_MAX = 5;
const nothing = () => {};

/** What an answer means for a request in its present state. */
type Judgement =
  | { readonly refused: TapRefusal; readonly outcome: RefusedOutcome }
  | { readonly refused: null; readonly authority: Authority };
type RefusedOutcome = 'already_decided' | 'expired' | 'cancelled' | 'own_request' | 'repeated' | 'not_yours';

/** See `ApprovalAnswers.decideIn`. */
export async function decideIn(
  context: ApprovalContext,
  trx: Trx,
  input: DecideInput,
): Promise<InTransaction<DecideOutcome>> {
  const { staffId, decision, via } = input;
  const record = await findApproval(trx, { target: input.target, lock: true });
  if (record === null) {
    const tap = { approvalId: null, staffId, decision, via, refused: 'unknown' } as const;
    await recordTap(context, trx, tap);
    return { result: { outcome: 'unknown' }, committed: nothing };
  }
  const now = context.effects.clock.now();
  if (isDue(record.approval, now)) {
    const lapsed = await lapse(context, trx, record, now);
    const answered = await answer(context, trx, lapsed.result, input, now);
    return both(lapsed, answered);
  }
  return answer(context, trx, record, input, now);
}

/** The same for a record that is locked and not past its time. */
export async function answer(
  context: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
  input: DecideInput,
  now: number,
): Promise<InTransaction<DecideOutcome>> {
  const { staffId, decision, via } = input;
  const { approval, votes } = record;
  const voters = votes.map((vote) => vote.staff_id);
  const people = [...new Set([approval.requested_by, staffId, ...voters])];
  const contacts = new Contacts(await context.ports.contactsOf(trx, people));
  const judged = judge(record, contacts, input, now);
  if (judged.refused !== null) {
    const { refused, outcome } = judged;
    await recordTap(context, trx, { approvalId: approval.id, staffId, decision, via, refused });
    return { result: refusedOutcome(record, outcome), committed: nothing };
  }
  const vote = { staff_id: staffId, decision, via, reason: null, at: now };
  const { patch, given } = weigh(
    { ...record, votes: [...votes, vote] },
    { authority: judged.authority, contacts, now },
  );
  const { result: changed, committed } = await applyChange(context, trx, record, { patch, vote });
  return { result: decided(changed, input, given), committed };
}

/** What an answer that counted came to. */
export function decided(
  changed: ApprovalRecord,
  { decision }: Pick<DecideInput, 'decision'>,
  given: number,
): DecideOutcome {
  const approval = approvalFacts(changed);
  if (changed.approval.status === 'pending') return { outcome: 'recorded', approval, given };
  const reasonSeconds = decision === 'reject' ? policyOf(changed).rejectReasonSeconds : 0;
  return { outcome: 'decided', approval, reasonSeconds };
}

/** Checks an answer, first what never depends on time: whose it is. Everything is looked at as it is at this moment. */
export function judge(
  record: ApprovalRecord,
  contacts: Contacts,
  { target, staffId, decision, via }: DecideInput,
  now: number,
): Judgement {
  const { approval, recipients, votes, store } = record;
  if (contacts.isSamePerson(staffId, approval.requested_by)) {
    return { refused: 'own_request', outcome: 'own_request' };
  }
  const me = recipients.find((recipient) => recipient.staff_id === staffId);
  const named = 'ref' in target ? recipients.find(({ ref }) => ref === target.ref) : me;
  if (named !== me) return { refused: 'forwarded', outcome: 'not_yours' };
  if (me === undefined) return { refused: 'not_asked', outcome: 'not_yours' };
  if (votes.some((vote) => contacts.isSamePerson(vote.staff_id, staffId))) {
    return { refused: 'repeated', outcome: 'repeated' };
  }
  if (approval.status === 'approved' || approval.status === 'rejected') {
    return { refused: 'late_decided', outcome: 'already_decided' };
  }
  if (approval.status === 'expired') return { refused: 'late_expired', outcome: 'expired' };
  if (approval.status === 'cancelled') return { refused: 'late_cancelled', outcome: 'cancelled' };
  const policy = policyOf(record);
  const authority = authorityFor(policy, requestOf(record));
  const mine = authority === null ? null : atThisHour(authority, policy, now, store.timezone);
  if (authority === null || mine === null || !mayDecide(mine, toPerson(me))) {
    return { refused: 'not_authorised', outcome: 'not_yours' };
  }
  // A code is a yes: whoever means no keeps theirs to themselves.
  if (via === 'code' && decision !== 'approve') throw new Error('a code cannot reject');
  return { refused: null, authority };
}

/**
 * What the votes so far come to. A yes counts while whoever gave it may still decide (the hour aside: it counts as of when
 * it was given) and once for each person, however many names they have. A policy made stricter meanwhile holds; one made
 * laxer does not: the till and the people asked were told the number.
 */
export function weigh(
  record: ApprovalRecord,
  { authority, contacts, now }: { authority: Authority; contacts: Contacts; now: number },
): { patch: Patch; given: number } {
  const { approval, recipients, votes } = record;
  if (votes.some(({ decision }) => decision === 'reject')) {
    return { patch: transition(approval, 'reject', now), given: 0 };
  }
  const needed = Math.max(approval.needed, authority.needed);
  const valid = votes.flatMap((vote) => {
    const recipient = recipients.find(({ staff_id: staffId }) => staffId === vote.staff_id);
    const counts =
      recipient !== undefined &&
      mayDecide(authority, toPerson(recipient)) &&
      !contacts.isSamePerson(vote.staff_id, approval.requested_by);
    return counts ? [{ staffId: vote.staff_id }] : [];
  });
  const deciders = contacts.distinct(valid).map(({ staffId }) => staffId);
  if (deciders.length < needed) {
    // With fewer people asked than are needed, nobody waits for the next step.
    const hurry = approval.next_step !== null && recipients.length < needed ? { next_step_at: now } : {};
    return { patch: { needed, ...hurry }, given: deciders.length };
  }
  const ttlMs = policyOf(record).grantTtlSeconds * 1000;
  const granted = { needed, deciders: deciders.slice(0, DECIDERS_MAX), grant_expires_at: now + ttlMs };
  return { patch: { ...transition(approval, 'quorum', now), ...granted }, given: deciders.length };
}

function refusedOutcome(record: ApprovalRecord, outcome: RefusedOutcome): DecideOutcome {
  const approval = approvalFacts(record);
  if (outcome !== 'already_decided') return { outcome, approval };
  return { outcome, approval, by: decidedBy(record), at: record.approval.decided_at ?? 0 };
}

export function requestOf({ approval }: ApprovalRecord) {
  return { kind: approval.kind, amount: approval.amount, basisPoints: approval.basis_points };
}

export function toPerson({ staff_id: staffId, name, role, active }: RecipientRecord): Person {
  return { staffId, name, role, active };
}

/** One after the other inside one transaction: the later result, both to be told of after the commit. */
export function both<T>(first: InTransaction<unknown>, second: InTransaction<T>): InTransaction<T> {
  return {
    result: second.result,
    committed() {
      first.committed();
      second.committed();
    },
  };
}
