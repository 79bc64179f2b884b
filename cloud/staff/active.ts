import type { Kysely } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';

/** Somebody who is on the store's list now. @throws SaksiError staff_unknown */
export async function activeStaff(db: Kysely<Database>, storeId: string, staffId: string) {
  const staff = await db
    .selectFrom('staff')
    .select(['id', 'role', 'pin'])
    .where('id', '=', staffId)
    .where('store_id', '=', storeId)
    .where('active', '=', true)
    .executeTakeFirst();
  if (staff === undefined) throw new SaksiError('staff_unknown');
  return staff;
}
