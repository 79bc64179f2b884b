/** Takes out of everything what names a customer. The books stay: they know the customer by an id alone. */

import { type Selectable, sql } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import type { Erasure } from '../../shared/privacy.ts';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { ContactKey } from '../conversations/windows.ts';
import type { ErasuresTable } from '../db/privacy-tables.ts';
import type { CustomersTable } from '../db/schema.ts';
import type { Trx } from '../redemptions/ports.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import { ERASED_NAME } from './erased-name.ts';
import { addressesIn } from './export.ts';
import { type MessagesOfOptions, messagesOf } from './messages-of.ts';
import { lookAgainSoon } from './retention.ts';

export interface EraseWish {
  readonly customerId: string;
  readonly by: Erasure['by'];
  readonly note: string;
  /** The manager on whose word it is done although something is open. */
  readonly forcedBy: string | null;
  /** Epoch ms. */
  readonly now: number;
}

export interface ErasePorts {
  readonly recipient: MessagesOfOptions['recipient'];
  readonly contactKey: ContactKey;
}

/**
 * In the caller's transaction. Twice is as good as once. Throws `customer_has_open` {count} and `customer_has_balance`
 * {deposit, points} unless forced.
 */
export async function eraseCustomer(trx: Trx, ports: ErasePorts, wish: EraseWish): Promise<Erasure> {
  const { customerId, now } = wish;
  const customer = await trx
    .selectFrom('customers')
    .selectAll()
    .where('id', '=', customerId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const before = await readErasure(trx, customerId);
  if (before !== undefined) return before;
  const open = await openOf(trx, customerId);
  if (wish.forcedBy === null) refuseOpen(open);
  // Whoever tells a till of a message reads the name under its lock: what is told before is blanked here, what comes after has none.
  await sql`select 1 from tills where store_id = ${customer.store_id}::uuid order by id for no key update`.execute(
    trx,
  );
  const identities = await trx
    .selectFrom('customer_identities')
    .select(['kind', 'value'])
    .where('customer_id', '=', customerId)
    .execute();
  const addresses = addressesIn(customer, identities);
  const ids = await messagesOf(
    { db: trx, recipient: ports.recipient },
    { id: customerId, storeId: customer.store_id, addresses },
  );
  const { rows } = await sql<{ scrubbed: number }>`
    select scrub_messages(${ids}::uuid[], ${now}::bigint) as scrubbed`.execute(trx);
  const accounts = await trx.selectFrom('whatsapp_accounts').select('id').execute();
  const contacts = contactsOf(addresses, ports.contactKey, [
    DEFAULT_ACCOUNT,
    ...accounts.map(({ id }) => id),
  ]);
  const words = namesOf(customer, identities);
  await sql`select erase_customer(${customerId}::uuid, ${contacts}::text[], ${words}::text[], ${ERASED_NAME},
    ${now}::bigint)`.execute(trx);
  const row = await trx
    .insertInto('erasures')
    .values({
      customer_id: customerId,
      store_id: customer.store_id,
      at: now,
      carried_out_by: wish.by,
      note: wish.note,
      // A word that nothing needed is none.
      forced_by: isOpen(open) ? wish.forcedBy : null,
      open_redemptions: open.redemptions,
      deposit: open.deposit,
      points: open.points,
      messages: rows[0]?.scrubbed ?? 0,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await lookAgainSoon(trx, customer.store_id, now);
  return erasureOf(row);
}

export async function readErasure(trx: Trx, customerId: string): Promise<Erasure | undefined> {
  const row = await trx
    .selectFrom('erasures')
    .selectAll()
    .where('customer_id', '=', customerId)
    .executeTakeFirst();
  return row === undefined ? undefined : erasureOf(row);
}

/** The wallet's rows are locked: what is reserved or booked at the same time is seen, or comes after it. */
async function openOf(trx: Trx, customerId: string): Promise<Erasure['open']> {
  const accounts = await trx
    .selectFrom('accounts')
    .select(['asset', 'balance'])
    .where('customer_id', '=', customerId)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  const sum = (asset: string) =>
    accounts.filter((row) => row.asset === asset).reduce((total, row) => total + row.balance, 0);
  const { redemptions } = await trx
    .selectFrom('redemptions')
    .select(sql<number>`count(*)::int`.as('redemptions'))
    .where('customer_id', '=', customerId)
    .where('status', 'in', ['awaiting_code', 'authorised'])
    .executeTakeFirstOrThrow();
  return { redemptions, deposit: sum('deposit'), points: sum('points') };
}

function isOpen({ redemptions, deposit, points }: Erasure['open']): boolean {
  return redemptions !== 0 || deposit !== 0 || points !== 0;
}

function refuseOpen({ redemptions, deposit, points }: Erasure['open']): void {
  if (redemptions > 0) throw new SaksiError('customer_has_open', { params: { count: redemptions } });
  if (deposit !== 0 || points !== 0)
    throw new SaksiError('customer_has_balance', { params: { deposit, points } });
}

/** The keyed hashes by which whoever writes to us is kept, to whichever account they wrote. */
function contactsOf(
  addresses: ReadonlySet<string>,
  contactKey: ContactKey,
  accounts: readonly string[],
): string[] {
  const written = [...addresses]
    .filter((address) => !address.includes('@'))
    .map((address) => (address.startsWith('+') ? { phone: address } : { userId: address }));
  return [...new Set(accounts.flatMap((account) => written.map((address) => contactKey(address, account))))];
}

/** What names the customer in what people wrote down. A name of one or two letters would be found in every other word. */
function namesOf(
  { name, phone_e164: phone, email }: Selectable<CustomersTable>,
  identities: readonly { readonly value: string }[],
): string[] {
  const words = [
    // As messages to managers have it, too.
    ...[name, parameterText(name, 60), parameterText(name, 80)],
    ...[phone, phone?.slice(1) ?? null, email, ...identities.map(({ value }) => value)],
  ];
  return [...new Set(words.filter((word) => word !== null && word.trim().length >= 3))] as string[];
}

function erasureOf(row: Selectable<ErasuresTable>): Erasure {
  return {
    customerId: row.customer_id,
    storeId: row.store_id,
    at: row.at,
    by: row.carried_out_by,
    note: row.note,
    forcedBy: row.forced_by,
    open: { redemptions: row.open_redemptions, deposit: row.deposit, points: row.points },
    messages: row.messages,
  };
}
