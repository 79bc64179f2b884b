/**
 * How customers are known on WhatsApp: number, business-scoped user id and username, kept apart. An account is joined to a
 * customer only by a webhook that carried it together with the customer's number, or by one that told of a change.
 */
import { sql } from 'kysely';
import type { Trx } from '../approvals/ports.ts';
import type { Sender } from '../conversations/windows.ts';
import type { CustomerIdentitiesTable } from '../db/privacy-tables.ts';

type Kind = CustomerIdentitiesTable['kind'];

interface Known {
  readonly id: string;
  readonly store_id: string;
}

/** What a signed webhook showed of whoever wrote, at `at` (epoch ms), in the caller's transaction. */
export async function learnIdentities(
  trx: Trx,
  { from, userId, username }: Sender & { readonly username?: string },
  at: number,
): Promise<void> {
  if (userId === undefined) return;
  const joined = from === undefined ? [] : await byPhone(trx, `+${from}`);
  for (const customer of joined) await hold(trx, customer, 'user_id', userId, 'webhook', at);
  const people = joined.length > 0 ? joined : await byUserId(trx, userId);
  for (const customer of people) {
    if (joined.length === 0) await hold(trx, customer, 'user_id', userId, 'webhook', at);
    if (username !== undefined) await hold(trx, customer, 'username', username, 'webhook', at);
  }
}

/**
 * Meta told that somebody's number or account is another one from now on. A number that is another customer's in the store is
 * not taken over: a person has to look.
 * @returns the customers concerned
 */
export async function followChange(
  trx: Trx,
  before: Sender,
  after: { readonly phone?: string; readonly userId?: string },
  at: number,
): Promise<Known[]> {
  const found = [
    ...(before.from === undefined ? [] : await byPhone(trx, `+${before.from}`)),
    ...(before.userId === undefined ? [] : await byUserId(trx, before.userId)),
  ];
  const people = [...new Map(found.map((one) => [one.id, one])).values()];
  for (const customer of people) {
    if (after.userId !== undefined) await hold(trx, customer, 'user_id', after.userId, 'change', at);
    if (after.phone !== undefined) await changePhone(trx, customer, `+${after.phone}`, at);
  }
  return people;
}

async function changePhone(trx: Trx, customer: Known, phone: string, at: number): Promise<void> {
  const { rows } = await sql<{ before: string | null }>`
    with was as (select id, phone_e164 from customers where id = ${customer.id}::uuid for no key update)
    update customers c set phone_e164 = ${phone} from was
    where c.id = was.id and c.phone_e164 is distinct from ${phone} and not exists (
      select 1 from customers o where o.store_id = c.store_id and o.phone_e164 = ${phone})
    returning was.phone_e164 as before`.execute(trx);
  const [changed] = rows;
  if (changed === undefined) return;
  // The number before is kept as one that has ended, so that an old message is still found to be theirs.
  if (changed.before !== null) await hold(trx, customer, 'phone', changed.before, 'change', at);
  await hold(trx, customer, 'phone', phone, 'change', at);
}

/** Holds from now on; others of its kind have ended. */
async function hold(
  trx: Trx,
  { id, store_id: storeId }: Known,
  kind: Kind,
  value: string,
  evidence: CustomerIdentitiesTable['evidence'],
  at: number,
): Promise<void> {
  await trx
    .updateTable('customer_identities')
    .set({ ended_at: at })
    .where('customer_id', '=', id)
    .where('kind', '=', kind)
    .where('value', '!=', value)
    .where('ended_at', 'is', null)
    .execute();
  await trx
    .insertInto('customer_identities')
    .values({
      ...{ customer_id: id, store_id: storeId, kind, value, evidence },
      ...{ first_seen_at: at, last_seen_at: at, ended_at: null },
    })
    .onConflict((conflict) =>
      conflict.columns(['customer_id', 'kind', 'value']).doUpdateSet({
        last_seen_at: sql`greatest(customer_identities.last_seen_at, excluded.last_seen_at)`,
        ended_at: null,
      }),
    )
    .execute();
}

function byPhone(trx: Trx, phone: string): Promise<Known[]> {
  return trx
    .selectFrom('customers')
    .select(['id', 'store_id'])
    .where('phone_e164', '=', phone)
    .orderBy('id')
    .execute();
}

function byUserId(trx: Trx, userId: string): Promise<Known[]> {
  return trx
    .selectFrom('customer_identities as i')
    .innerJoin('customers as c', 'c.id', 'i.customer_id')
    .select(['c.id', 'c.store_id'])
    .where('i.kind', '=', 'user_id')
    .where('i.value', '=', userId)
    .where('i.ended_at', 'is', null)
    .where('c.erased_at', 'is', null)
    .orderBy('c.id')
    .execute();
}
