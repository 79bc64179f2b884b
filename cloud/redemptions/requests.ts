import { timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import { ERROR_CODES, SaksiError } from '../../shared/errors.ts';
import { hmacSha256 } from '../codes/hmac.ts';
import type { Database, RequestOutcome } from '../db/schema.ts';
import type { RedemptionRecord } from './record.ts';

/**
 * Idempotency of a till's requests. A request that changed something is remembered by its key and a keyed hash of what was
 * asked; repeated, it gets the same outcome and changes nothing more. A refusal that changed nothing (a limit, too little
 * balance) is not remembered: the same request may go well later. The body itself is never kept: it may hold a code.
 */
export interface TillRequest {
  readonly tillId: string;
  readonly idempotencyKey: string;
  /** Over operation, subject and body. */
  readonly hash: Buffer;
}

export type Operation =
  | 'create'
  | 'verify'
  | 'resend'
  | 'capture'
  | 'cancel'
  | 'approval.create'
  | 'approval.code'
  | 'approval.cancel'
  | 'policy.change'
  | 'login.create'
  | 'login.resend'
  | 'login.verify';

/** `subject`: the redemption's or approval's id, or null for one yet to be made; `body`: the parsed body's values in a fixed order. */
export function tillRequest(
  idempotencyHmacKey: Uint8Array,
  {
    tillId,
    idempotencyKey,
    operation,
    subject,
    body,
  }: {
    tillId: string;
    idempotencyKey: string;
    operation: Operation;
    subject: string | null;
    body: readonly unknown[];
  },
): TillRequest {
  const hash = hmacSha256(idempotencyHmacKey)
    .update(JSON.stringify([operation, subject, body]))
    .digest();
  return { tillId, idempotencyKey, hash };
}

/** True when this very request was done before and went well. Throws what it threw then, or `idempotency_key_reused`. */
export function isRepeated(request: TillRequest, remembered: RedemptionRecord['request']): boolean {
  if (remembered === null) return false;
  if (!timingSafeEqual(request.hash, Buffer.from(remembered.hash, 'hex'))) {
    throw new SaksiError('idempotency_key_reused');
  }
  if (remembered.outcome !== null) throw outcomeError(remembered.outcome);
  return true;
}

/** The row of `till_requests` as JSON for the SQL functions (`bytea` in hex). */
export function requestRow(
  request: TillRequest,
  redemptionId: string,
  refusal: SaksiError | null,
  now: number,
): string {
  return JSON.stringify({
    till_id: request.tillId,
    idempotency_key: request.idempotencyKey,
    request_hash: `\\x${request.hash.toString('hex')}`,
    redemption_id: redemptionId,
    outcome: refusal === null ? null : { error: refusal.code, params: refusal.params },
    created_at: now,
  });
}

/** What was remembered under this key, whatever it was about. */
export async function readRemembered(
  db: Kysely<Database>,
  { tillId, idempotencyKey }: TillRequest,
): Promise<{ hash: string; outcome: RequestOutcome | null; approvalId: string | null } | null> {
  const row = await db
    .selectFrom('till_requests')
    .select(['request_hash', 'outcome', 'approval_id'])
    .where('till_id', '=', tillId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  if (row === undefined) return null;
  const hash = Buffer.from(row.request_hash).toString('hex');
  return { hash, outcome: row.outcome, approvalId: row.approval_id };
}

/** Remembers a request of an approval, or of neither kind. @returns false when the key was taken meanwhile */
export async function rememberRequest(
  trx: Kysely<Database>,
  request: TillRequest,
  { approvalId, refusal, now }: { approvalId: string | null; refusal: SaksiError | null; now: number },
): Promise<boolean> {
  const row = await trx
    .insertInto('till_requests')
    .values({
      till_id: request.tillId,
      idempotency_key: request.idempotencyKey,
      request_hash: request.hash,
      approval_id: approvalId,
      outcome: refusal === null ? null : JSON.stringify({ error: refusal.code, params: refusal.params }),
      created_at: now,
    })
    .onConflict((conflict) => conflict.columns(['till_id', 'idempotency_key']).doNothing())
    .returning('till_id')
    .executeTakeFirst();
  return row !== undefined;
}

function outcomeError({ error, params }: RequestOutcome): SaksiError {
  const code = ERROR_CODES.find((known) => known === error);
  if (code === undefined)
    return new SaksiError('internal', { cause: new Error(`remembered error ${error}`) });
  return new SaksiError(code, { params });
}
