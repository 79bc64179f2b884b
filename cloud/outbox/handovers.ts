import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { OutboxMessage } from '../../shared/offline.ts';
import type { Database } from '../db/schema.ts';
import type { TillIdentity } from '../redemptions/context.ts';

/** A manager's word on what a till could not get taken. Append-only. */
export interface HandoversTable {
  /** The till's, and the idempotency key. */
  id: string;
  till_id: string;
  store_id: string;
  about: string;
  /** JSON, as the till kept it. */
  item: string;
  reason: string;
  note: string;
  staff_id: string;
  kept_at: number;
}

declare module '../db/schema.ts' {
  interface Database {
    handovers: HandoversTable;
  }
}

type HandedOver = Extract<OutboxMessage, { kind: 'handed_over' }>;

/** Twice is as good as once. Throws `staff_unknown`, `idempotency_key_reused`. */
export async function keepHandover(
  db: Kysely<Database>,
  { tillId, storeId }: TillIdentity,
  id: string,
  { about, item, reason, note, staffId }: HandedOver,
  now: number,
): Promise<void> {
  const known = await db
    .selectFrom('staff')
    .select('id')
    .where('id', '=', staffId)
    .where('store_id', '=', storeId)
    .executeTakeFirst();
  if (known === undefined) throw new SaksiError('staff_unknown');
  const row = { id, till_id: tillId, store_id: storeId, about, item, reason, note, staff_id: staffId };
  const inserted = await db
    .insertInto('handovers')
    .values({ ...row, kept_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted !== undefined) return;
  const { kept_at: _at, ...before } = await db
    .selectFrom('handovers')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (!isDeepStrictEqual(before, row)) throw new SaksiError('idempotency_key_reused');
}
