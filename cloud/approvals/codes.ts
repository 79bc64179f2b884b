import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Random } from '../../shared/effects.ts';
import { type CodeKeys, createNonce, deriveCode } from '../codes/codes.ts';
import type { Database } from '../db/schema.ts';

/**
 * Codes that supervisors say at the till where nobody can tap. Each person asked has an own one, so that a code says who
 * said it. As with customers' codes nothing kept in the database gives one away.
 */
interface CodeOf {
  readonly approvalId: string;
  readonly staffId: string;
}

interface Seed extends CodeOf {
  readonly nonce: Uint8Array;
  readonly digits: number;
}

/** A code that differs from all of `taken` (of the same request): with 4 digits and 100 people it would happen. */
const DRAWS_MAX = 1000;

export function issueRecipientCode(
  keys: CodeKeys,
  random: Random,
  { approvalId, staffId, digits }: CodeOf & { digits: number },
  taken: ReadonlySet<string>,
): { nonce: Uint8Array; hash: Buffer; code: string } {
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const nonce = createNonce(random);
    const code = recipientCode(keys, { approvalId, staffId, nonce, digits });
    if (!taken.has(code)) return { nonce, hash: hashOf(keys, { approvalId, staffId }, code), code };
  }
  throw new Error('approval codes: no free one found');
}

export function recipientCode(keys: CodeKeys, { approvalId, staffId, nonce, digits }: Seed): string {
  // No redemption has such an id, so no customer's code is ever derived from the same text.
  return deriveCode(keys, { redemptionId: `approval/${approvalId}/${staffId}`, serial: 1, nonce, digits });
}

function hashOf(keys: CodeKeys, { approvalId, staffId }: CodeOf, code: string): Buffer {
  return createHmac('sha256', keys.verifyKey)
    .update(['approval', approvalId, staffId, code].join('\n'))
    .digest();
}

/** Whose code it is, or null. Every one is compared, in constant time, so that the time taken says nothing. */
export function matchRecipientCode(
  keys: CodeKeys,
  approvalId: string,
  recipients: readonly { readonly staff_id: string; readonly code_hash: string | null }[],
  code: string,
): string | null {
  let matched: string | null = null;
  for (const { staff_id: staffId, code_hash: hash } of recipients) {
    if (hash === null) continue;
    if (timingSafeEqual(hashOf(keys, { approvalId, staffId }, code), Buffer.from(hash, 'hex')))
      matched = staffId;
  }
  return matched;
}

/**
 * The code of a person asked, at the moment of sending; null when it is of no use any more (lapsed, decided), or the request
 * is answered by tapping. The caller hands it to the channel and keeps it nowhere.
 */
export async function codeForRecipient(
  db: Kysely<Database>,
  keys: CodeKeys,
  { ref, now }: { ref: string; now: number },
): Promise<{ code: string; expiresAt: number } | null> {
  const row = await db
    .selectFrom('approval_recipients as r')
    .innerJoin('approvals as a', 'a.id', 'r.approval_id')
    .select(['r.approval_id', 'r.staff_id', 'r.code_nonce', 'a.code_digits', 'a.expires_at'])
    .where('r.ref', '=', ref)
    .where('a.status', '=', 'pending')
    .where('a.expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined || row.code_nonce === null || row.code_digits === null) return null;
  const seed = {
    approvalId: row.approval_id,
    staffId: row.staff_id,
    nonce: row.code_nonce,
    digits: row.code_digits,
  };
  return { code: recipientCode(keys, seed), expiresAt: row.expires_at };
}
