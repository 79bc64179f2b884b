import type { Kysely } from 'kysely';
import { policySchema } from '../../shared/policy.ts';
import type { ContactKey } from '../conversations/windows.ts';
import type { Database } from '../db/schema.ts';
import { addressOf } from '../staff/identities.ts';
import type { Address } from '../whatsapp/outgoing.ts';
import type { PlanInput } from './plan.ts';

/** All that a till's sealed codes depend on, as it stands. */
export type TillState = Awaited<ReturnType<typeof readTill>>;

export async function readTill(db: Kysely<Database>, contactKey: ContactKey, tillId: string, now: number) {
  const till = await db
    .selectFrom('tills as t')
    .innerJoin('stores as s', 's.id', 't.store_id')
    .leftJoin('sealed_stops as x', 'x.subject', 't.id')
    .select(['t.name as till', 't.store_id', 't.revoked_at', 'x.at as stopped_at'])
    .select(['s.name as store', 's.currency', 's.language', 's.timezone', 's.policy', 's.policy_version'])
    .where('t.id', '=', tillId)
    .executeTakeFirstOrThrow();
  // As the policy service completes it.
  const policy = policySchema.parse({ ...till.policy, version: till.policy_version });
  const allowed = policy.offline.enabled && till.revoked_at === null && till.stopped_at === null;
  const people = allowed ? await readPeople(db, contactKey, till.store_id, policy.offline.roles) : [];
  const held = await db
    .selectFrom('sealed_codes as c')
    .leftJoin('messages as m', 'm.id', 'c.message_id')
    .select(['c.id', 'c.staff_id', 'c.contact', 'c.expires_at', 'm.state'])
    .where('c.till_id', '=', tillId)
    .where('c.state', '=', 'unused')
    .orderBy('c.id')
    .execute();
  const plan: PlanInput = {
    policy: policy.offline,
    holders: people,
    held: held.map((code) => ({
      id: code.id,
      staffId: code.staff_id,
      contact: code.contact,
      expiresAt: code.expires_at,
      undelivered: code.state === 'failed',
    })),
    now,
  };
  return { ...till, policy, people, plan };
}

async function readPeople(
  db: Kysely<Database>,
  contactKey: ContactKey,
  storeId: string,
  roles: readonly ('supervisor' | 'manager')[],
) {
  const rows = await db
    .selectFrom('staff as s')
    .innerJoin('staff_identities as i', 'i.staff_id', 's.id')
    .leftJoin('sealed_stops as x', 'x.subject', 's.id')
    .select(['s.id', 'i.phone_e164', 'i.user_id'])
    .select((select) =>
      select
        .selectFrom('sealed_codes as c')
        .whereRef('c.staff_id', '=', 's.id')
        .select((inner) => inner.fn.max('c.issued_at').as('at'))
        .as('told_at'),
    )
    .where('s.store_id', '=', storeId)
    .where('s.active', '=', true)
    .where('s.role', 'in', [...roles])
    .where('x.subject', 'is', null)
    .orderBy('s.id')
    .execute();
  return rows.flatMap(({ id: staffId, phone_e164: phone, user_id: userId, told_at: toldAt }) => {
    const address: Address | null = addressOf({ staffId, active: true, phone, userId });
    return address === null ? [] : [{ staffId, address, contact: contactKey(address), toldAt }];
  });
}
