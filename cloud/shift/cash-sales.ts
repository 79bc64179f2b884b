/** What tills tell of the cash sales for which they opened their drawers. */
import type { Kysely } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { CashSale } from '../../shared/shift.ts';
import type { Database } from '../db/schema.ts';
import type { CashSaleFlag } from '../db/shift-tables.ts';
import type { Trx } from '../offline/context.ts';
import type { TillIdentity } from '../redemptions/context.ts';

/** A till's clock may be so far off from the gateway's before a time is called wrong. */
const CLOCK_SLACK_MS = 5 * 60_000;

/**
 * Keeps one opening; twice is as good as once. It has happened: what does not fit the grant is flagged, never refused.
 * Throws `idempotency_key_reused` where this id came before with other contents.
 */
export async function keepCashSale(
  db: Kysely<Database>,
  till: TillIdentity,
  sale: CashSale,
  now: number,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const flags = await flagsOf(trx, till, sale);
    const inserted = await trx
      .insertInto('cash_sales')
      .values({ ...rowOf(till, sale), flags: JSON.stringify(flags), kept_at: now })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted === undefined) await assertSame(trx, till, sale);
  });
}

function rowOf({ tillId, storeId }: TillIdentity, sale: CashSale) {
  return {
    ...{ id: sale.id, till_id: tillId, store_id: storeId, jti: sale.grantId, use_no: sale.useNo },
    ...{ staff_id: sale.staffId, started_by: sale.startedBy, sale_ref: sale.saleRef },
    ...{ amount: sale.amount, currency: sale.currency, opened_at: sale.openedAt },
  };
}

async function assertSame(trx: Trx, till: TillIdentity, sale: CashSale): Promise<void> {
  const wanted = rowOf(till, sale);
  const before = await trx
    .selectFrom('cash_sales')
    .selectAll()
    .where('id', '=', sale.id)
    .executeTakeFirstOrThrow();
  const fields = Object.keys(wanted) as (keyof typeof wanted)[];
  if (fields.some((field) => before[field] !== wanted[field])) throw new SaksiError('idempotency_key_reused');
}

async function flagsOf(trx: Trx, { tillId, storeId }: TillIdentity, sale: CashSale): Promise<CashSaleFlag[]> {
  const flags: CashSaleFlag[] = [];
  const note = (wrong: boolean, flag: CashSaleFlag) => {
    if (wrong) flags.push(flag);
  };
  const grant = await trx
    .selectFrom('shift_grants')
    .selectAll()
    .where('jti', '=', sale.grantId)
    .where('till_id', '=', tillId)
    // Of two sales that claim one use, the second sees the first.
    .forNoKeyUpdate()
    .executeTakeFirst();
  note(grant === undefined, 'grant_unknown');
  if (grant !== undefined) {
    note(sale.useNo > grant.uses, 'over_uses');
    note(sale.openedAt < grant.issued_at - CLOCK_SLACK_MS, 'outside_time');
    note(sale.openedAt >= grant.expires_at + CLOCK_SLACK_MS, 'outside_time');
    note(grant.staff_id !== null && grant.staff_id !== sale.staffId, 'other_person');
    note(grant.amount_max !== null && sale.amount > grant.amount_max, 'over_amount');
    note(grant.currency !== sale.currency, 'other_currency');
  }
  const same = await trx
    .selectFrom('cash_sales')
    .select('id')
    .where('jti', '=', sale.grantId)
    .where('use_no', '=', sale.useNo)
    .where('id', '!=', sale.id)
    .executeTakeFirst();
  note(same !== undefined, 'use_repeated');
  const person = await trx
    .selectFrom('staff')
    .select('id')
    .where('id', '=', sale.staffId)
    .where('store_id', '=', storeId)
    .executeTakeFirst();
  note(person === undefined, 'staff_unknown');
  return flags;
}
