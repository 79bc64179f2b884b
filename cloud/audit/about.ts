import type { AuditAbout } from '../../shared/audit/timeline.ts';
import type { ManagerScope } from './access.ts';
import type { AuditContext } from './context.ts';

const TILLS_MAX = 1_000;
const STAFF_MAX = 5_000;

/** Who and what a reader can narrow the list to; by name, whoever left after those who are there. */
export async function aboutList({ engine }: AuditContext, { storeId }: ManagerScope): Promise<AuditAbout> {
  const db = engine.kysely;
  const [store, tills, staff] = await Promise.all([
    db
      .selectFrom('stores')
      .select(['id', 'name', 'currency', 'timezone'])
      .where('id', '=', storeId)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('tills')
      .select(['id', 'name'])
      .where('store_id', '=', storeId)
      .orderBy('name')
      .limit(TILLS_MAX)
      .execute(),
    db
      .selectFrom('staff')
      .select(['id', 'name', 'role', 'active'])
      .where('store_id', '=', storeId)
      .orderBy('active', 'desc')
      .orderBy('name')
      .limit(STAFF_MAX)
      .execute(),
  ]);
  return { stores: [store], tills, staff };
}
