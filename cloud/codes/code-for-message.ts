import { type Kysely, type Selectable, sql } from 'kysely';
import type { CodesTable, Database, RedemptionsTable } from '../db/schema.ts';
import { type CodeKeys, type CodeSeed, deriveCode } from './codes.ts';

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

type CodeRow = Pick<Selectable<CodesTable>, 'redemption_id' | 'serial' | 'nonce' | 'expires_at'> &
  Pick<Selectable<RedemptionsTable>, 'code_digits'>;

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
  // Each by its key: of all that wait for a code the planner knows nothing yet, and would look through them.
  const { rows } = await sql<CodeRow>`
    select x.id as redemption_id, r.serial, c.nonce, c.expires_at, r.code_digits
    from unnest(${requests.map(({ redemptionId }) => redemptionId)}::uuid[]) as x(id)
      cross join lateral (select status, serial, code_digits from redemptions where id = x.id offset 0) r
      cross join lateral (
        select nonce, expires_at from codes where redemption_id = x.id and serial = r.serial offset 0
      ) c
    where r.status = 'awaiting_code' and c.expires_at > ${now}::bigint`.execute(db);
  // One row for each redemption: its newest code.
  const byRedemption = new Map(rows.map((row) => [row.redemption_id, row]));
  return requests.map(({ redemptionId, serial }) => {
    const row = byRedemption.get(redemptionId);
    if (row === undefined || row.serial !== serial) return null;
    return codeOf(keys, { redemptionId, serial, nonce: row.nonce, digits: row.code_digits }, row.expires_at);
  });
}

/** Of what is kept with a redemption and its newest code. */
export function codeOf(
  keys: CodeKeys,
  { digits, ...rest }: Omit<CodeSeed, 'digits'> & { digits: number | null },
  expiresAt: number,
): SendableCode | null {
  return digits === null ? null : { code: deriveCode(keys, { ...rest, digits }), expiresAt };
}
