import { SaksiError } from '../../shared/errors.ts';
import { type CodeKeys, matchCode } from '../codes/codes.ts';
import type { RedemptionsTable } from '../db/schema.ts';
import { type Decision, transition } from './change.ts';
import type { RedemptionRecord } from './record.ts';

/**
 * What a till's request means for a redemption in its present state. Pure: the caller holds the lock and writes.
 */
export function decideVerify(keys: CodeKeys, record: RedemptionRecord, code: string, now: number): Decision {
  const { redemption: row, hashes } = record;
  refuseFinished(row);
  const { code_digits: digits, tries_left: triesLeft } = row;
  if (row.status !== 'awaiting_code' || digits === null || triesLeft === null) {
    throw new SaksiError('redemption_state', { params: { status: row.status } });
  }
  if (isExpired(row, now)) {
    const refusal = new SaksiError('code_expired');
    return { do: 'change', patch: transition(record, 'lapse', now), refusal };
  }
  if (code.length !== digits || !/^\d+$/.test(code)) {
    throw new SaksiError('code_malformed', { params: { digits } });
  }
  const binding = { redemptionId: row.id, tillId: row.till_id, asset: row.asset, amount: row.amount };
  const serial = matchCode(keys, binding, hashes ?? {}, code);
  if (serial === row.serial) return { do: 'change', patch: transition(record, 'code_accepted', now) };
  if (serial !== null) throw new SaksiError('code_superseded');
  const left = triesLeft - 1;
  if (left > 0) {
    const refusal = new SaksiError('code_wrong', { params: { triesLeft: left } });
    return { do: 'change', patch: { tries_left: left }, refusal };
  }
  return {
    do: 'change',
    patch: { ...transition(record, 'tries_exhausted', now), tries_left: 0 },
    refusal: new SaksiError('code_tries_exhausted'),
  };
}

/** A code of a redemption that is past asking for one. */
function refuseFinished({ status, code_digits: digits }: RedemptionsTable): void {
  if (digits === null) return;
  if (status === 'authorised' || status === 'captured') throw new SaksiError('code_used');
  if (status === 'expired') throw new SaksiError('code_expired');
  if (status === 'failed') throw new SaksiError('code_tries_exhausted');
}

export function decideResend(record: RedemptionRecord, now: number): Decision {
  const { redemption: row, policy } = record;
  if (row.status !== 'awaiting_code') {
    throw new SaksiError('redemption_state', { params: { status: row.status } });
  }
  if (isExpired(row, now)) {
    const refusal = new SaksiError('code_expired');
    return { do: 'change', patch: transition(record, 'lapse', now), refusal };
  }
  if (row.serial >= (row.sends_max ?? 0)) throw new SaksiError('code_sends_exhausted');
  const waitMs = (row.resend_at ?? 0) - now;
  if (waitMs > 0) {
    throw new SaksiError('code_resend_too_early', { params: { seconds: Math.ceil(waitMs / 1000) } });
  }
  const ttlMs = row.code_ttl_ms ?? policy.codes.ttlSeconds * 1000;
  const resendAfterMs = row.resend_after_ms ?? policy.codes.resendAfterSeconds * 1000;
  return {
    do: 'change',
    patch: { serial: row.serial + 1, expires_at: now + ttlMs, resend_at: now + resendAfterMs },
    resend: true,
  };
}

export function decideCapture(
  record: RedemptionRecord,
  body: { settledAt: number; slip: 'printed' | 'pending' },
  now: number,
): Decision {
  if (record.redemption.status === 'captured') return { do: 'nothing' };
  const patch = { ...transition(record, 'capture', now), till_settled_at: body.settledAt, slip: body.slip };
  return { do: 'change', patch };
}

export function decideCancel(
  record: RedemptionRecord,
  reason: NonNullable<RedemptionsTable['cancel_reason']>,
  now: number,
): Decision {
  if (record.redemption.status === 'released') return { do: 'nothing' };
  return { do: 'change', patch: { ...transition(record, 'cancel', now), cancel_reason: reason } };
}

export function isExpired({ expires_at: expiresAt }: RedemptionsTable, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
