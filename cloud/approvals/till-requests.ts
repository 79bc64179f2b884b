import { SaksiError } from '../../shared/errors.ts';
import { approvalCodeSchema } from '../../shared/gateway-api.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { isRepeated, type Operation, rememberRequest, tillRequest } from '../redemptions/requests.ts';
import { applyChange, isDue, lapse, lockApproval, recordTap, transition } from './change.ts';
import { matchRecipientCode } from './codes.ts';
import type { ApprovalContext } from './context.ts';
import { answer } from './decide.ts';
import type { DecideOutcome, InTransaction, Trx } from './ports.ts';
import { type ApprovalRecord, readApproval } from './record.ts';

/** A locked request changed at its till's word: what was changed, and how it is refused all the same. */
interface Changed {
  readonly record: ApprovalRecord;
  readonly committed: () => void;
  /** Thrown once the change is committed: a wrong code costs a try although the answer is a refusal. */
  readonly refusal: SaksiError | null;
}

type Work = (trx: Trx, record: ApprovalRecord, now: number) => Promise<Changed>;

/** Answers a repeated request as before, else does the work under the request's lock and remembers it. */
async function changeApproval(
  context: ApprovalContext,
  till: TillIdentity,
  approvalId: string,
  { key, operation, body, work }: { key: string; operation: Operation; body: unknown[]; work: Work },
): Promise<ApprovalRecord> {
  const { tillId } = till;
  const request = tillRequest(context.keys.idempotencyKey, {
    ...{ tillId, idempotencyKey: key, operation, subject: approvalId, body },
  });
  const { record, committed, refusal } = await context.engine.kysely.transaction().execute(async (trx) => {
    const locked = await lockApproval(trx, approvalId, tillId, key);
    if (isRepeated(request, locked.request)) return unchanged(locked);
    const now = context.effects.clock.now();
    const changed = await work(trx, locked, now);
    const kept = await rememberRequest(trx, request, { approvalId, refusal: changed.refusal, now });
    // The same key for another request at this very moment: neither may count as the other.
    if (!kept) throw new SaksiError('idempotency_key_reused');
    return changed;
  });
  committed();
  if (refusal !== null) throw refusal;
  return record;
}

const unchanged = (record: ApprovalRecord): Changed => ({ record, committed: () => {}, refusal: null });
const refused = (changed: InTransaction<ApprovalRecord>, refusal: SaksiError): Changed => ({
  record: changed.result,
  committed: changed.committed,
  refusal,
});
const stateRefusal = ({ approval }: ApprovalRecord) =>
  new SaksiError('approval_state', { params: { status: approval.status } });

/** See `ApprovalService.cancel`. */
export function cancelApproval(
  context: ApprovalContext,
  till: TillIdentity,
  id: string,
  key: string,
): Promise<ApprovalRecord> {
  const work: Work = async (trx, record, now) => {
    if (record.approval.status === 'cancelled') return unchanged(record);
    if (isDue(record.approval, now)) {
      const lapsed = await lapse(context, trx, record, now);
      return refused(lapsed, stateRefusal(lapsed.result));
    }
    const patch = transition(record.approval, 'cancel', now);
    const { result, committed } = await applyChange(context, trx, record, { patch });
    return { record: result, committed, refusal: null };
  };
  return changeApproval(context, till, id, { key, operation: 'approval.cancel', body: [], work });
}

/** See `ApprovalService.submitCode`. */
export async function submitCode(
  context: ApprovalContext,
  till: TillIdentity,
  id: string,
  { key, code: input }: { key: string; code: string },
): Promise<ApprovalRecord> {
  const parsed = approvalCodeSchema.safeParse({ code: input });
  if (!parsed.success) throw new SaksiError('code_malformed', { params: { digits: '4–8' } });
  const { code } = parsed.data;
  const work: Work = (trx, record, now) => codeWork(context, trx, record, { code, now });
  const changed = await changeApproval(context, till, id, {
    ...{ key, operation: 'approval.code', body: [code], work },
  });
  // Deliveries and votes of others may have come since.
  return readApproval(context.engine.kysely, {
    target: { approvalId: changed.approval.id },
    tillId: till.tillId,
  });
}

async function codeWork(
  context: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
  { code, now }: { code: string; now: number },
): Promise<Changed> {
  const { approval, recipients } = record;
  const { code_digits: digits, tries_left: triesLeft } = approval;
  if (digits === null || triesLeft === null) throw new SaksiError('approval_code_not_expected');
  if (isDue(approval, now)) {
    const lapsed = await lapse(context, trx, record, now);
    return refused(lapsed, stateRefusal(lapsed.result));
  }
  if (approval.status !== 'pending') throw stateRefusal(record);
  if (code.length !== digits) throw new SaksiError('code_malformed', { params: { digits } });
  if (triesLeft === 0) throw new SaksiError('approval_code_wrong', { params: { triesLeft } });
  const staffId = matchRecipientCode(context.keys, approval.id, recipients, code);
  if (staffId === null) return wrongCode(context, trx, record, triesLeft - 1);
  const input = { target: { approvalId: approval.id }, staffId, decision: 'approve', via: 'code' } as const;
  const answered = await answer(context, trx, record, input, now);
  return { record, committed: answered.committed, refusal: codeRefusal(answered.result) };
}

async function wrongCode(
  context: ApprovalContext,
  trx: Trx,
  record: ApprovalRecord,
  triesLeft: number,
): Promise<Changed> {
  const tap = { approvalId: record.approval.id, staffId: null, decision: 'approve', via: 'code' } as const;
  await recordTap(context, trx, { ...tap, refused: 'code_wrong' });
  const changed = await applyChange(context, trx, record, { patch: { tries_left: triesLeft } });
  return refused(changed, new SaksiError('approval_code_wrong', { params: { triesLeft } }));
}

/** What the till is told of a code that was somebody's and still is no yes. */
function codeRefusal({ outcome }: DecideOutcome): SaksiError | null {
  if (outcome === 'recorded' || outcome === 'decided') return null;
  return new SaksiError(outcome === 'repeated' ? 'code_used' : 'role_not_allowed');
}
