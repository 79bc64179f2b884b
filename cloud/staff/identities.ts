import type { Contact, Db } from '../approvals/ports.ts';
import type { Sender } from '../conversations/windows.ts';
import type { Address } from '../whatsapp/outgoing.ts';

/** How a member of staff is known on WhatsApp: verified by an exchange, or the number vouched for by the operator. */
export interface Identity {
  readonly staffId: string;
  readonly active: boolean;
  /** E.164. */
  readonly phone: string | null;
  /** Business-scoped user id; tied by an exchange only. */
  readonly userId: string | null;
}

export async function identitiesOf(
  db: Db,
  staffIds: readonly string[],
): Promise<ReadonlyMap<string, Identity>> {
  if (staffIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('staff_identities as i')
    .innerJoin('staff as s', 's.id', 'i.staff_id')
    .select(['i.staff_id', 'i.phone_e164', 'i.user_id', 's.active'])
    .where('i.staff_id', 'in', [...staffIds])
    .execute();
  return new Map(
    rows.map((row) => [
      row.staff_id,
      { staffId: row.staff_id, active: row.active, phone: row.phone_e164, userId: row.user_id },
    ]),
  );
}

/** Number where there is one: a code can go nowhere else. */
export function addressOf({ phone, userId }: Identity): Address | null {
  if (phone !== null) return { phone };
  return userId === null ? null : { userId };
}

/**
 * Only who is verified can be reached. A number on the staff list that nobody verified still counts for telling that two
 * people are one: whoever asks may not approve from a phone that is theirs.
 */
export async function staffContacts(db: Db, staffIds: readonly string[]): Promise<Contact[]> {
  if (staffIds.length === 0) return [];
  const rows = await db
    .selectFrom('staff as s')
    .leftJoin('staff_identities as i', 'i.staff_id', 's.id')
    .select(['s.id', 's.phone_e164 as listed', 'i.phone_e164 as phone', 'i.user_id'])
    .where('s.id', 'in', [...staffIds])
    .execute();
  return rows.map(({ id, ...reach }) => contactOf(id, reach));
}

/** Number on the staff list; number and account that were verified. */
export interface Reach {
  readonly listed: string | null;
  readonly phone: string | null;
  readonly user_id: string | null;
}

export function contactOf(staffId: string, { listed, phone, user_id: userId }: Reach): Contact {
  return {
    staffId,
    phoneE164: phone,
    reachable: phone !== null || userId !== null,
    identities: [
      ...new Set([
        ...[listed, phone].filter((it) => it !== null).map((it) => `phone:${it}`),
        ...(userId === null ? [] : [`user:${userId}`]),
      ]),
    ],
  };
}

/** `conflict`: one of the two says that it is this person, and the other that it is not. */
export type SenderMatch = 'same' | 'conflict' | 'other';

/** Whether a webhook's sender is this person. An account that was never tied proves nothing, and disproves nothing. */
export function matchSender({ phone, userId }: Identity, sender: Sender): SenderMatch {
  const byPhone = compare(phone, sender.from === undefined ? null : `+${sender.from}`);
  const byUser = compare(userId, sender.userId ?? null);
  if (byPhone === 'same' || byUser === 'same') {
    return byPhone === 'other' || byUser === 'other' ? 'conflict' : 'same';
  }
  return 'other';
}

function compare(known: string | null, given: string | null): 'same' | 'other' | 'open' {
  if (known === null || given === null) return 'open';
  return known === given ? 'same' : 'other';
}

/** Everybody whom the sender might be: active, and by nothing contradicted. Ordered, so that the outcome is the same each time. */
export async function staffOf(db: Db, sender: Sender): Promise<string[]> {
  const rows = await db
    .selectFrom('staff_identities as i')
    .innerJoin('staff as s', 's.id', 'i.staff_id')
    .select(['i.staff_id', 'i.phone_e164', 'i.user_id', 's.active'])
    .where((where) =>
      where.or([
        where('i.phone_e164', '=', sender.from === undefined ? '' : `+${sender.from}`),
        where('i.user_id', '=', sender.userId ?? ''),
      ]),
    )
    .orderBy('i.staff_id')
    .limit(MATCHES_MAX)
    .execute();
  return rows
    .map((row) => ({
      staffId: row.staff_id,
      active: row.active,
      phone: row.phone_e164,
      userId: row.user_id,
    }))
    .filter((identity) => identity.active && matchSender(identity, sender) === 'same')
    .map(({ staffId }) => staffId);
}

/** One person may be on the staff list of several stores. */
const MATCHES_MAX = 20;

/** Where a store's managers are written to, in the order of their ids; whoever has no address is left out. */
export async function managerAddresses(db: Db, storeId: string): Promise<Address[]> {
  const managers = await db
    .selectFrom('staff')
    .select('id')
    .where('store_id', '=', storeId)
    .where('role', '=', 'manager')
    .where('active', '=', true)
    .orderBy('id')
    .execute();
  const ids = managers.map(({ id }) => id);
  const identities = await identitiesOf(db, ids);
  const addresses = ids.map((id) => {
    const identity = identities.get(id);
    return identity === undefined ? null : addressOf(identity);
  });
  return addresses.filter((address) => address !== null);
}
