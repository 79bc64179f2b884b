import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type CodeKeys, deriveCode } from './codes.ts';

export interface SendableCode {
  readonly code: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Which code: message `serial` of a redemption. */
export interface CodeRequest {
  readonly redemptionId: string;
  readonly serial: number;
}

/**
 * The code of message `serial` at the moment of sending; null when nobody may use it any more: lapsed, superseded by a
 * newer one, or its redemption went on. The caller hands it to the channel and keeps it nowhere.
 */
export async function codeForMessage(
  db: Kysely<Database>,
  keys: CodeKeys,
  { now, ...request }: CodeRequest & { now: number },
): Promise<SendableCode | null> {
  return (await codesForMessages(db, keys, [request], now))[0] ?? null;
}

/** The same of many, in the order of the requests. @param now epoch ms */
export async function codesForMessages(
  db: Kysely<Database>,
  keys: CodeKeys,
  requests: readonly CodeRequest[],
  now: number,
): Promise<(SendableCode | null)[]> {
  const rows = await db
    .selectFrom('codes as c')
    .innerJoin('redemptions as r', 'r.id', 'c.redemption_id')
    .select(['c.redemption_id', 'c.serial', 'c.nonce', 'c.expires_at', 'r.code_digits'])
    .where(
      'c.redemption_id',
      'in',
      requests.map(({ redemptionId }) => redemptionId),
    )
    .where('c.expires_at', '>', now)
    .where('r.status', '=', 'awaiting_code')
    .whereRef('r.serial', '=', 'c.serial')
    .execute();
  // One row for each redemption: its newest code.
  const byRedemption = new Map(rows.map((row) => [row.redemption_id, row]));
  return requests.map(({ redemptionId, serial }) => {
    const row = byRedemption.get(redemptionId);
    if (row === undefined || row.serial !== serial || row.code_digits === null) return null;
    const seed = { redemptionId, serial, nonce: row.nonce, digits: row.code_digits };
    return { code: deriveCode(keys, seed), expiresAt: row.expires_at };
  });
}
