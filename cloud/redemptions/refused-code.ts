import { sql } from 'kysely';
import type { SaksiError } from '../../shared/errors.ts';
import type { TillIdentity } from './context.ts';
import type { Db } from './ports.ts';

/** Codes that are refused while nothing changes; a wrong one costs a try, and is noted with that by the database. */
const WHY: Readonly<Record<string, 'expired' | 'reused'>> = {
  code_expired: 'expired',
  code_used: 'reused',
  code_superseded: 'reused',
};

/** Notes for the audit list that a code was said that is none any more. */
export async function noteRefusedCode(
  db: Db,
  { tillId }: TillIdentity,
  { id, at, error }: { id: string; at: number; error: SaksiError },
): Promise<void> {
  const why = WHY[error.code];
  if (why === undefined) return;
  await sql`insert into audit_staged
    (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount, outcome, detail)
    select store_id, till_id, ${at}::bigint, 'code.wrong', staff_id, customer_id, sale_ref, id, asset, amount, 'refused',
      '{"triesLeft":' || coalesce(tries_left::text, 'null') || ',"why":"' || ${why}::text || '"}'
    from redemptions where id = ${id} and till_id = ${tillId}`.execute(db);
}
