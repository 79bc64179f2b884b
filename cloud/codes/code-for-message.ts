import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type CodeKeys, deriveCode } from './codes.ts';

export interface SendableCode {
  readonly code: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/**
 * The code of message `serial` at the moment of sending; null when nobody may use it any more: lapsed, superseded by a
 * newer one, or its redemption went on. The caller hands it to the channel and keeps it nowhere.
 */
export async function codeForMessage(
  db: Kysely<Database>,
  keys: CodeKeys,
  { redemptionId, serial, now }: { redemptionId: string; serial: number; now: number },
): Promise<SendableCode | null> {
  const row = await db
    .selectFrom('codes as c')
    .innerJoin('redemptions as r', 'r.id', 'c.redemption_id')
    .select(['c.nonce', 'c.expires_at', 'r.code_digits'])
    .where('c.redemption_id', '=', redemptionId)
    .where('c.serial', '=', serial)
    .where('c.expires_at', '>', now)
    .where('r.status', '=', 'awaiting_code')
    .whereRef('r.serial', '=', 'c.serial')
    .executeTakeFirst();
  if (row === undefined || row.code_digits === null) return null;
  const seed = { redemptionId, serial, nonce: row.nonce, digits: row.code_digits };
  return { code: deriveCode(keys, seed), expiresAt: row.expires_at };
}
