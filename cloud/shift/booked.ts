import { sql } from 'kysely';
import type { z } from 'zod';
import type { cashSalesBookedSchema } from '../../shared/shift.ts';
import type { Trx } from '../offline/context.ts';
import type { TillIdentity } from '../redemptions/context.ts';

/** A till's cash sales by its own time (from ≤ time < to), beside what it was granted in that time by the gateway's. */
export async function bookedCashSales(
  trx: Trx,
  { tillId }: TillIdentity,
  { from, to }: { from: number; to: number },
): Promise<z.infer<typeof cashSalesBookedSchema>> {
  const { rows } = await sql<{ count: number; sum: number; flagged: number; granted: number }>`
    select count(*) as count, coalesce(sum(amount), 0)::bigint as sum,
      count(*) filter (where flags <> '[]'::jsonb) as flagged,
      (select coalesce(sum(uses), 0)::bigint from shift_grants
        where till_id = ${tillId}::uuid and issued_at >= ${from}::bigint and issued_at < ${to}::bigint) as granted
    from cash_sales
    where till_id = ${tillId}::uuid and opened_at >= ${from}::bigint and opened_at < ${to}::bigint`.execute(
    trx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate without its row');
  return row;
}
