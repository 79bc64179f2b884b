import { SaksiError } from '../../shared/errors.ts';
import { holdsReservation, nextRedemptionStatus, type RedemptionEvent } from '../../shared/redemption.ts';
import { throwCreditRefusal } from '../credit/refusal.ts';
import { violatedConstraint } from '../db/errors.ts';
import type { RedemptionsTable } from '../db/schema.ts';
import type { RedemptionContext } from './context.ts';
import { codeFields, expectOutcome, type IssuedCode, issueCode, Stale } from './issue.ts';
import type { Db } from './ports.ts';
import { codeReach } from './reach.ts';
import { type RedemptionRecord, readRedemption, redemptionView } from './record.ts';
import { isRepeated, requestRow, type TillRequest } from './requests.ts';

/** What was decided about a locked redemption. */
export type Decision =
  /** Nothing to do: answer as it stands. */
  | { readonly do: 'nothing' }
  | {
      readonly do: 'change';
      readonly patch: Partial<RedemptionsTable>;
      /** Thrown once the change is committed: a wrong try counts although the answer is a refusal. */
      readonly refusal?: SaksiError;
      /** A new code goes out, under the patched serial. */
      readonly resend?: boolean;
    };

export interface ChangeOptions {
  readonly id: string;
  readonly request: TillRequest;
  readonly alone?: boolean;
  readonly decide: (record: RedemptionRecord, now: number) => Decision;
}

/** The first two without a lock; then locked, where only a race for one idempotency key can still come between. */
const ATTEMPTS = 4;

/**
 * Answers a repeated request as before, else carries out what `decide` decides: row, ledger, new code, message and till
 * event in one transaction. The first attempt decides on what this process remembers, the second on what it reads without
 * a lock; both write in one statement, which does nothing when the redemption is no longer so. Then it is locked first.
 * Throws `redemption_unknown`, `idempotency_key_reused`, what `decide` throws (nothing is kept then), and a decision's
 * `refusal` (everything is kept).
 */
export async function changeRedemption(
  context: RedemptionContext,
  options: ChangeOptions,
): Promise<RedemptionRecord> {
  const { kysely } = context.engine;
  const { id } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const changed =
        attempt === 1
          ? await changeRemembered(context, options)
          : attempt === 2
            ? await changeIn(context, null, options)
            : await kysely.transaction().execute((trx) => changeIn(context, trx, options));
      if (changed === null) continue;
      if (changed.refusal !== null) throw changed.refusal;
      return changed.record;
    } catch (error) {
      context.recent.forgetRecord(id);
      const raced = error instanceof Stale || violatedConstraint(error) === 'till_requests_pkey';
      if (!raced || attempt >= ATTEMPTS) throw error;
    }
  }
}

interface Changed {
  readonly record: RedemptionRecord;
  readonly refusal: SaksiError | null;
}

/** Null when nothing is remembered, or nothing that leads to a change: what is refused is refused on the truth. */
async function changeRemembered(context: RedemptionContext, options: ChangeOptions): Promise<Changed | null> {
  const { id, request, decide, alone = false } = options;
  const record = context.recent.recordOf(request.tillId, id);
  if (record === null) return null;
  const now = context.effects.clock.now();
  let decision: Decision;
  try {
    decision = decide(record, now);
  } catch {
    return null;
  }
  if (decision.do === 'nothing') return null;
  return carryOut(context, null, { record, decision, request, now, alone });
}

async function changeIn(
  context: RedemptionContext,
  /** Null: read without a lock, written by itself. */
  trx: Db | null,
  { id, request, decide, alone = false }: ChangeOptions,
): Promise<Changed> {
  const { tillId, idempotencyKey } = request;
  const lock = trx !== null;
  const record = await readRedemption(trx ?? context.engine.kysely, { id, tillId, idempotencyKey, lock });
  if (isRepeated(request, record.request)) return { record, refusal: null };
  const now = context.effects.clock.now();
  const decision = decide(record, now);
  if (decision.do === 'nothing') return { record, refusal: null };
  return carryOut(context, trx, { record, decision, request, now, alone });
}

interface Carry {
  readonly record: RedemptionRecord;
  readonly decision: Extract<Decision, { do: 'change' }>;
  readonly request: TillRequest;
  readonly now: number;
  readonly alone: boolean;
}

async function carryOut(
  context: RedemptionContext,
  db: Db | null,
  { record, decision, request, now, alone }: Carry,
): Promise<Changed> {
  const refusal = decision.refusal ?? null;
  const row = requestRow(request, record.redemption.id, refusal, now);
  const changed = await applyChange(context, db, record, decision, { now, request: row, alone });
  return { record: changed, refusal };
}

export interface ApplyOptions {
  readonly now: number;
  /** The remembered request as JSON, or null. */
  readonly request: string | null;
  readonly alone: boolean;
}

/** Writes a change and everything that goes with it, in one statement; `db`: of this transaction, or by itself. */
export async function applyChange(
  context: RedemptionContext,
  db: Db | null,
  record: RedemptionRecord,
  { patch, resend = false }: Extract<Decision, { do: 'change' }>,
  { now, request, alone }: ApplyOptions,
): Promise<RedemptionRecord> {
  const redemption = { ...record.redemption, ...patch };
  const changed = { ...record, redemption, delivery: resend ? null : record.delivery };
  const code = resend ? resendCode(context, changed, now) : null;
  const { status, tries_left, serial } = record.redemption;
  const item = {
    id: redemption.id,
    seen: { status, tries_left, serial },
    ...{ patch, request, alone, at: now },
    transfer: transferFor(record.redemption, redemption),
    ...codeFields(code),
    view: JSON.stringify(redemptionView(changed, now)),
  };
  const result = await context.statements.change(item, db).catch(throwCreditRefusal);
  const { available, delivery } = expectOutcome(result, 'changed');
  const hashes = code === null ? record.hashes : { ...record.hashes, [redemption.serial]: code.hash };
  const written = {
    ...changed,
    hashes,
    available: available ?? record.available,
    delivery: delivery ?? null,
  };
  context.recent.keepRecord(written);
  return written;
}

function resendCode(context: RedemptionContext, record: RedemptionRecord, now: number): IssuedCode {
  const { redemption, customer, policy } = record;
  const reach = codeReach(customer, policy);
  if (reach === null) throw new SaksiError('customer_without_phone');
  return issueCode(context, redemption, { customer, reach, policy, now });
}

/** The money follows the status: leaving the states that hold a reservation captures or releases it. */
function transferFor(before: RedemptionsTable, after: RedemptionsTable): 'capture' | 'release' | null {
  if (!holdsReservation(before.status) || holdsReservation(after.status)) return null;
  return after.status === 'captured' ? 'capture' : 'release';
}

/** The patch of a legal transition; throws `redemption_state` for an illegal one. */
export function transition(
  { redemption }: RedemptionRecord,
  event: RedemptionEvent,
  now: number,
): Pick<RedemptionsTable, 'status'> & Partial<RedemptionsTable> {
  const status = nextRedemptionStatus(redemption.status, event);
  if (status === null) throw new SaksiError('redemption_state', { params: { status: redemption.status } });
  if (status === 'authorised') return { status, authorised_at: now };
  return holdsReservation(status) ? { status } : { status, settled_at: now };
}
