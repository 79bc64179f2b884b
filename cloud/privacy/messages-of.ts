/** The messages that went to a customer, by what is kept of each: its redemption, or the sealed address. */
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

type Db = Kysely<Database>;

/** Addresses are sealed, so each has to be opened: so many at once. */
const ROWS_AT_ONCE = 500;
/** To customers, beside their codes, which are found by their redemptions. */
const KINDS = ['notice', 'offline_spent', 'note'] as const;

export interface MessagesOfOptions {
  readonly db: Db;
  /** Of a message, as it was kept. */
  readonly recipient: (messageId: string, sealed: string) => string;
}

/** `addresses`: numbers in E.164, user ids, e-mail addresses. @returns ids, oldest first */
export async function messagesOf(
  { db, recipient }: MessagesOfOptions,
  {
    id,
    storeId,
    addresses,
  }: { readonly id: string; readonly storeId: string; readonly addresses: ReadonlySet<string> },
): Promise<string[]> {
  const codes = await db
    .selectFrom('messages as m')
    .innerJoin('redemptions as r', 'r.id', 'm.redemption_id')
    .select(['m.id', 'm.created_at'])
    .where('r.customer_id', '=', id)
    .execute();
  const found = codes.map((row) => ({ id: row.id, at: row.created_at }));
  for (const store of [storeId, null]) {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await db
        .selectFrom('messages')
        .select(['id', 'created_at', 'recipient_sealed'])
        // Of those that belong to no store, a store's customer may have been answered.
        .where('store_id', store === null ? 'is' : '=', store)
        .where('kind', 'in', KINDS)
        .where('recipient_sealed', '!=', '')
        .where('id', '>', after)
        .orderBy('id')
        .limit(ROWS_AT_ONCE)
        .execute();
      for (const row of rows) {
        if (addresses.has(recipient(row.id, row.recipient_sealed)))
          found.push({ id: row.id, at: row.created_at });
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_AT_ONCE) break;
      after = last.id;
    }
  }
  return found.sort((one, other) => one.at - other.at).map((row) => row.id);
}
