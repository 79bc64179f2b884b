import { sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import { holdsReservation, nextRedemptionStatus, type RedemptionEvent } from '../../shared/redemption.ts';
import { violatedConstraint } from '../db/errors.ts';
import type { RedemptionsTable } from '../db/schema.ts';
import type { RedemptionContext } from './context.ts';
import { expectOutcome, type IssuedCode, issueCode, type SqlOutcome } from './issue.ts';
import type { Db } from './ports.ts';
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

/** The first without a lock; then locked, where only a race for one idempotency key can still come between. */
const ATTEMPTS = 3;

/** Thrown when the redemption is no longer what the decision was based on. */
class Stale extends Error {}

/**
 * Answers a repeated request as before, else carries out what `decide` decides: row, ledger, new code, message and till
 * event in one transaction. The first attempt reads without a lock and writes in one statement, which does nothing when the
 * redemption changed meanwhile; then it is locked first. Throws `redemption_unknown`, `idempotency_key_reused`, what
 * `decide` throws (nothing is kept then), and a decision's `refusal` (everything is kept).
 */
export async function changeRedemption(
  context: RedemptionContext,
  options: ChangeOptions,
): Promise<RedemptionRecord> {
  const { kysely } = context.engine;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const lock = attempt > 1;
      const { record, refusal } = lock
        ? await kysely.transaction().execute((trx) => changeIn(context, trx, { ...options, lock }))
        : await changeIn(context, kysely, { ...options, lock });
      if (refusal !== null) throw refusal;
      return record;
    } catch (error) {
      const raced = error instanceof Stale || violatedConstraint(error) === 'till_requests_pkey';
      if (!raced || attempt >= ATTEMPTS) throw error;
    }
  }
}

async function changeIn(context: RedemptionContext, db: Db, options: ChangeOptions & { lock: boolean }) {
  const { id, request, decide, lock, alone = false } = options;
  const { tillId, idempotencyKey } = request;
  const record = await readRedemption(db, { id, tillId, idempotencyKey, lock });
  if (isRepeated(request, record.request)) return { record, refusal: null };
  const now = context.effects.clock.now();
  const decision = decide(record, now);
  if (decision.do === 'nothing') return { record, refusal: null };
  const refusal = decision.refusal ?? null;
  const row = requestRow(request, id, refusal, now);
  const changed = await applyChange(context, db, record, decision, { now, request: row, alone });
  return { record: changed, refusal };
}

export interface ApplyOptions {
  readonly now: number;
  /** The remembered request as JSON, or null. */
  readonly request: string | null;
  readonly alone: boolean;
}

/** Writes a change and everything that goes with it, in one statement. */
export async function applyChange(
  context: RedemptionContext,
  db: Db,
  record: RedemptionRecord,
  { patch, resend = false }: Extract<Decision, { do: 'change' }>,
  { now, request, alone }: ApplyOptions,
): Promise<RedemptionRecord> {
  const redemption = { ...record.redemption, ...patch };
  const changed = { ...record, redemption, delivery: resend ? null : record.delivery };
  const code = resend ? resendCode(context, changed, now) : null;
  const { status, tries_left, serial } = record.redemption;
  const { rows } = await sql<{ result: SqlOutcome }>`select redemption_change(${redemption.id},
    ${JSON.stringify({ status, tries_left, serial })}::jsonb, ${JSON.stringify(patch)}::jsonb, ${request}::jsonb,
    ${transferFor(record.redemption, redemption)}, ${now}, ${code?.row ?? null}::jsonb,
    ${code?.limits ?? null}::jsonb, ${alone},
    ${code?.message?.queue ?? null}, ${code?.message?.row ?? null}::jsonb,
    ${JSON.stringify(redemptionView(changed, now))}::jsonb) as result`.execute(db);
  if (rows[0]?.result.outcome === 'stale') throw new Stale();
  const { available } = expectOutcome(rows[0]?.result, 'changed');
  return { ...changed, available: available ?? record.available };
}

function resendCode(context: RedemptionContext, record: RedemptionRecord, now: number): IssuedCode {
  const { redemption, customer, policy } = record;
  if (customer.phone_e164 === null) throw new SaksiError('customer_without_phone');
  return issueCode(context, redemption, { customer, phoneE164: customer.phone_e164, policy, now });
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
