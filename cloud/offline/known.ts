/** What is known of everything that a batch of offline redemptions names, read at once. */
import { type Selectable, sql } from 'kysely';
import type { OfflineRedemption } from '../../shared/offline.ts';
import type { OfflineRedemptionsTable } from '../db/offline-tables.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import type { Trx } from './context.ts';

export type Known = Awaited<ReturnType<typeof readKnown>>;

/**
 * Takes what the batch needs locked, in the order that everybody keeps: the codes' locks first, then the accounts, lowest id
 * first. From then on nobody else books from these wallets.
 */
export async function readKnown(trx: Trx, till: TillIdentity, redemptions: readonly OfflineRedemption[]) {
  const { tillId, storeId } = till;
  const codeIds = redemptions.map(({ sealedCodeId }) => sealedCodeId);
  const customerIds = [...new Set(redemptions.map(({ customerId }) => customerId))];
  await lockCodes(trx, codeIds);
  const booked = await trx
    .selectFrom('offline_redemptions')
    .selectAll()
    .where(
      'id',
      'in',
      redemptions.map(({ id }) => id),
    )
    .execute();
  const codes = await trx
    .selectFrom('sealed_codes as c')
    .innerJoin('sealed_bundles as b', 'b.till_id', 'c.till_id')
    .select(['c.id', 'c.staff_id', 'c.state', 'c.last_serial', 'c.expires_at', 'c.ended_at', 'b.serial'])
    .where('c.id', 'in', codeIds)
    .where('c.till_id', '=', tillId)
    .execute();
  const place = await trx
    .selectFrom('tills as t')
    .innerJoin('stores as s', 's.id', 't.store_id')
    .select(['s.currency', 's.name as store', 's.language', 's.timezone', 't.name as till'])
    .where('t.id', '=', tillId)
    .where('s.id', '=', storeId)
    .executeTakeFirstOrThrow();
  const customers = await trx
    .selectFrom('customers')
    .select(['id', 'name', 'phone_e164', 'language'])
    .where('id', 'in', customerIds)
    .where('store_id', '=', storeId)
    .execute();
  const issues = await trx
    .selectFrom('sealed_issues')
    .select(['serial', 'limits'])
    .where('till_id', '=', tillId)
    .where('serial', 'in', [...new Set(redemptions.map(({ bundleSerial }) => bundleSerial))])
    .execute();
  const supervisors = await trx
    .selectFrom('staff')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(redemptions.map(({ supervisorId }) => supervisorId))])
    .execute();
  return {
    place,
    booked: byId<Selectable<OfflineRedemptionsTable>>(booked),
    codes: byId(codes),
    customers: byId(customers),
    supervisors: byId(supervisors),
    issues: new Map(issues.map(({ serial, limits }) => [serial, limits])),
    balances: await lockAccounts(trx, storeId, customerIds),
  };
}

/**
 * One after the other for each code. Not its row: whoever makes a bundle locks that while tills wait for the bundle, and
 * redemptions hold accounts while they wait for their till.
 */
async function lockCodes(trx: Trx, codeIds: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(key) from (
    select hashtextextended('offline/' || code, 0) as key from unnest(${codeIds}::text[]) as code order by key
  ) codes`.execute(trx);
}

/** What each wallet has available, by customer and asset. */
async function lockAccounts(
  trx: Trx,
  storeId: string,
  customerIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ customer_id: string | null; asset: string; balance: number }>`
    select customer_id, asset, balance from accounts
    where id in (
      select id from accounts where customer_id = any(${customerIds}::uuid[]) and kind = 'customer_available'
      union all
      select id from accounts where store_id = ${storeId}::uuid and customer_id is null
        and kind in ('store_redeemed', 'store_offline_loss')
    )
    order by id for no key update`.execute(trx);
  return new Map(
    rows.flatMap(({ customer_id: id, asset, balance }) =>
      id === null ? [] : [[walletKey(id, asset), balance] as const],
    ),
  );
}

export const walletKey = (customerId: string, asset: string) => `${customerId}/${asset}`;

function byId<T extends { readonly id: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}
