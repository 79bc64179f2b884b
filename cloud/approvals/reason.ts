import { sql } from 'kysely';
import { announceChange, lockApproval } from './change.ts';
import type { ApprovalContext } from './context.ts';
import type { ApprovalFacts, InTransaction, Trx } from './ports.ts';
import { approvalFacts, policyOf } from './record.ts';

/** Longer ones are cut, between characters. */
const REASON_CHARACTERS_MAX = 280;
/** No policy gives more time than this (`rejectReasonSeconds`). */
const WINDOW_MS_MAX = 600_000;

/** See `ApprovalAnswers.attachReasonIn`. */
export async function attachReasonIn(
  context: ApprovalContext,
  trx: Trx,
  staffId: string,
  text: string,
): Promise<InTransaction<ApprovalFacts | null>> {
  const none = { result: null, committed: () => {} };
  const reason = [...text.trim()].slice(0, REASON_CHARACTERS_MAX).join('').trim();
  if (reason === '') return none;
  const now = context.effects.clock.now();
  const newest = await trx
    .selectFrom('approval_votes')
    .select('approval_id')
    .where('staff_id', '=', staffId)
    .where('decision', '=', 'reject')
    .where('at', '>', now - WINDOW_MS_MAX)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (newest === undefined) return none;
  const record = await lockApproval(trx, newest.approval_id);
  const vote = record.votes.find((one) => one.staff_id === staffId && one.decision === 'reject');
  const until = (vote?.at ?? 0) + policyOf(record).rejectReasonSeconds * 1000;
  if (vote === undefined || vote.reason !== null || now >= until) return none;
  await sql`update approval_votes set reason = ${reason}
    where approval_id = ${record.approval.id}::uuid and staff_id = ${staffId}::uuid`.execute(trx);
  const votes = record.votes.map((one) => (one === vote ? { ...one, reason } : one));
  await announceChange(context, trx, { ...record, votes });
  return {
    result: approvalFacts(record),
    committed: () => context.ports.committed([record.approval.till_id], false),
  };
}
