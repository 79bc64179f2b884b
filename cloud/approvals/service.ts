import type { ApprovalAnswer, ApprovalCreate } from '../../shared/approvals.ts';
import { SaksiError } from '../../shared/errors.ts';
import { uuidSchema } from '../../shared/ids.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { type ApprovalEventToTill, changeEvents, recordTap } from './change.ts';
import type { ApprovalContext } from './context.ts';
import { createApproval } from './create.ts';
import { decideIn } from './decide.ts';
import { planYes } from './direct.ts';
import { escalateDue, lapseDue } from './due.ts';
import { approvalGrant } from './grant.ts';
import type { ApprovalAnswers, Db, InTransaction, Trx } from './ports.ts';
import { attachReasonIn } from './reason.ts';
import { type ApprovalRecord, approvalFacts, approvalView, findApproval, readApproval } from './record.ts';
import { cancelApproval, submitCode } from './till-requests.ts';

/** Requests of one answer (`approvalListSchema`). */
const LIST_MAX = 100;

/**
 * Supervisors' approvals: asked at a till, decided once, by people who may at that moment. Each change is one transaction
 * with the messages and the till's event. Answers carry a grant exactly while the request is approved and the grant may
 * still be used. Calls for a till throw `SaksiError`s: `approval_unknown` (also another till's), `idempotency_key_reused`,
 * and the ones named at each.
 */
export interface ApprovalService extends ApprovalAnswers {
  /** How these requests stand, each for its till, whose row the given transaction has locked. Two statements. */
  changeEvents(
    trx: Trx,
    approvalIds: readonly string[],
  ): Promise<{ tillId: string; event: ApprovalEventToTill }[]>;
  /**
   * `amount_invalid`, `bad_request`, `approval_kind_unknown`, `approval_incomplete` {field}, `staff_unknown`,
   * `approval_outside_hours`, `approval_repeat_limit` {seconds}, `approval_too_many_open`, `approval_nobody`.
   */
  create(till: TillIdentity, idempotencyKey: string, body: ApprovalCreate): Promise<ApprovalAnswer>;
  get(till: TillIdentity, id: string): Promise<ApprovalAnswer>;
  /** This till's pending requests, and approved ones whose grant may still be used; oldest first, at most 100. */
  listOpen(till: TillIdentity): Promise<ApprovalAnswer[]>;
  /** Twice is as good as once. `approval_state` {status} once it has ended otherwise. */
  cancel(till: TillIdentity, id: string, idempotencyKey: string): Promise<ApprovalAnswer>;
  /**
   * The code that a supervisor said, where policy asks for codes. `approval_code_not_expected`, `code_malformed` (no try
   * counted), `approval_code_wrong` {triesLeft}, `code_used` (this person said theirs before), `role_not_allowed` (may no
   * longer decide), `approval_state` {status}.
   */
  submitCode(till: TillIdentity, id: string, idempotencyKey: string, code: string): Promise<ApprovalAnswer>;
  /** Ends what is past its time, a bounded batch; to be called every second or so. Answers how many. */
  lapseDue(): Promise<number>;
  /** Asks the next people where it is time, a bounded batch; to be called every second or so. Answers how many. */
  escalateDue(): Promise<number>;
}

export function createApprovalService(context: ApprovalContext): ApprovalService {
  const { engine, effects, ports } = context;
  const db = engine.kysely;

  async function answer(record: ApprovalRecord): Promise<ApprovalAnswer> {
    const refs = record.recipients.map(({ ref }) => ref);
    const deliveries = refs.length === 0 ? new Map() : await ports.deliveryOf(db, refs);
    const now = effects.clock.now();
    const claims = approvalGrant(record.approval, ports.gatewayId, now);
    const approval = approvalView(record, deliveries, now);
    return { approval, grant: claims === null ? null : ports.signGrant(claims) };
  }

  async function inOwn<T>(work: (trx: Trx) => Promise<InTransaction<T>>): Promise<T> {
    const { result, committed } = await db.transaction().execute(work);
    committed();
    return result;
  }

  const answers: ApprovalAnswers = {
    decideIn: (trx, input) => decideIn(context, trx, input),
    decide: (input) => inOwn((trx) => decideIn(context, trx, input)),
    attachReasonIn: (trx, staffId, text) => attachReasonIn(context, trx, staffId, text),
    attachReason: (staffId, text) => inOwn((trx) => attachReasonIn(context, trx, staffId, text)),

    async recordRefusedTap(on: Db, { ref, ...tap }) {
      const record = ref === null ? null : await findApproval(on, { target: { ref } });
      await recordTap(context, on, { ...tap, via: 'tap', approvalId: record?.approval.id ?? null });
    },

    async recipientOf(on: Db, ref: string) {
      const record = await findApproval(on, { target: { ref } });
      const recipient = record?.recipients.find((one) => one.ref === ref);
      if (record === null || recipient === undefined) return null;
      return { staffId: recipient.staff_id, approval: approvalFacts(record) };
    },

    planYes: (seen, yes) => planYes(context, seen, yes),
  };

  return {
    ...answers,

    async create(till, idempotencyKey, body) {
      return answer(await createApproval(context, till, idempotencyKey, body));
    },

    changeEvents: (trx, approvalIds) => changeEvents(context, trx, approvalIds),

    async get(till, id) {
      checkId(id);
      return answer(await readApproval(db, { target: { approvalId: id }, tillId: till.tillId }));
    },

    async listOpen({ tillId }) {
      const rows = await db
        .selectFrom('approvals')
        .select('id')
        .where('till_id', '=', tillId)
        .where(({ eb, and, or }) =>
          or([
            eb('status', '=', 'pending'),
            and([eb('status', '=', 'approved'), eb('grant_expires_at', '>', effects.clock.now())]),
          ]),
        )
        .orderBy('created_at')
        .orderBy('id')
        .limit(LIST_MAX)
        .execute();
      const records = rows.map(({ id }) => readApproval(db, { target: { approvalId: id }, tillId }));
      return Promise.all((await Promise.all(records)).map(answer));
    },

    async cancel(till, id, idempotencyKey) {
      checkId(id);
      return answer(await cancelApproval(context, till, id, idempotencyKey));
    },

    async submitCode(till, id, idempotencyKey, code) {
      checkId(id);
      return answer(await submitCode(context, till, id, { key: idempotencyKey, code }));
    },

    lapseDue: () => lapseDue(context),
    escalateDue: () => escalateDue(context),
  };
}

/** What is no UUID names no request; the database would refuse it with an error of its own. */
function checkId(id: string): void {
  if (!uuidSchema.safeParse(id).success) throw new SaksiError('approval_unknown');
}
