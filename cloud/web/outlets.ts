/** Where a member of staff may read on the gateway's own pages, by the staff lists as they are now. */
import { type Kysely, sql } from 'kysely';
import type { WebRole } from '../../shared/web-api.ts';
import type { Database } from '../db/schema.ts';

export interface WebOutlet {
  readonly storeId: string;
  readonly name: string;
  /** Who they are on that store's list. */
  readonly staffId: string;
  readonly role: WebRole;
}

/**
 * Of somebody who is on the list of their own store: there, and wherever else the same verified number stands on it, as a manager or
 * a supervisor; by name. Each list's entry proved that number for itself, so that nobody gives a person what is not theirs.
 */
export async function outletsOf(db: Kysely<Database>, staffId: string): Promise<WebOutlet[]> {
  const { rows } = await sql<WebOutlet>`
    select distinct on (s.name, s.id) s.id as "storeId", s.name, f.id as "staffId", f.role
    from staff f join stores s on s.id = f.store_id
    where f.active and f.role in ('manager', 'supervisor')
      and exists (select 1 from staff own where own.id = ${staffId}::uuid and own.active)
      and (f.id = ${staffId}::uuid or f.id in (
        select other.staff_id from staff_identities mine join staff_identities other on other.phone_e164 = mine.phone_e164
        where mine.staff_id = ${staffId}::uuid))
    order by s.name, s.id, (f.id = ${staffId}::uuid) desc, f.role = 'manager' desc, f.id`.execute(db);
  return rows;
}
