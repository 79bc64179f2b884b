import { sql } from 'kysely';
import { applyChange, transition } from './change.ts';
import type { RedemptionContext } from './context.ts';
import type { Trx } from './ports.ts';
import { readRedemption } from './record.ts';

/** Redemptions that one call expires at most; the next call takes the rest. */
const LAPSE_BATCH = 100;
const PRUNE_BATCH = 500;
/** A till repeats a request for as long as its outbox holds it; days, not weeks. */
const REQUEST_RETENTION_MS = 30 * 86_400_000;

/** Expires unverified redemptions whose code is past and gives the money back, each in a transaction of its own. */
export async function lapseDue(context: RedemptionContext): Promise<string[]> {
  const now = context.effects.clock.now();
  const due = await context.engine.kysely
    .selectFrom('redemptions')
    .select('id')
    .where('status', '=', 'awaiting_code')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(LAPSE_BATCH)
    .execute();
  const tillIds: string[] = [];
  for (const { id } of due) {
    const tillId = await context.engine.kysely
      .transaction()
      .execute((trx) => lapseOne(context, trx, id, now));
    if (tillId !== null) tillIds.push(tillId);
  }
  return tillIds;
}

/** The till's id; null when another process has it in hand, or it went on meanwhile (verified, sent again). */
async function lapseOne(
  context: RedemptionContext,
  trx: Trx,
  id: string,
  now: number,
): Promise<string | null> {
  const locked = await trx
    .selectFrom('redemptions')
    .select('id')
    .where('id', '=', id)
    .where('status', '=', 'awaiting_code')
    .where('expires_at', '<=', now)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (locked === undefined) return null;
  const record = await readRedemption(trx, { id, tillId: null });
  const decision = { do: 'change', patch: transition(record, 'lapse', now) } as const;
  await applyChange(context, trx, record, decision, { now, request: null, alone: false });
  return record.redemption.till_id;
}

export async function pruneRequests({ engine, effects }: RedemptionContext): Promise<number> {
  const before = effects.clock.now() - REQUEST_RETENTION_MS;
  const { rows } = await sql`delete from till_requests where (till_id, idempotency_key) in (
    select till_id, idempotency_key from till_requests where created_at < ${before}
    order by created_at limit ${PRUNE_BATCH}) returning 1`.execute(engine.kysely);
  return rows.length;
}
