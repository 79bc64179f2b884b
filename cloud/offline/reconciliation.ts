/** What the gateway has booked for a till in a time, for comparison with the till's own books. */
import type { z } from 'zod';
import type { ReconciliationAnswer, reconciliationQuerySchema } from '../../shared/offline.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { bookedCashSales } from '../shift/booked.ts';
import type { OfflineContext } from './context.ts';

const KEYS_MAX = 10_000;
const LOSSES_MAX = 1000;

/** Captured and offline redemptions by the till's own time (from ≤ time < to), cancelled ones by the gateway's. */
export function reconciliation(
  { engine }: OfflineContext,
  till: TillIdentity,
  { from, to }: z.infer<typeof reconciliationQuerySchema>,
): Promise<ReconciliationAnswer> {
  const { tillId } = till;
  // One snapshot: what is counted is what is named.
  return engine.kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const captured = trx
        .selectFrom('redemptions')
        .where('till_id', '=', tillId)
        .where('status', '=', 'captured')
        .where('till_settled_at', '>=', from)
        .where('till_settled_at', '<', to);
      const offline = trx
        .selectFrom('offline_redemptions')
        .where('till_id', '=', tillId)
        .where('spent_at', '>=', from)
        .where('spent_at', '<', to);
      const sums = (eb: typeof captured | typeof offline) =>
        (eb as typeof captured)
          .select((select) => ['asset', select.fn.countAll<number>().as('count')] as const)
          .select((select) => select.cast<number>(select.fn.sum('amount'), 'bigint').as('sum'))
          .groupBy('asset')
          .execute();
      const cancelled = await trx
        .selectFrom('redemptions')
        .select((select) => select.fn.countAll<number>().as('count'))
        .where('till_id', '=', tillId)
        .where('status', '=', 'released')
        .where('cancel_reason', 'is not', null)
        .where('settled_at', '>=', from)
        .where('settled_at', '<', to)
        .executeTakeFirst();
      const keys = [
        ...(await captured.select('id').orderBy('till_settled_at').orderBy('id').limit(KEYS_MAX).execute()),
        ...(await offline.select('id').orderBy('spent_at').orderBy('id').limit(KEYS_MAX).execute()),
      ];
      const losses = await offline
        .innerJoin('customers as c', 'c.id', 'offline_redemptions.customer_id')
        .select(['offline_redemptions.id', 'c.name', 'asset', 'amount', 'lost', 'sale_ref', 'spent_at'])
        .where('lost', '>', 0)
        .orderBy('spent_at')
        .orderBy('offline_redemptions.id')
        .limit(LOSSES_MAX)
        .execute();
      const head = await trx
        .selectFrom('audit_heads as h')
        .innerJoin('tills as t', 't.id', 'h.till_id')
        .select(['h.seq', 'h.hash', 'h.at'])
        .where('h.till_id', '=', tillId)
        .whereRef('h.paired_at', '=', 't.paired_at')
        .orderBy('h.seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return {
        gateway: {
          captured: tallies(await sums(captured)),
          offline: tallies(await sums(offline)),
          cancelled: { count: cancelled?.count ?? 0 },
        },
        cashSales: await bookedCashSales(trx, till, { from, to }),
        keys: keys.slice(0, KEYS_MAX).map(({ id }) => id),
        losses: losses.map((row) => ({
          redemptionId: row.id,
          customerName: row.name,
          asset: row.asset,
          // Both as the till said and the ledger took them: positive whole numbers.
          amount: row.amount as ReconciliationAnswer['losses'][number]['amount'],
          loss: row.lost as ReconciliationAnswer['losses'][number]['loss'],
          saleRef: row.sale_ref,
          at: row.spent_at,
        })),
        head: head ?? null,
      };
    });
}

function tallies(rows: readonly { asset: string; count: number; sum: number }[]) {
  const of = (asset: string) => {
    const row = rows.find((one) => one.asset === asset);
    return { count: row?.count ?? 0, sum: row?.sum ?? 0 };
  };
  return { deposit: of('deposit'), points: of('points') };
}
